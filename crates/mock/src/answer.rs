//! What a provider says: the answer to its verification request, its refusal, and the simulator's own
//! errors.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::body::Body;
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

/// Header of every answer given in a provider's name: its id.
pub const SIMULATED: &str = "dovetail-simulated";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manners {
    /// Body of the answer to a good verification request.
    verified: Option<Value>,
    refused: Option<Refusal>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    status: u16,
    body: Value,
}

/// How providers are known to answer; who is not in it answers in a common way.
#[expect(clippy::expect_used, reason = "the file is part of the program and read by a test")]
static MANNERS: LazyLock<HashMap<String, Manners>> =
    LazyLock::new(|| serde_json::from_str(include_str!("answers.json")).expect("answers.json has its shape"));

/// 200 with a body as the provider gives it.
pub(crate) fn verified(provider: &str) -> Response<Body> {
    let common = json!({ "ok": true, "account": { "id": "demo", "name": "Demo account" } });
    let body = MANNERS.get(provider).and_then(|m| m.verified.as_ref()).unwrap_or(&common);
    json_response(StatusCode::OK, body)
}

/// The provider's refusal of credentials: 401 unless it is known for another status.
pub(crate) fn refused(provider: &str, basic: bool) -> Response<Body> {
    let refusal = MANNERS.get(provider).and_then(|m| m.refused.as_ref());
    let status =
        refusal.and_then(|r| StatusCode::from_u16(r.status).ok()).unwrap_or(StatusCode::UNAUTHORIZED);
    let common = json!({ "error": { "code": "unauthorized", "message": "The credentials are not valid." } });
    let mut response = json_response(status, refusal.map_or(&common, |r| &r.body));
    if status == StatusCode::UNAUTHORIZED {
        // RFC 9110 section 15.5.2: a 401 names a scheme.
        let scheme = if basic { "Basic realm=\"api\"" } else { "Bearer" };
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
    }
    response
}

/// The answer that a fault asked for.
pub(crate) fn faulty(status: u16, retry_after: Option<u64>) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let message = format!("The simulator was asked to answer {}.", status.as_u16());
    let mut response = error(status, "simulated_fault", &message);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// An error of the simulator itself.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    json_response(status, &json!({ "error": { "code": code, "message": message } }))
}

/// A JSON answer.
pub(crate) fn json_response(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_refusal_is_a_client_or_server_error() {
        assert!(!MANNERS.is_empty());
        for (provider, manners) in MANNERS.iter() {
            if let Some(refusal) = &manners.refused {
                assert!((400..600).contains(&refusal.status), "{provider}");
                assert!(refusal.body.is_object(), "{provider}");
            }
        }
    }

    #[test]
    fn a_401_names_its_scheme() {
        assert!(refused("coda", false).headers().contains_key(WWW_AUTHENTICATE));
        assert_eq!(refused("datadog", false).status(), StatusCode::FORBIDDEN);
        assert_eq!(refused("nobody", true).status(), StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn a_fault_can_carry_retry_after() {
        let response = faulty(429, Some(2));
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[RETRY_AFTER], "2");
    }
}
