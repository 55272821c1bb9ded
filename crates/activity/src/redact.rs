//! Takes secrets out of documents and sentences before they are stored, and cuts them to their bounds
//! (observability.md section 4).

use dovetail_model::Redaction;
use serde_json::Value;

use crate::limits::{DOCUMENT_BYTES, MESSAGE_CHARS};

/// Marks a document or sentence that was cut at its bound.
const TRUNCATED: &str = "... (truncated)";

/// A copy of `document` fit to be stored: without values under secret-sounding names, and cut to
/// [`DOCUMENT_BYTES`].
pub fn document(document: &Value) -> Value {
    let clean = Redaction::by_name().document(document);
    let text = clean.to_string();
    if text.len() <= DOCUMENT_BYTES {
        return clean;
    }
    Value::String(cut_bytes(&text, DOCUMENT_BYTES))
}

/// A copy of one log sentence, its URLs without secrets, at most [`MESSAGE_CHARS`] characters long.
pub fn sentence(text: &str) -> String {
    let clean = Redaction::by_name().sentence(text);
    if clean.chars().count() <= MESSAGE_CHARS {
        return clean.into_owned();
    }
    let kept: String = clean.chars().take(MESSAGE_CHARS - TRUNCATED.len()).collect();
    format!("{kept}{TRUNCATED}")
}

fn cut_bytes(text: &str, bound: usize) -> String {
    let mut end = bound - TRUNCATED.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{TRUNCATED}", &text[..end])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_huge_document_is_cut_to_its_bound() {
        let clean = document(&json!({"note": "é".repeat(DOCUMENT_BYTES)}));
        let Value::String(text) = clean else { unreachable!("a cut document is text") };
        assert!(text.len() <= DOCUMENT_BYTES);
        assert!(text.ends_with(TRUNCATED));
    }

    #[test]
    fn a_long_sentence_is_cut_to_its_bound() {
        let clean = sentence(&format!("GET https://x.test/?token=t {}", "é".repeat(MESSAGE_CHARS)));
        assert!(clean.starts_with("GET https://x.test/?token=REDACTED é"));
        assert_eq!(clean.chars().count(), MESSAGE_CHARS);
        assert!(clean.ends_with(TRUNCATED));
    }
}
