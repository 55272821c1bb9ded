//! `POST /dashboard/theme`: light, dark, or as the device has it.

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use http::header::{REFERER, SET_COOKIE};
use url::Url;

use super::cookies;
use super::error::PageError;
use super::form::Fields;
use super::limits::THEME_COOKIE;
use super::page::see_other;
use super::shell::THEMES;
use crate::state::AppState;

/// The theme the browser chose; anything unknown is the device's.
pub(crate) fn chosen(headers: &HeaderMap) -> &'static str {
    let given = cookies::read(headers, cookies::THEME);
    THEMES.into_iter().find(|theme| Some(*theme) == given).unwrap_or(THEMES[0])
}

/// Remembers the choice and shows the page again.
pub(crate) async fn choose(
    State(app): State<AppState>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, PageError> {
    let theme = THEMES.into_iter().find(|theme| *theme == fields.get("theme")).ok_or(PageError::Malformed)?;
    let mut response = see_other(&back(&headers));
    let https = app.config.public_url.scheme() == "https";
    if let Some(cookie) = cookies::set(cookies::THEME, theme, THEME_COOKIE, https) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The page the form stood on, when it is one of the dashboard.
fn back(headers: &HeaderMap) -> String {
    let referer = headers.get(REFERER).and_then(|value| value.to_str().ok());
    referer
        .and_then(|text| Url::parse(text).ok())
        .map(|url| url.path().to_owned())
        .filter(|path| path.starts_with("/dashboard/"))
        .unwrap_or_else(|| "/dashboard".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_dashboard_are_gone_back_to() {
        let mut headers = HeaderMap::new();
        headers.insert(REFERER, "http://localhost:3003/dashboard/dev/connections?q=1".parse().unwrap());
        assert_eq!(back(&headers), "/dashboard/dev/connections");
        headers.insert(REFERER, "http://evil.test//evil.test/x".parse().unwrap());
        assert_eq!(back(&headers), "/dashboard");
    }
}
