//! End users and organisations as callers send them (spec: http-api.md 1.11).

use dovetail_model::{EndUser, Organization};

use super::tags::key_rules;
use crate::validate::rules::{MAX_NAME, end_user_email, tag_key};
use crate::validate::{Cx, Schema, field, object, record, string};

/// The person a product links an account for. Tag keys keep their case here.
pub(crate) fn end_user() -> impl Schema<Out = EndUser> + Send + Sync {
    object((
        field("id", string().min(1).max(MAX_NAME)),
        field("email", end_user_email().optional()),
        field("display_name", string().max(MAX_NAME).optional()),
        field("tags", end_user_tags().optional()),
    ))
    .map(|(id, email, display_name, tags)| EndUser {
        id,
        display_name,
        email,
        tags: tags.map(|pairs| pairs.into_iter().collect()),
        organization: None,
    })
}

/// The organisation of an end user.
pub(crate) fn organization() -> impl Schema<Out = Organization> + Send + Sync {
    object((field("id", string().max(MAX_NAME)), field("display_name", string().max(MAX_NAME).optional())))
        .map(|(id, display_name)| Organization { id, display_name })
}

fn end_user_tags() -> impl Schema<Out = Vec<(String, String)>> + Send + Sync {
    record(tag_key(), string().max(MAX_NAME))
        .refine(|pairs: &Vec<(String, String)>, cx: &mut Cx| key_rules(pairs, cx))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_missing_id_is_named() {
        let issues = end_user().check(Some(&json!({}))).unwrap_err();
        assert_eq!(
            json!(issues),
            json!([{"code": "invalid_type", "message": "Invalid input: expected string, received undefined", "path": ["id"]}])
        );
    }

    #[test]
    fn tags_keep_their_case() {
        let user = end_user().check(Some(&json!({"id": "u", "tags": {"Team": "Ops"}}))).unwrap();
        assert_eq!(user.tags.unwrap().get("Team").map(String::as_str), Some("Ops"));
    }
}
