//! The shell: head, skeleton and the sentence for browsers without scripts.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, VARY};
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;

use super::language::{Language, choose_language};
use crate::config::ServerConfig;
use crate::state::AppState;
use crate::wire::{ApiError, ApiResult};

/// The parts of the query that the shell itself reads; the scripts read the rest.
#[derive(Deserialize)]
pub(super) struct Asked {
    lang: Option<String>,
    theme: Option<String>,
}

#[derive(Template)]
#[template(path = "connect_ui/page.html")]
struct Page<'a> {
    language: &'a Language,
    theme: &'a str,
    base: &'a str,
    api_origins: String,
    simulate: bool,
}

/// `GET /connect/…`: the same page everywhere. Nothing of the visitor is in it, but its address
/// may hold a session token: it is not stored and never sent on as a referrer.
pub(super) async fn page(
    State(app): State<AppState>,
    query: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let asked = query.map_or(Asked { lang: None, theme: None }, |Query(asked)| asked);
    let accept = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let page = Page {
        language: choose_language(asked.lang.as_deref(), accept),
        theme: match asked.theme.as_deref() {
            Some("light") => "light",
            Some("dark") => "dark",
            _ => "system",
        },
        base: app.config.public_url.path().trim_end_matches('/'),
        api_origins: app.config.public_origin(),
        simulate: app.config.simulates(),
    };
    let html = page.render().map_err(ApiError::internal)?;
    let mut response = Html(html).into_response();
    let out = response.headers_mut();
    out.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    out.insert(VARY, HeaderValue::from_static("Accept-Language"));
    out.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    out.insert(CONTENT_SECURITY_POLICY, policy(&app.config).map_err(ApiError::internal)?);
    Ok(response)
}

/// Everything from this server, nothing inline. Any site may embed the page unless the operator
/// names the ones that may. The server's public origin is listed beside 'self' for those who
/// reach it under another name.
fn policy(config: &ServerConfig) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    let public = config.public_origin();
    let mut policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {public}; \
         connect-src 'self' {public}; base-uri 'none'; form-action 'none'"
    );
    if !config.embedding_origins.is_empty() {
        policy.push_str("; frame-ancestors 'self' ");
        policy.push_str(&config.embedding_origins.join(" "));
    }
    HeaderValue::from_str(&policy)
}
