//! Paths into JSON, and claims of tokens.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// The value at a path, unless it is null. See [`super::language::Source::Answer`].
pub(super) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let found = if path.is_empty() {
        Some(value)
    } else {
        path.split('.').try_fold(value, |value, part| match value {
            Value::Object(members) => members.get(part),
            Value::Array(items) => match part.split_once('=') {
                Some((name, wanted)) => {
                    items.iter().find(|item| item.get(name).is_some_and(|value| reads(value, wanted)))
                }
                None => items.get(part.parse::<usize>().ok()?),
            },
            _ => None,
        })
    };
    found.filter(|value| !value.is_null())
}

fn reads(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text == wanted,
        Value::Bool(yes) => (if *yes { "true" } else { "false" }) == wanted,
        Value::Number(number) => number.to_string() == wanted,
        _ => false,
    }
}

/// A claim of a JWT. Nothing is verified: the token came from the provider's token endpoint, and the claim only says
/// whose account it is.
pub(super) fn claim(token: &str, name: &str) -> Option<Value> {
    let payload = token.split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&bytes).ok()?;
    claims.get(name).filter(|value| !value.is_null()).cloned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_walk_members_positions_and_conditions() {
        let value = json!({"accounts": [{"id": 1, "main": false}, {"id": 2, "main": true}], "none": null});
        assert_eq!(at(&value, "accounts.0.id"), Some(&json!(1)));
        assert_eq!(at(&value, "accounts.main=true.id"), Some(&json!(2)));
        assert_eq!(at(&value, "accounts.id=2.main"), Some(&json!(true)));
        assert_eq!(at(&value, "accounts.main=maybe"), None);
        assert_eq!(at(&value, "none"), None);
        assert_eq!(at(&value, "accounts.x"), None);
        assert_eq!(at(&value, ""), Some(&value));
    }

    #[test]
    fn a_claim_is_read_from_the_middle_part() {
        // {"tid":"t-1","corpId":7}
        assert_eq!(claim("e30.eyJ0aWQiOiJ0LTEiLCJjb3JwSWQiOjd9.sig", "tid"), Some(json!("t-1")));
        assert_eq!(claim("e30.eyJ0aWQiOiJ0LTEiLCJjb3JwSWQiOjd9.sig", "corpId"), Some(json!(7)));
        assert_eq!(claim("e30.eyJ0aWQiOiJ0LTEiLCJjb3JwSWQiOjd9.sig", "sub"), None);
        assert_eq!(claim("opaque", "tid"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_no_trouble(token in "\\PC{0,60}", path in "[a-z0-9.=]{0,20}") {
            claim(&token, "tid");
            at(&json!([[1, {"a": "b"}]]), &path);
        }
    }
}
