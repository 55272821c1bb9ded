//! The three kinds of answers: the provider's, our refusals, and calls that did not come through.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use dovetail_proxy::{ERROR, ProxyError};
use http::{HeaderValue, Method, header};

use super::watched_body::WatchedBody;
use crate::middleware::PassedOn;
use crate::wire::{ApiError, JSON_CONTENT_TYPE};

/// The provider's answer: nothing of ours is added to it.
pub(super) fn passed_on(response: http::Response<WatchedBody>) -> Response {
    let mut response = response.map(Body::new);
    response.extensions_mut().insert(PassedOn);
    response
}

/// A refusal of the server, before the proxy was asked.
pub(super) fn refused(error: ApiError) -> Response {
    let code = HeaderValue::from_static(error.code().row().wire);
    let mut response = error.into_response();
    response.headers_mut().insert(ERROR, code);
    response
}

/// A call that got no answer from the provider.
pub(super) fn not_forwarded(error: &ProxyError, method: &Method) -> Response {
    let (status, code) = error.wire();
    let mut response = (status, error.body(method).to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON_CONTENT_TYPE);
    headers.insert(ERROR, HeaderValue::from_static(code));
    response
}
