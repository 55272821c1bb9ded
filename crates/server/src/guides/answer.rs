//! What all guide answers have in common: entity tag, caching, content policy.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::assets::{matches_tag, short_hash};

/// Guides change with the catalogue, which is reloaded while the server runs: five minutes is
/// what a corrected step may take to arrive.
const CACHE: &str = "public, max-age=300";

/// Pages hold text, our stylesheets and our icons; no script. Only our own pages may frame them.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'self'";

/// The forms in which a guide is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Html,
    Markdown,
    Json,
    Text,
}

impl Kind {
    fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Json => "application/json",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

/// Answers `body`, or 304 when the client has it already. The tag is weak: the body may travel
/// compressed.
pub(super) fn answer(kind: Kind, body: impl Into<Bytes>, request: &HeaderMap) -> Response {
    let body = body.into();
    let tag = format!("W/\"{}\"", short_hash(&body));
    let mut response = if matches_tag(request, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind.content_type()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(CACHE));
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    if kind == Kind::Html {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    }
    if let Ok(value) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, value);
    }
    response
}
