//! Tags as callers send them (spec: http-api.md 1.11).

use std::collections::BTreeSet;

use dovetail_model::Tags;
use dovetail_model::limits::{MAX_TAG_VALUE, MAX_TAGS};

use crate::validate::is_email;
use crate::validate::rules::tag_key;
use crate::validate::{Cx, Schema, record, string};

/// Tags of a session, a connection or a list filter; keys are lower-cased.
pub(crate) fn tags() -> impl Schema<Out = Tags> + Send + Sync {
    record(tag_key(), string().min(1).max(MAX_TAG_VALUE))
        .refine(|pairs: &Vec<(String, String)>, cx: &mut Cx| {
            key_rules(pairs, cx);
            for (key, value) in pairs {
                if key.eq_ignore_ascii_case("end_user_email") && !is_email(value) {
                    cx.custom("The tag end_user_email must be an e-mail address", &[key]);
                }
            }
        })
        .map(|pairs| Tags::parse(pairs).unwrap_or_default())
}

/// The rules over all keys, which end-user tags share: at most ten, none twice in different case.
pub(super) fn key_rules(pairs: &[(String, String)], cx: &mut Cx) {
    if pairs.len() > MAX_TAGS {
        cx.custom(format!("No more than {MAX_TAGS} tags are allowed"), &[]);
    }
    let mut seen = BTreeSet::new();
    for (key, _) in pairs {
        if !seen.insert(key.to_ascii_lowercase()) {
            cx.custom("Two tags have the same key in different case", &[key]);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn issues(value: Value) -> Value {
        json!(tags().check(Some(&value)).unwrap_err())
    }

    #[test]
    fn keys_are_lower_cased_and_values_keep_their_case() {
        let tags = tags().check(Some(&json!({"projectId": "P7"}))).unwrap();
        assert_eq!(tags.get("projectid"), Some("P7"));
    }

    #[test]
    fn a_bad_key_is_named_in_the_path() {
        assert_eq!(
            issues(json!({"123invalid": "v"})),
            json!([{"code": "invalid_key", "message": "Invalid key in record", "path": ["123invalid"]}])
        );
    }

    #[test]
    fn each_rule_gives_one_issue() {
        let eleven: serde_json::Map<String, Value> = (0..11).map(|n| (format!("k{n}"), json!("v"))).collect();
        for bad in [
            json!({"a": "x".repeat(256)}),
            json!({"a": ""}),
            json!({("k".repeat(65)): "v"}),
            json!({"a": "1", "A": "2"}),
            json!({"end_user_email": "pia"}),
            json!(eleven),
        ] {
            assert_eq!(issues(bad.clone()).as_array().unwrap().len(), 1, "{bad}");
        }
    }
}
