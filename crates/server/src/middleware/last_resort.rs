//! The outermost layer: unexpected failures and panics become a 500 with an id that is also in the log.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::{StatusCode, header};

use crate::state::AppState;
use crate::wire::{Internal, JSON_CONTENT_TYPE, internal_body};

/// Logs what no handler expected, once, and answers a generic sentence.
pub(crate) async fn last_resort(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let outcome = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let (id, mut response) = match outcome {
        Ok(mut response) => {
            let Some(internal) = response.extensions_mut().remove::<Internal>() else { return response };
            let id = app.random.uuid_v4().to_string();
            let Internal { source, location } = internal;
            tracing::error!(error.id = %id, http.method = %method, error.location = %location, error = %chain(&*source), "request failed");
            (id, response)
        }
        Err(panic) => {
            let id = app.random.uuid_v4().to_string();
            tracing::error!(error.id = %id, http.method = %method, panic = panic_text(&*panic), "handler panicked");
            (id, StatusCode::INTERNAL_SERVER_ERROR.into_response())
        }
    };
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().insert(header::CONTENT_TYPE, JSON_CONTENT_TYPE);
    *response.body_mut() = internal_body(&id).into();
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
