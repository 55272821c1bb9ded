//! The texts that must not appear in a log or an answer about these credentials.

use dovetail_model::Credentials;
use serde_json::Value;

/// Every secret text of `credentials` and of `connection_config` that could turn up in a URL, header or body.
pub fn secret_texts(credentials: &Credentials) -> Vec<String> {
    let mut found = Vec::new();
    collect(&credentials.to_stored(), "", &mut found);
    found
}

/// Members of stored credentials that are no secrets and are worth reading in a log.
const PLAIN: &[&str] =
    &["type", "username", "client_id", "expires_at", "region", "service", "role_arn", "organization_id"];

fn collect(value: &Value, key: &str, found: &mut Vec<String>) {
    match value {
        Value::String(text) if !PLAIN.contains(&key) && !text.is_empty() => found.push(text.clone()),
        Value::Object(members) => members.iter().for_each(|(key, inner)| collect(inner, key, found)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, key, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_secret_and_the_name_is_not() {
        assert_eq!(secret_texts(&Credentials::basic("pia", "hush")), ["hush"]);
        assert_eq!(secret_texts(&Credentials::api_key("k_live_1")), ["k_live_1"]);
        assert!(secret_texts(&Credentials::None).is_empty());
    }
}
