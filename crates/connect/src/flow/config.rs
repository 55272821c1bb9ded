//! The configuration of a connection that came through a provider's pages (auth-modes.md 4.2 step 7).

use dovetail_catalog::{Provider, capture_callback};
use serde_json::{Map, Value};

use super::{Arrival, Progress};

/// What the callback says about the account, under the names that the definition asks for.
pub(crate) fn captured(provider: &Provider, arrival: &Arrival<'_>) -> Map<String, Value> {
    let params = arrival.params.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    capture_callback(&provider.redirect_uri_metadata, params)
}

/// The configuration to be stored: what the provider said fills in and replaces older values, but what was sent with
/// this attempt stays, unless it is empty.
pub(crate) fn settled(progress: &Progress, said: &Map<String, Value>) -> Map<String, Value> {
    let mut config = progress.config.clone();
    for (name, value) in said {
        let filled = config.get(name).is_some_and(|own| !own.is_null() && own.as_str() != Some(""));
        if !(filled && progress.sent.contains(name)) {
            config.insert(name.clone(), value.clone());
        }
    }
    config
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn what_was_sent_stays_and_what_is_older_is_replaced() {
        let progress = Progress {
            config: map(json!({"sent": "1", "blank": "", "old": "1", "other": "1"})),
            sent: vec!["sent".to_owned(), "blank".to_owned()],
            ..Progress::default()
        };
        let said = map(json!({"sent": "2", "blank": "2", "old": "2", "new": "2"}));
        let config = Value::Object(settled(&progress, &said));
        assert_eq!(config, json!({"sent": "1", "blank": "2", "old": "2", "other": "1", "new": "2"}));
    }
}
