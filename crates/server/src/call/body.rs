//! Request bodies (spec: http-api.md 1.2).

use axum::body::{Body, Bytes};
use bytes::BytesMut;
use http::{HeaderMap, header};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::time::timeout;

use super::Head;
use crate::limits::{BODY_IDLE_TIMEOUT, MAX_API_BODY, MAX_STRANGERS_BODY};
use crate::wire::{ApiError, ApiResult, ErrorCode};
use crate::{auth, qs};

/// A body that has been read.
#[derive(Clone, Debug)]
pub enum Payload {
    /// No body.
    Absent,
    /// `application/json`: the value, and the text for signature checks.
    Json(Value, Bytes),
    /// `application/x-www-form-urlencoded`, read like a query string, and the text.
    Form(Value, Bytes),
    /// Anything else, as it came.
    Raw(Bytes),
}

impl Payload {
    /// Reads a body up to the API's limit.
    pub(super) async fn read(head: &Head, body: Body) -> ApiResult<Self> {
        let bytes = collect(head, body).await?;
        Self::parse(&head.headers, bytes)
    }

    /// Parses a body by its content type.
    fn parse(headers: &HeaderMap, bytes: Bytes) -> ApiResult<Self> {
        if bytes.is_empty() {
            return Ok(Self::Absent);
        }
        match media_type(headers).as_str() {
            "application/json" => {
                let value = parse_json(&bytes)?;
                Ok(Self::Json(value, bytes))
            }
            "application/x-www-form-urlencoded" => {
                let form = std::str::from_utf8(&bytes).map(qs::parse).unwrap_or_default();
                if holds_nul(&form) {
                    return Err(ApiError::new(ErrorCode::InvalidBody).message(NUL_MESSAGE));
                }
                Ok(Self::Form(form, bytes))
            }
            _ => Ok(Self::Raw(bytes)),
        }
    }

    /// The parsed value of a JSON or form body.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Json(value, _) | Self::Form(value, _) => Some(value),
            Self::Absent | Self::Raw(_) => None,
        }
    }

    /// The bytes as they came; empty when there are none.
    pub fn bytes(&self) -> Bytes {
        match self {
            Self::Absent => Bytes::new(),
            Self::Json(_, bytes) | Self::Form(_, bytes) | Self::Raw(bytes) => bytes.clone(),
        }
    }
}

/// Reads a body into memory. JSON must be refused before a caller is known, but a stranger must not fill the memory
/// with it: beyond a small size, whoever sends must hold credentials.
async fn collect(head: &Head, mut body: Body) -> ApiResult<Bytes> {
    let declared = body.size_hint().lower();
    if declared > MAX_API_BODY as u64 {
        return Err(ApiError::new(ErrorCode::RequestTooLarge));
    }
    let mut is_known = false;
    let mut collected = BytesMut::new();
    loop {
        if !is_known && (declared > MAX_STRANGERS_BODY as u64 || collected.len() > MAX_STRANGERS_BODY) {
            auth::require_any(head).await?;
            is_known = true;
        }
        if collected.len() > MAX_API_BODY {
            return Err(ApiError::new(ErrorCode::RequestTooLarge));
        }
        match timeout(BODY_IDLE_TIMEOUT, body.frame()).await {
            Ok(None) => return Ok(collected.freeze()),
            Ok(Some(Ok(frame))) => {
                if let Ok(data) = frame.into_data() {
                    collected.extend_from_slice(&data);
                }
            }
            // The client went away or broke the framing.
            Ok(Some(Err(_))) => {
                return Err(ApiError::new(ErrorCode::InvalidJson).message("The body could not be read."));
            }
            Err(_) => return Err(ApiError::new(ErrorCode::RequestTimeout)),
        }
    }
}

/// The content type without parameters, in lower case.
fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Parses a JSON body: only objects and arrays are accepted at the top.
fn parse_json(bytes: &[u8]) -> ApiResult<Value> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value = serde_json::from_slice(text).map_err(|error| {
        ApiError::new(ErrorCode::InvalidJson).message(format!("The body is not valid JSON: {error}."))
    })?;
    match value {
        Value::Object(_) | Value::Array(_) if holds_nul(&value) => {
            Err(ApiError::new(ErrorCode::InvalidBody).message(NUL_MESSAGE))
        }
        Value::Object(_) | Value::Array(_) => Ok(value),
        _ => Err(ApiError::new(ErrorCode::InvalidJson).message("The body must be a JSON object or array.")),
    }
}

/// Why a text with U+0000 is refused: PostgreSQL cannot store it, and no real value holds it.
pub(super) const NUL_MESSAGE: &str = "The character U+0000 is not accepted.";

/// Whether any key or text holds U+0000.
pub(super) fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members.iter().any(|(key, value)| key.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(content_type: &str, body: &'static str) -> ApiResult<Payload> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        Payload::parse(&headers, Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn json_is_an_object_or_an_array() {
        assert!(matches!(read("application/json; charset=utf-8", "{}"), Ok(Payload::Json(..))));
        assert!(matches!(read("application/json", "[1]"), Ok(Payload::Json(..))));
        assert!(matches!(read("application/json", ""), Ok(Payload::Absent)));
        for bad in ["\"x\"", "1", "null", "undefined", "{", "{\"a\":1}}"] {
            let error = read("application/json", bad).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidJson, "{bad}");
        }
    }

    #[test]
    fn a_text_with_nul_is_refused() {
        let error = read("application/json", r#"{"a":["\u0000"]}"#).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidBody);
    }

    #[test]
    fn forms_nest_and_other_types_stay_raw() {
        let form = read("application/x-www-form-urlencoded", "a[b]=c").unwrap();
        assert_eq!(form.value(), Some(&serde_json::json!({"a": {"b": "c"}})));
        assert!(matches!(read("text/xml", "<a/>"), Ok(Payload::Raw(_))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let outcome = parse_json(&bytes);
            prop_assert!(outcome.is_ok() || outcome.is_err_and(|error| error.http_status().is_client_error()));
        }
    }
}
