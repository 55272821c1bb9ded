//! The outermost: unexpected failures and panics become a 500 with an id that is also in the log.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use uuid::fmt::Hyphenated;

use crate::state::AppState;
use crate::wire::{Internal, JSON_CONTENT_TYPE, internal_body};

/// The id of a request: in its log lines, in `X-Request-Id` of the answer, and in the body of a 500.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) Arc<str>);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

impl RequestId {
    pub(super) fn fresh(app: &AppState) -> Self {
        let mut text = [0; Hyphenated::LENGTH];
        Self(Arc::from(&*app.random.uuid_v4().hyphenated().encode_lower(&mut text)))
    }
}

/// Runs a handler and answers in its place where it fails. The answer carries the request's id.
pub(super) async fn guarded(
    method: &Method,
    RequestId(id): RequestId,
    handler: impl Future<Output = Response>,
) -> Response {
    let outcome = AssertUnwindSafe(handler).catch_unwind().await;
    let mut response = match outcome {
        Ok(mut response) => match response.extensions_mut().remove::<Internal>() {
            None => response,
            Some(Internal { source, location }) => {
                tracing::error!(request.id = %id, http.method = %method, error.location = %location, error = %chain(&*source), "request failed");
                generic(response, &id)
            }
        },
        Err(panic) => {
            tracing::error!(request.id = %id, http.method = %method, panic = panic_text(&*panic), "handler panicked");
            generic(StatusCode::INTERNAL_SERVER_ERROR.into_response(), &id)
        }
    };
    // An answer of another server may name its own request.
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().entry(REQUEST_ID).or_insert(value);
    }
    response
}

/// The answer with its body replaced by the generic one.
fn generic(mut response: Response, id: &str) -> Response {
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().insert(header::CONTENT_TYPE, JSON_CONTENT_TYPE);
    *response.body_mut() = internal_body(id).into();
    response
}

/// An error with its causes, as one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}
