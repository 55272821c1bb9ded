//! What a service says when it refuses a call, for the log (spec: proxy.md 17).

use bytes::{Bytes, BytesMut};
use dovetail_model::Redaction;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::limits::LOGGED_ERROR_BYTES;

/// Copies an error's body as it passes, up to a bound.
#[derive(Debug, Default)]
pub(super) struct ErrorBody {
    kept: BytesMut,
    length: usize,
    is_coded: bool,
    is_form: bool,
}

impl ErrorBody {
    /// For an answer with this head; none if it is no error.
    pub(super) fn of(head: &http::response::Parts) -> Option<Self> {
        let is_error = head.status.is_client_error() || head.status.is_server_error();
        let kind = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        is_error.then(|| Self {
            is_coded: head.headers.contains_key(CONTENT_ENCODING),
            is_form: kind.starts_with("application/x-www-form-urlencoded"),
            ..Self::default()
        })
    }

    /// A piece passed.
    pub(super) fn passed(&mut self, piece: &Bytes) {
        self.length += piece.len();
        if self.length <= LOGGED_ERROR_BYTES {
            self.kept.extend_from_slice(piece);
        }
    }

    /// The body without secrets; what cannot be looked through as a whole is left out. None if there was no body.
    pub(super) fn shown(&self, redaction: &Redaction<'_>) -> Option<Value> {
        let left_out = |why: &str| Some(json!(format!("[{} bytes, {why}]", self.length)));
        match std::str::from_utf8(&self.kept) {
            _ if self.length == 0 => None,
            _ if self.length > LOGGED_ERROR_BYTES => left_out("too many to be shown"),
            _ if self.is_coded => left_out("compressed"),
            Err(_) => left_out("no text"),
            Ok(text) if self.is_form => Some(Value::String(redaction.pairs(text))),
            Ok(text) => Some(match serde_json::from_str::<Value>(text) {
                Ok(document) => redaction.document(&document),
                Err(_) => Value::String(redaction.sentence(text).into_owned()),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: &str, body: &[u8]) -> Option<Value> {
        let head = http::Response::builder().status(422).header(CONTENT_TYPE, kind).body(()).unwrap();
        let mut error = ErrorBody::of(&head.into_parts().0).unwrap();
        body.chunks(7).for_each(|piece| error.passed(&Bytes::copy_from_slice(piece)));
        let known = json!(["k-live-12345"]);
        error.shown(&Redaction::knowing([&known]))
    }

    #[test]
    fn bodies_are_shown_without_secrets() {
        let json = br#"{"token":"t","why":"bad k-live-12345","n":[1]}"#;
        assert_eq!(
            shown("application/json", json),
            Some(json!({"token": "REDACTED", "why": "REDACTED", "n": [1]}))
        );
        let form = shown("application/x-www-form-urlencoded", b"error=x&access_token=t&u=k%2Dlive-12345");
        assert_eq!(form, Some(json!("error=x&access_token=REDACTED&u=REDACTED")));
        assert_eq!(shown("text/plain", b"no k-live-12345 here"), Some(json!("no REDACTED here")));
        assert_eq!(shown("", b""), None);
    }

    #[test]
    fn what_cannot_be_looked_through_is_left_out() {
        assert_eq!(shown("", b"\xff\xfe"), Some(json!("[2 bytes, no text]")));
        let large = vec![b'x'; LOGGED_ERROR_BYTES + 1];
        assert_eq!(shown("", &large), Some(json!(format!("[{} bytes, too many to be shown]", large.len()))));
    }
}
