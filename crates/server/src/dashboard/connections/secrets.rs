//! Credentials and configuration as shown: masked, or revealed.

use dovetail_catalog::Provider;
use dovetail_model::{Credentials, RefreshTokens};
use serde_json::{Map, Value};

use crate::dashboard::format::MASKED;
use crate::dashboard::parts::Item;

/// Names in credentials that are no secrets: they help to tell accounts apart.
const OPEN: &[&str] =
    &["username", "client_id", "expires_at", "organization_id", "user_id", "region", "service", "role_arn"];

/// Credentials, one line a value. Masked values do not even have the length of the real ones.
pub(super) fn credentials(credentials: &Credentials, revealed: bool) -> Vec<Item> {
    let wire = credentials.to_wire(RefreshTokens::Keep);
    let members = wire.as_object().into_iter().flatten();
    let shown = members.filter(|(name, value)| *name != "type" && !value.is_null());
    shown.map(|(name, value)| item(name, value, !revealed && !OPEN.contains(&name.as_str()))).collect()
}

/// Configuration; values marked as secret are masked.
pub(super) fn config(config: &Map<String, Value>, provider: Option<&Provider>, revealed: bool) -> Vec<Item> {
    let secret = |name: &str| provider.is_none_or(|provider| provider.is_secret_config(name));
    config.iter().map(|(name, value)| item(name, value, !revealed && secret(name))).collect()
}

fn item(name: &str, value: &Value, masked: bool) -> Item {
    let value = match value {
        _ if masked => MASKED.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Item { name: name.to_owned(), value, masked }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_secret_shows_neither_text_nor_length() {
        let key = Credentials::api_key("k_live_1");
        let masked = credentials(&key, false);
        assert_eq!((masked[0].value.as_str(), masked[0].masked), (MASKED, true));
        assert_eq!(credentials(&key, true)[0].value, "k_live_1");
    }

    #[test]
    fn a_user_name_is_open_and_the_password_is_not() {
        let shown = credentials(&Credentials::basic("pia", "hush"), false);
        assert_eq!(shown.iter().map(|item| item.masked).collect::<Vec<_>>(), [false, true]);
    }
}
