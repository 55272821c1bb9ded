//! The dashboard's cookies. All are `HttpOnly`, `SameSite=Lax`, bound to `/dashboard`, and `Secure`
//! when the public URL is https.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header::COOKIE};

/// Holds the session token of a signed-in browser.
pub(crate) const SESSION: &str = "dovetail_session";
/// Holds a random value to which the forms before sign-in are bound.
pub(crate) const DOOR: &str = "dovetail_door";
/// Holds the chosen theme.
pub(crate) const THEME: &str = "dovetail_theme";

/// Longest value read, in bytes: ours are shorter.
const MAX_VALUE: usize = 128;

/// The value of a cookie the browser sent.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(given, value)| *given == name && !value.is_empty() && value.len() <= MAX_VALUE)
        .map(|(_, value)| value)
}

/// A `Set-Cookie` value. A `max_age` of zero removes the cookie.
pub(crate) fn set(name: &str, value: &str, max_age: Duration, https: bool) -> Option<HeaderValue> {
    let secure = if https { "; Secure" } else { "" };
    let seconds = max_age.as_secs();
    let mut header = HeaderValue::from_str(&format!(
        "{name}={value}; Path=/dashboard; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    ))
    .ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; dovetail_session=tok"));
        assert_eq!(read(&headers, SESSION), Some("tok"));
        assert_eq!(read(&headers, DOOR), None);
    }

    #[test]
    fn cookies_are_closed_to_scripts_and_other_sites() {
        let plain = set(SESSION, "tok", Duration::from_mins(1), false).unwrap();
        assert_eq!(
            plain.to_str().unwrap(),
            "dovetail_session=tok; Path=/dashboard; Max-Age=60; HttpOnly; SameSite=Lax"
        );
        assert!(
            set(SESSION, "tok", Duration::from_mins(1), true)
                .unwrap()
                .to_str()
                .unwrap()
                .ends_with("; Secure")
        );
    }
}
