//! Canonical parameters: decoded, sorted, encoded again (providers.md 4.4, end).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

/// Everything but the unreserved characters of RFC 3986.
pub(crate) const RFC3986: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes all but RFC 3986 unreserved characters, upper-case hex, space as `%20`.
pub fn encode_rfc3986(text: &str) -> String {
    utf8_percent_encode(text, RFC3986).to_string()
}

/// Decoded pairs of a form-encoded text, in their order. A leading `?` is dropped; `+` is a space.
pub fn canonical_pairs(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| {
        let spaced: Cow<'_, str> =
            if part.contains('+') { part.replace('+', " ").into() } else { part.into() };
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    text.strip_prefix('?')
        .unwrap_or(text)
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

/// Sorts by key (stable) and encodes by RFC 3986.
pub fn canonical_params(mut pairs: Vec<(String, String)>) -> String {
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    let encoded: Vec<_> = pairs
        .iter()
        .map(|(key, value)| format!("{}={}", encode_rfc3986(key), encode_rfc3986(value)))
        .collect();
    encoded.join("&")
}

/// Canonical form of a query or form text.
pub fn canonical_query(text: &str) -> String {
    canonical_params(canonical_pairs(text))
}

/// Top-level entries of a JSON object as texts, the way a form would carry them.
pub(crate) fn object_pairs(value: &Value) -> Option<Vec<(String, String)>> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(value.as_object()?.iter().map(|(key, value)| (key.clone(), text(value))).collect())
}
