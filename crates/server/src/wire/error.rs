//! The one error type of handlers and its rendering on the wire.
//!
//! A 4xx is made from an [`ErrorCode`] and never logged at error level. Everything else converts by `From` into
//! an internal failure: its text goes to the log, the client gets a generic sentence and the id of the log line.

use std::error::Error as StdError;
use std::panic::Location;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use dovetail_store::StoreError;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use super::{Envelope, ErrorCode};
use crate::validate::Issue;

/// What handlers return.
pub type ApiResult<T> = Result<T, ApiError>;

/// An error on its way to a client (spec: http-api.md 1.8).
#[derive(Debug, thiserror::Error)]
#[error("{}", code.row().wire)]
pub struct ApiError {
    code: ErrorCode,
    detail: Box<Detail>,
}

#[derive(Debug, Default)]
struct Detail {
    status: Option<StatusCode>,
    envelope: Option<Envelope>,
    message: Option<String>,
    issues: Vec<Issue>,
    payload: Option<Value>,
    extra: Map<String, Value>,
    headers: HeaderMap,
    internal: Option<Internal>,
}

/// The cause of a 500, kept for the log. It travels in the response's extensions to the outermost middleware,
/// which logs it with an id and writes the body.
#[derive(Clone, Debug)]
pub(crate) struct Internal {
    pub(crate) source: Arc<dyn StdError + Send + Sync>,
    pub(crate) location: &'static Location<'static>,
}

impl ApiError {
    /// An error with the default status, envelope and sentence of its code.
    pub fn new(code: ErrorCode) -> Self {
        Self { code, detail: Box::default() }
    }

    /// 404 `not_found` with a sentence that names what is missing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound).message(message)
    }

    /// 400 `invalid_body` with a sentence instead of a list of issues: a rule that spans more than the schema.
    pub fn invalid_body(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidBody).message(message)
    }

    /// 400 with a list of issues; `code` says where they were found.
    pub fn validation(code: ErrorCode, issues: Vec<Issue>) -> Self {
        let mut error = Self::new(code);
        error.detail.issues = issues;
        error
    }

    /// A failure nobody expects. The text of `source` reaches the log only, never the client.
    #[track_caller]
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(ErrorCode::GenericErrorSupport);
        error.detail.internal =
            Some(Internal { source: Arc::from(source.into()), location: Location::caller() });
        error
    }

    /// Replaces the code, keeping sentence and payload: for clients that know a cause by another name.
    pub fn with_code(mut self, code: ErrorCode) -> Self {
        self.code = code;
        self
    }

    /// Replaces the default sentence.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.detail.message = Some(message.into());
        self
    }

    /// Replaces the default status, for the few codes whose status follows an upstream answer.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.detail.status = Some(status);
        self
    }

    /// Answers in the long envelope although the code's default is the short one.
    pub fn long(mut self) -> Self {
        self.detail.envelope = Some(Envelope::Long);
        self
    }

    /// Adds `error.payload`.
    pub fn payload(mut self, payload: Value) -> Self {
        self.detail.payload = Some(payload);
        self
    }

    /// Adds another member to the `error` object.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.detail.extra.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a response header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.detail.headers.insert(name, value);
        self
    }

    /// The code of this error.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The HTTP status of this error.
    pub fn http_status(&self) -> StatusCode {
        self.detail.status.unwrap_or(self.code.row().status)
    }

    /// The sentence of this error; empty when it has none.
    pub fn text(&self) -> &str {
        self.detail.message.as_deref().unwrap_or(self.code.row().message)
    }

    /// The validation issues of this error.
    pub fn issues(&self) -> &[Issue] {
        &self.detail.issues
    }

    fn body(&self) -> Value {
        let row = self.code.row();
        let mut error = Map::new();
        match self.detail.envelope.unwrap_or(row.envelope) {
            Envelope::Long => {
                error.insert("message".to_owned(), json!(self.text()));
                error.insert("code".to_owned(), json!(row.wire));
                error.insert("payload".to_owned(), self.detail.payload.clone().unwrap_or_else(|| json!({})));
            }
            Envelope::Short => {
                error.insert("code".to_owned(), json!(row.wire));
                if !self.detail.issues.is_empty() {
                    error.insert("errors".to_owned(), json!(self.detail.issues));
                } else if !self.text().is_empty() {
                    error.insert("message".to_owned(), json!(self.text()));
                }
                if let Some(payload) = &self.detail.payload {
                    error.insert("payload".to_owned(), payload.clone());
                }
            }
        }
        error.extend(self.detail.extra.clone());
        json!({ "error": error })
    }
}

/// The body of an unexpected 500: a generic sentence and the id under which the cause was logged.
pub(crate) fn internal_body(id: &str) -> String {
    json!({ "error": {
        "message": format!("The server could not answer this request. Quote the id {id} when you ask about it."),
        "code": ErrorCode::GenericErrorSupport.row().wire,
        "payload": id,
    }})
    .to_string()
}

impl From<StoreError> for ApiError {
    #[track_caller]
    fn from(error: StoreError) -> Self {
        if error.refuses_text() {
            return Self::invalid_body(
                "A text of this request holds a NUL character, which cannot be stored.",
            );
        }
        Self::internal(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = self.body().to_string();
        let mut response = (self.http_status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, JSON_CONTENT_TYPE);
        let detail = *self.detail;
        headers.extend(detail.headers);
        if let Some(internal) = detail.internal {
            response.extensions_mut().insert(internal);
        }
        response
    }
}

/// The content type of every JSON answer.
pub(crate) const JSON_CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_error_without_a_sentence_is_its_code_alone() {
        let error = ApiError::new(ErrorCode::IntegrationNotAllowed);
        assert_eq!(error.body().to_string(), r#"{"error":{"code":"integration_not_allowed"}}"#);
    }

    #[test]
    fn a_long_error_has_an_empty_payload() {
        let error = ApiError::new(ErrorCode::UnknownAccount);
        assert_eq!(
            error.body().to_string(),
            r#"{"error":{"message":"No account answers to these credentials.","code":"unknown_account","payload":{}}}"#
        );
    }

    #[test]
    fn issues_are_answered_without_a_message() {
        let issue = Issue::custom("Integration does not exist", ["allowed_integrations", "0"]);
        let error = ApiError::validation(ErrorCode::InvalidBody, vec![issue]);
        assert_eq!(
            error.body().to_string(),
            r#"{"error":{"code":"invalid_body","errors":[{"code":"custom","message":"Integration does not exist","path":["allowed_integrations","0"]}]}}"#
        );
    }

    #[test]
    fn the_cause_of_an_internal_error_stays_out_of_the_body() {
        let error = ApiError::internal("the disk is on fire");
        assert!(!error.body().to_string().contains("fire"));
    }
}
