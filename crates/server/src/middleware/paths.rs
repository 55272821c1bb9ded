//! Paths as clients write them: any case, one trailing slash ignored (spec: http-api.md 1.1).

use std::sync::Arc;

use axum::extract::Request;
use http::Uri;
use http::uri::PathAndQuery;

/// The path as it was sent, without its trailing slash: parameters are read from it, so that they keep their case.
#[derive(Clone, Debug)]
pub(crate) struct WrittenPath(pub(crate) Arc<str>);

/// Fixed words of API paths. A segment that differs from one of them only by case is that word.
const WORDS: [&str; 53] = [
    "health",
    "ready",
    "env.js",
    "providers.json",
    "openapi.json",
    "metrics",
    "environments",
    "environment",
    "api-keys",
    "webhook-signing-key",
    "rotate",
    "environment-variables",
    "providers",
    "templates",
    "integrations",
    "quickstart",
    "config",
    "connect",
    "sessions",
    "reconnect",
    "session",
    "attempts",
    "pairing",
    "pair",
    "simulated",
    "telemetry",
    "connections",
    "connection",
    "metadata",
    "api-auth",
    "api-key",
    "basic",
    "auth",
    "tba",
    "two-step",
    "jwt",
    "bill",
    "signature",
    "aws-sigv4",
    "unauthenticated",
    "oauth-outbound",
    "oauth2",
    "oauth",
    "callback",
    "client-metadata",
    "app-auth",
    "proxy",
    "webhook",
    "mcp",
    "guides",
    "dashboard",
    "images",
    "template-logos",
];

/// Words after which the rest of the path belongs to somebody else and is left as it is.
const OPAQUE: [&str; 5] = ["proxy", "webhook", "dashboard", "guides", "assets"];

/// Rewrites the path for routing, keeping the written one in the request's extensions.
pub(crate) fn canonical_path(mut request: Request) -> Request {
    let path = request.uri().path();
    let written: Arc<str> = Arc::from(trim_slash(path));
    if let Some(canonical) = canonical(path)
        && let Some(uri) = with_path(request.uri(), &canonical)
    {
        *request.uri_mut() = uri;
    }
    request.extensions_mut().insert(WrittenPath(written));
    request
}

/// The path to route by; `None` when it is canonical already.
fn canonical(path: &str) -> Option<String> {
    let first = path.split('/').nth(1).unwrap_or_default().to_ascii_lowercase();
    // `/connect/` is a page whose relative links need its slash.
    let keep_slash = OPAQUE.contains(&first.as_str()) || path.eq_ignore_ascii_case("/connect/");
    let trimmed = if keep_slash { path } else { trim_slash(path) };
    let has_upper = path.bytes().any(|byte| byte.is_ascii_uppercase());
    if !has_upper {
        return (trimmed.len() != path.len()).then(|| trimmed.to_owned());
    }
    let opaque = OPAQUE.contains(&first.as_str());
    let segments: Vec<String> = trimmed
        .split('/')
        .enumerate()
        .map(|(at, segment)| if opaque && at > 1 { segment.to_owned() } else { canonical_word(segment) })
        .collect();
    Some(segments.join("/"))
}

fn canonical_word(segment: &str) -> String {
    WORDS.iter().find(|word| word.eq_ignore_ascii_case(segment)).map_or(segment, |word| *word).to_owned()
}

/// Without one trailing slash; the root keeps its own.
fn trim_slash(path: &str) -> &str {
    path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path)
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let path_and_query: PathAndQuery = match uri.query() {
        Some(query) => format!("{path}?{query}").parse().ok()?,
        None => path.parse().ok()?,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> String {
        canonical(path).unwrap_or_else(|| path.to_owned())
    }

    #[test]
    fn words_lose_their_case_and_parameters_keep_it() {
        assert_eq!(route("/Connections/AbC"), "/connections/AbC");
        assert_eq!(route("/API-Auth/Api-Key/Coda"), "/api-auth/api-key/Coda");
        assert_eq!(route("/PROXY/V1/Connect"), "/proxy/V1/Connect");
    }

    #[test]
    fn one_trailing_slash_is_ignored() {
        assert_eq!(route("/records/"), "/records");
        assert_eq!(route("/records//"), "/records/");
        assert_eq!(route("/"), "/");
        assert_eq!(route("/proxy/a/"), "/proxy/a/");
        assert_eq!(route("/connect/"), "/connect/");
    }

    #[test]
    fn the_query_stays() {
        let uri: Uri = "/Health/?a=B".parse().unwrap();
        assert_eq!(with_path(&uri, &route(uri.path())).unwrap(), "/health?a=B");
    }
}
