//! Request and access tokens of OAuth 1.0a (RFC 5849). Signatures are not checked: the consumer's secret is not known
//! here.

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use url::form_urlencoded::Serializer;

use super::book::{Book, Consent};
use crate::answer;
use crate::received::Received;
use crate::signature::oauth_param;

/// The token that stands for an authorized account.
pub(crate) const OAUTH_TOKEN: &str = "demo-oauth-token";
/// Its secret.
pub(crate) const OAUTH_TOKEN_SECRET: &str = "demo-oauth-token-secret";

/// A request token.
pub(crate) fn request_token(book: &Book, request: &Received) -> Response<Body> {
    if field(request, "oauth_consumer_key").is_none() || field(request, "oauth_signature").is_none() {
        return answer::error(StatusCode::UNAUTHORIZED, "unauthorized", "The request is not signed.");
    }
    let token = book.code(Consent { redirect_uri: field(request, "oauth_callback"), ..Consent::default() });
    let secret = format!("{token}-secret");
    form(&[("oauth_token", &token), ("oauth_token_secret", &secret), ("oauth_callback_confirmed", "true")])
}

/// The access token of an authorized request token; good once.
pub(crate) fn access_token(book: &Book, request: &Received) -> Response<Body> {
    let (token, verifier) = (field(request, "oauth_token"), field(request, "oauth_verifier"));
    let authorized = match (token, verifier) {
        (Some(token), Some(given)) => given == verifier_of(&token) && book.redeem(&token).is_ok(),
        _ => false,
    };
    if !authorized {
        return answer::error(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "The token is not authorized, or was used.",
        );
    }
    form(&[("oauth_token", OAUTH_TOKEN), ("oauth_token_secret", OAUTH_TOKEN_SECRET), ("user_id", "demo")])
}

/// The verifier of a request token.
pub(super) fn verifier_of(token: &str) -> String {
    format!("{token}-verifier")
}

/// A protocol parameter of the `Authorization` header.
fn field(request: &Received, name: &str) -> Option<String> {
    oauth_param(request.header("authorization")?, name)
}

fn form(pairs: &[(&str, &str)]) -> Response<Body> {
    let body = Serializer::new(String::new()).extend_pairs(pairs).finish();
    let mut response = Response::new(Body::from(body));
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
