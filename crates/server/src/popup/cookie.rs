//! The cookie that binds a flow to the browser which began it: the answer of a provider counts only there.

use dovetail_model::Secret;
use http::{HeaderMap, HeaderValue};

use crate::config::ServerConfig;
use crate::dashboard::cookies;
use crate::limits::FLOW_LIFETIME;

/// Several flows of one browser do not disturb each other: each cookie is named after a part of its state.
const NAME: &str = "dovetail_flow_";
/// Letters of the state in the name: enough to tell a browser's flows apart, too few to guess the rest.
const NAME_CHARS: usize = 8;

fn name(state: &str) -> Option<String> {
    let part = state.get(..NAME_CHARS).filter(|part| part.bytes().all(|b| b.is_ascii_alphanumeric()))?;
    Some(format!("{NAME}{part}"))
}

/// `Set-Cookie` for a new flow. A provider may answer by a form that its page posts (`response_mode=form_post`), which
/// carries only cookies of `SameSite=None`; those have to be `Secure`.
pub(crate) fn bind(config: &ServerConfig, state: &str, value: &Secret) -> Option<HeaderValue> {
    let name = name(state)?;
    let site = if config.public_url.scheme() == "https" { "SameSite=None; Secure" } else { "SameSite=Lax" };
    let seconds = FLOW_LIFETIME.as_secs();
    let value = value.expose();
    let mut header =
        HeaderValue::from_str(&format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; {site}"))
            .ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// The value that the browser brings back for this state.
pub(crate) fn bound(headers: &HeaderMap, state: &str) -> Option<Secret> {
    cookies::read(headers, &name(state)?).map(Secret::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_closed_to_scripts_and_reads_back() {
        let https = ServerConfig::new("https://dovetail.test".parse().unwrap());
        let cookie = bind(&https, "0123456789ab", &"v".into()).unwrap();
        assert_eq!(
            cookie.to_str().unwrap(),
            "dovetail_flow_01234567=v; Path=/; Max-Age=3600; HttpOnly; SameSite=None; Secure"
        );
        let http = ServerConfig::new("http://localhost:3003".parse().unwrap());
        assert!(
            bind(&http, "0123456789ab", &"v".into()).unwrap().to_str().unwrap().ends_with("SameSite=Lax")
        );
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_static("dovetail_flow_01234567=v"));
        assert_eq!(bound(&headers, "01234567zz"), Some("v".into()));
        assert_eq!(bound(&headers, "é1234567"), None);
    }
}
