//! How the configuration of a connection comes together from its sources (auth-modes.md section 2.4).

use dovetail_catalog::Provider;
use dovetail_store::connections::ConfigUpdate;
use serde_json::{Map, Value};

use crate::routines::after_link::{BOT_TOKEN, SHAREPOINT_TOKEN, USER_CREDENTIALS};

/// A key that only a backend may set: where webhooks go.
const PRIVILEGED: &str = "webhook_url";

/// Keys with a meaning of their own, which no definition declares (auth-modes.md section 2.4).
const SPECIAL: &[&str] = &[
    "oauth_scopes_override",
    "oauth_scopes",
    "user_scope",
    "oauth_client_id_override",
    "oauth_client_secret_override",
    "oauth_refresh_token_override",
    "region",
];

/// What an end user's browser may set: text values of keys that `declared` knows or that have a meaning of
/// their own. Everything else is dropped without a word, as clients expect.
pub fn from_browser(params: &Map<String, Value>, declared: impl Fn(&str) -> bool) -> Map<String, Value> {
    params
        .iter()
        .filter(|(key, value)| {
            value.is_string()
                && key.as_str() != PRIVILEGED
                && (declared(key) || SPECIAL.contains(&key.as_str()))
        })
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Keys that hold tokens of their own: sealed, whatever a definition says.
const SEALED: &[&str] = &[BOT_TOKEN, SHAREPOINT_TOKEN, USER_CREDENTIALS];

/// Tells secret values from public ones: what the definition calls secret, and what holds tokens, is sealed.
pub fn split(provider: &Provider, config: Map<String, Value>) -> ConfigUpdate {
    let is_secret = |key: &str| provider.is_secret_config(key) || SEALED.contains(&key);
    let (secret, public) = config.into_iter().partition(|(key, _)| is_secret(key));
    ConfigUpdate { public, secret }
}

/// `base` with every value of `over` laid over it.
pub fn overlaid(mut base: Map<String, Value>, over: &Map<String, Value>) -> Map<String, Value> {
    for (key, value) in over {
        base.insert(key.clone(), value.clone());
    }
    base
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn a_browser_sets_declared_texts_only() {
        let params = map(json!({
            "subdomain": "acme", "region": "eu-1", "webhook_url": "https://evil.test", "undeclared": "x",
            "external_id": "another tenant's",
            "extension": {"a": 1}
        }));
        let kept = from_browser(&params, |key| matches!(key, "subdomain" | "extension" | "webhook_url"));
        assert_eq!(Value::Object(kept), json!({"subdomain": "acme", "region": "eu-1"}));
    }

    #[test]
    fn what_is_laid_over_wins() {
        let merged = overlaid(map(json!({"a": "1", "b": "1"})), &map(json!({"b": "2"})));
        assert_eq!(Value::Object(merged), json!({"a": "1", "b": "2"}));
    }
}
