//! The provider's own sentence, cut out of its answer and made fit to be shown.

use serde_json::Value;

use crate::limits::DETAIL_CHARS;

/// Members that services put their sentence in, most telling first.
const MEMBERS: &[&str] = &[
    "message",
    "error_description",
    "detail",
    "error_message",
    "msg",
    "reason",
    "title",
    "statusMessage",
    "error",
];

/// What stands where a submitted value was quoted back.
const MASK: &str = "***";

/// Values shorter than this are not searched for: they would mask ordinary words.
const SHORTEST_SECRET: usize = 4;

/// The sentence in an answer's body, without any of `secrets`, on one line, at most [`DETAIL_CHARS`] long.
/// Only JSON and plain text speak; a page of HTML does not.
pub(crate) fn detail(content_type: &str, body: &[u8], secrets: &[String]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let found = match serde_json::from_str::<Value>(text) {
        Ok(value) => sentence(&value, 0)?,
        Err(_) if content_type.starts_with("text/plain") => text.to_owned(),
        Err(_) => return None,
    };
    let mut clean = found;
    // The longest first: one may be part of another, whose rest would stay.
    let mut secrets: Vec<&String> = secrets.iter().filter(|secret| secret.len() >= SHORTEST_SECRET).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in secrets {
        clean = clean.replace(secret.as_str(), MASK);
    }
    let line: String = clean
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|character| !character.is_control() && !is_invisible(*character))
        .take(DETAIL_CHARS)
        .collect();
    let line = line.trim().to_owned();
    (!line.is_empty() && line.chars().any(char::is_alphabetic)).then_some(line)
}

/// Depth of an answer that is searched; error objects are shallow.
const DEPTH: usize = 4;

fn sentence(value: &Value, depth: usize) -> Option<String> {
    if depth > DEPTH {
        return None;
    }
    match value {
        Value::String(text) if depth > 0 => Some(text.clone()),
        Value::Object(members) => MEMBERS
            .iter()
            .filter_map(|name| members.get(*name))
            .chain(members.get("errors"))
            .find_map(|inner| sentence(inner, depth + 1)),
        Value::Array(items) => items.first().and_then(|item| sentence(item, depth + 1)),
        _ => None,
    }
}

/// Characters that change how neighbouring text is shown (bidirectional controls, zero-width).
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(body: &str) -> Option<String> {
        detail("application/json", body.as_bytes(), &["k_live".to_owned(), "k_live_1".to_owned()])
    }

    #[test]
    fn the_sentence_is_found_in_the_usual_places() {
        for body in [
            r#"{"message":"Bad key"}"#,
            r#"{"error":{"message":"Bad key"}}"#,
            r#"{"error":"Bad key"}"#,
            r#"{"errors":[{"detail":"Bad key"}]}"#,
            r#"{"errors":["Bad key"]}"#,
            r#"[{"message":"Bad   \n key"}]"#,
        ] {
            assert_eq!(json(body).as_deref(), Some("Bad key"), "{body}");
        }
    }

    #[test]
    fn pages_numbers_and_nothing_give_no_sentence() {
        assert_eq!(detail("text/html", b"<html>no</html>", &[]), None);
        assert_eq!(json(r#"{"code":7}"#), None);
        assert_eq!(json(r#"{"message":"401"}"#), None);
        assert_eq!(
            detail("text/plain; charset=utf-8", b" Unauthorized\n", &[]).as_deref(),
            Some("Unauthorized")
        );
    }

    #[test]
    fn a_key_that_the_service_quotes_back_is_masked() {
        assert_eq!(json(r#"{"message":"Key k_live_1 is unknown"}"#).as_deref(), Some("Key *** is unknown"));
    }

    proptest! {
        #[test]
        fn any_body_gives_one_short_line(body in proptest::collection::vec(any::<u8>(), 0..600), kind in "(text/plain|application/json|)") {
            if let Some(line) = detail(&kind, &body, &[]) {
                prop_assert!(line.chars().count() <= DETAIL_CHARS);
                prop_assert!(!line.chars().any(char::is_control));
            }
        }
    }
}
