//! Leaving refresh tokens out of answers (http-api 1.12).

use serde_json::Value;

/// Removes, at any depth, every key whose letters read `refreshtoken` (`refresh_token`, `Refresh-Token` ...).
/// Used on `credentials` and on `connection_config`.
pub fn redact_refresh_tokens(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| !reads_refresh_token(key));
            fields.values_mut().for_each(redact_refresh_tokens);
        }
        Value::Array(items) => items.iter_mut().for_each(redact_refresh_tokens),
        _ => {}
    }
}

/// Removes the value at a dotted path, if it is there (`data.tokens.refresh`).
pub fn redact_path(value: &mut Value, path: &str) {
    let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
    let mut at = value;
    for key in parents.split('.').filter(|key| !key.is_empty()) {
        let next = match at {
            Value::Object(fields) => fields.get_mut(key),
            Value::Array(items) => key.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => return,
        }
    }
    if let Value::Object(fields) = at {
        fields.shift_remove(last);
    }
}

fn reads_refresh_token(key: &str) -> bool {
    let mut wanted = "refreshtoken".bytes();
    let letters = key.bytes().filter(u8::is_ascii_alphabetic).map(|byte| byte.to_ascii_lowercase());
    for letter in letters {
        if wanted.next() != Some(letter) {
            return false;
        }
    }
    wanted.next().is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn spellings_are_recognised_at_any_depth() {
        let mut value = json!({"refresh_token":1,"a":[{"refreshToken":1,"Refresh-Token 2":1,"keep":1}],
            "refresh_tokens":1,"token":1});
        redact_refresh_tokens(&mut value);
        assert_eq!(value, json!({"a":[{"keep":1}],"refresh_tokens":1,"token":1}));
    }

    #[test]
    fn a_path_is_removed_and_a_missing_one_is_no_error() {
        let mut value = json!({"a":{"b":[{"c":1,"d":2}]}});
        redact_path(&mut value, "a.b.0.c");
        redact_path(&mut value, "a.x.c");
        assert_eq!(value, json!({"a":{"b":[{"d":2}]}}));
    }

    proptest! {
        #[test]
        fn separators_and_case_do_not_hide_the_key(cuts in prop::collection::vec("[^a-zA-Z]{0,3}", 12), upper in prop::collection::vec(any::<bool>(), 12)) {
            let mut key = String::new();
            for ((letter, cut), upper) in "refreshtoken".chars().zip(cuts).zip(upper) {
                key.push_str(&cut);
                key.push(if upper { letter.to_ascii_uppercase() } else { letter });
            }
            prop_assert!(reads_refresh_token(&key));
        }
    }
}
