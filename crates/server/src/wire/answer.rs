//! Successful JSON answers.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Serialize;

use super::{ApiError, JSON_CONTENT_TYPE};

/// A JSON answer with its status. Unlike `axum::Json` it can carry any status and never panics: a value that cannot
/// be serialised becomes the generic 500.
#[derive(Debug)]
pub struct Answer<T>(pub StatusCode, pub T);

/// 200 with a JSON body.
pub fn ok<T: Serialize>(body: T) -> Answer<T> {
    Answer(StatusCode::OK, body)
}

/// 200 with a body that is JSON text already.
pub(crate) fn json_text(body: impl IntoResponse) -> impl IntoResponse {
    (StatusCode::OK, [(header::CONTENT_TYPE, JSON_CONTENT_TYPE)], body)
}

/// 204 without a body.
pub fn no_content() -> StatusCode {
    StatusCode::NO_CONTENT
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.1) {
            Ok(body) => (self.0, [(header::CONTENT_TYPE, JSON_CONTENT_TYPE)], body).into_response(),
            Err(error) => ApiError::internal(error).into_response(),
        }
    }
}
