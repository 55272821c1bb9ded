//! Routes that speak JSON refuse other content types, before authentication (spec: http-api.md 1.2).

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header;
use http_body_util::{BodyExt as _, Limited};

use crate::limits::{BODY_IDLE_TIMEOUT, MAX_STRANGERS_BODY};
use crate::wire::{ApiError, ErrorCode};

/// First path segments whose routes are guarded.
const GUARDED: [&str; 18] = [
    "api-auth",
    "auth",
    "providers",
    "environments",
    "integrations",
    "connection",
    "connections",
    "environment-variables",
    "environment",
    "sync",
    "cli",
    "records",
    "mcp",
    "scripts",
    "functions",
    "action",
    "connect",
    "v1",
];

/// Answers 415 when a guarded route is sent a content type other than JSON. A missing or empty one passes.
pub(super) async fn guard_content_type(request: Request, next: Next) -> Response {
    if is_guarded(request.uri().path()) && !is_json_or_absent(&request) {
        drain(request.into_body()).await;
        return ApiError::new(ErrorCode::InvalidContentType).into_response();
    }
    next.run(request).await
}

/// Reads a modest body before it is refused: a client that is still sending when the connection closes sees a broken
/// pipe instead of the answer. A larger one has to live with that.
async fn drain(body: Body) {
    let reading = Limited::new(body, MAX_STRANGERS_BODY).collect();
    if let Ok(Err(error)) = tokio::time::timeout(BODY_IDLE_TIMEOUT, reading).await {
        tracing::debug!(%error, "a refused body was not read to its end");
    }
}

fn is_guarded(path: &str) -> bool {
    let mut segments = path.split('/').skip(1);
    let (first, second) = (segments.next().unwrap_or_default(), segments.next());
    match (first, second) {
        ("oauth", Some("connect")) => true,
        // The latter is a page with a form.
        ("auth", Some("oauth-outbound")) | ("connect", Some("pair")) => false,
        (first, _) => GUARDED.contains(&first),
    }
}

fn is_json_or_absent(request: &Request) -> bool {
    let Some(value) = request.headers().get(header::CONTENT_TYPE) else { return true };
    value.is_empty() || value.as_bytes().starts_with(b"application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_whole_segments() {
        for guarded in
            ["/connections", "/connection/x", "/oauth/connect/x", "/auth/tba/x", "/connect/session"]
        {
            assert!(is_guarded(guarded), "{guarded}");
        }
        for open in
            ["/config/x", "/proxy/x", "/oauth/callback", "/auth/oauth-outbound/x", "/oauth2/auth/x", "/"]
        {
            assert!(!is_guarded(open), "{open}");
        }
    }
}
