//! The page on which the provider's window ends: it tells the page that opened it, and the person.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, VARY, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::Outcome;
use crate::config::ServerConfig;
use crate::connect_ui::language::{Language, choose_language};
use crate::wire::ApiError;

#[derive(Template)]
#[template(path = "popup/result.html")]
struct ResultPage<'a> {
    language: &'a Language,
    base: &'a str,
    own_origin: String,
    error: Option<(&'a str, &'a str)>,
    simulate: bool,
}

/// Nothing inline, nothing from elsewhere, nobody may frame it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The page. It says what came of the attempt, never with what: neither code nor state nor tokens are in it. Its opener
/// stays within reach: there is no `Cross-Origin-Opener-Policy`.
pub(crate) fn result_page(config: &ServerConfig, headers: &HeaderMap, outcome: &Outcome) -> Response {
    let accept = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let (status, error) = match outcome {
        Outcome::Success { .. } => (StatusCode::OK, None),
        Outcome::Error { error_type, error_desc, .. } => {
            (StatusCode::BAD_REQUEST, Some((error_type.as_str(), error_desc.as_str())))
        }
    };
    let page = ResultPage {
        language: choose_language(None, accept),
        base: config.public_url.path().trim_end_matches('/'),
        own_origin: config.public_origin(),
        error,
        simulate: config.simulates(),
    };
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => return ApiError::internal(error).into_response(),
    };
    let mut response = (status, Html(html)).into_response();
    let out = response.headers_mut();
    out.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    out.insert(VARY, HeaderValue::from_static("Accept-Language"));
    out.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    out.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    out.insert(CONTENT_SECURITY_POLICY, POLICY);
    response
}
