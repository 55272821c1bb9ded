//! Takes secrets out of documents before they are stored: by the name of a key, and by known value.
//!
//! Observability section 4. Redaction is structural: it walks the JSON value, so no formatting of the
//! document can hide a secret from it.

use serde_json::{Map, Value};

use crate::limits::{DOCUMENT_BYTES, DOCUMENT_DEPTH, MESSAGE_CHARS};

/// What stands in the log where a secret was.
pub const REDACTED: &str = "[redacted]";

/// Marks a document or sentence that was cut at its bound.
const TRUNCATED: &str = "... (truncated)";

/// Secrets shorter than this are not searched for by value: they would mask ordinary words.
const SHORTEST_SECRET: usize = 4;

/// Words that mark a key as secret when the key, reduced to lower-case letters, contains them.
const SECRET_WORDS: &[&str] = &[
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "authorization",
    "cookie",
    "assertion",
    "apikey",
    "privatekey",
    "clientkey",
    "devkey",
    "accesskey",
    "signature",
    "credential",
    "certificate",
    "hmac",
];

/// Keys that are secret only as a whole: as a part of a longer name they are too common.
const SECRET_NAMES: &[&str] = &["key", "refresh", "pass", "pwd", "verifier", "codeverifier"];

/// A copy of `document` fit to be stored: values under secret-sounding keys and every occurrence of one
/// of `secrets` are replaced, and the whole is cut to [`DOCUMENT_BYTES`].
pub fn document(document: &Value, secrets: &[&str]) -> Value {
    let clean = walk(document, secrets, 0);
    let text = clean.to_string();
    if text.len() <= DOCUMENT_BYTES {
        return clean;
    }
    Value::String(cut_bytes(&text, DOCUMENT_BYTES))
}

/// A copy of one log sentence without any of `secrets`, at most [`MESSAGE_CHARS`] characters long.
pub fn sentence(text: &str, secrets: &[&str]) -> String {
    let clean = mask_values(text, secrets);
    if clean.chars().count() <= MESSAGE_CHARS {
        return clean;
    }
    let kept: String = clean.chars().take(MESSAGE_CHARS - TRUNCATED.len()).collect();
    format!("{kept}{TRUNCATED}")
}

/// Whether a key's name says that its value is a secret.
pub fn is_secret_key(key: &str) -> bool {
    let letters: String =
        key.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    SECRET_NAMES.contains(&letters.as_str()) || SECRET_WORDS.iter().any(|word| letters.contains(word))
}

/// An OAuth authorization code, as opposed to the word (`invalid_body`) or number of an error.
fn is_authorization_code(key: &str, value: &Value) -> bool {
    key.eq_ignore_ascii_case("code")
        && value.as_str().is_some_and(|text| !text.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
}

fn walk(value: &Value, secrets: &[&str], depth: usize) -> Value {
    if depth >= DOCUMENT_DEPTH {
        return Value::String("[deeper levels omitted]".to_owned());
    }
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, inner)| {
                    let kept =
                        if !inner.is_null() && (is_secret_key(key) || is_authorization_code(key, inner)) {
                            Value::String(REDACTED.to_owned())
                        } else {
                            walk(inner, secrets, depth + 1)
                        };
                    (mask_values(key, secrets), kept)
                })
                .collect::<Map<_, _>>(),
        ),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| walk(item, secrets, depth + 1)).collect())
        }
        Value::String(text) => Value::String(mask_values(text, secrets)),
        other => other.clone(),
    }
}

fn mask_values(text: &str, secrets: &[&str]) -> String {
    let mut clean = text.to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST_SECRET) {
        if clean.contains(*secret) {
            clean = clean.replace(*secret, REDACTED);
        }
    }
    clean
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
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_under_secret_keys_are_replaced_at_any_depth() {
        let clean = document(
            &json!({"a": [{"Refresh-Token": "rt", "plain": "kept"}], "apiKey": {"nested": 1}, "X-Api-Key": "k"}),
            &[],
        );
        assert_eq!(
            clean,
            json!({"a": [{"Refresh-Token": REDACTED, "plain": "kept"}], "apiKey": REDACTED, "X-Api-Key": REDACTED})
        );
    }

    #[test]
    fn ordinary_keys_that_contain_short_words_are_kept() {
        let value = json!({"provider_config_key": "coda", "status_code": 401, "keyboard": "qwerty"});
        assert_eq!(document(&value, &[]), value);
    }

    #[test]
    fn an_authorization_code_is_masked_but_an_error_code_is_kept() {
        let clean = document(&json!([{"code": "4/0AX4XfWh"}, {"code": "invalid_body"}, {"code": 401}]), &[]);
        assert_eq!(clean, json!([{"code": REDACTED}, {"code": "invalid_body"}, {"code": 401}]));
    }

    #[test]
    fn a_known_secret_is_masked_every_time_it_occurs() {
        assert_eq!(
            sentence("GET /a?k=hunter22&again=hunter22", &["hunter22"]),
            format!("GET /a?k={REDACTED}&again={REDACTED}")
        );
    }

    #[test]
    fn a_very_short_secret_does_not_shred_the_text() {
        assert_eq!(sentence("a cat", &["a", ""]), "a cat");
    }

    #[test]
    fn a_huge_document_is_cut_to_its_bound() {
        let clean = document(&json!({"note": "é".repeat(DOCUMENT_BYTES)}), &[]);
        let Value::String(text) = clean else { unreachable!("a cut document is text") };
        assert!(text.len() <= DOCUMENT_BYTES);
        assert!(text.ends_with(TRUNCATED));
    }

    proptest! {
        #[test]
        fn no_known_secret_survives(prefix in "[a-z ]{0,12}", secret in "[A-Z0-9]{8,24}", suffix in "[a-z ]{0,12}") {
            let text = format!("{prefix}{secret}{suffix}");
            let clean = document(&json!({"note": text, "list": [text, {"deep": text}]}), &[&secret]).to_string();
            prop_assert!(!clean.contains(&secret));
        }
    }
}
