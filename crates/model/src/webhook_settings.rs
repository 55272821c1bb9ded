//! What an environment's backend is told (webhooks.md A1).

use serde::{Deserialize, Serialize};

/// Targets and switches of outgoing webhooks; one set an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSettings {
    /// The first target.
    pub primary_url: Option<String>,
    /// The second target; both receive everything.
    pub secondary_url: Option<String>,
    /// Tell about created connections, and failed attempts.
    pub on_auth_creation: bool,
    /// Tell about failed refreshes.
    pub on_auth_refresh_error: bool,
    /// Tell about failed syncs.
    pub on_sync_error: bool,
    /// Tell about syncs without changes too.
    pub on_sync_completion_always: bool,
    /// Tell about finished asynchronous actions.
    pub on_async_action_completion: bool,
}

impl WebhookSettings {
    /// No target, every switch on: what a new environment starts with.
    pub fn for_new_environment() -> Self {
        Self {
            primary_url: None,
            secondary_url: None,
            on_auth_creation: true,
            on_auth_refresh_error: true,
            on_sync_error: true,
            on_sync_completion_always: true,
            on_async_action_completion: true,
        }
    }

    /// The targets in order. A connection's own target replaces both.
    pub fn targets<'a>(&'a self, connection_override: Option<&'a str>) -> Vec<&'a str> {
        let own = connection_override.filter(|url| !url.trim().is_empty());
        match own {
            Some(url) => vec![url],
            None => {
                [&self.primary_url, &self.secondary_url].into_iter().flatten().map(String::as_str).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connections_own_target_replaces_both() {
        let settings = WebhookSettings {
            primary_url: Some("https://a.test".into()),
            secondary_url: Some("https://b.test".into()),
            ..WebhookSettings::default()
        };
        assert_eq!(settings.targets(None), ["https://a.test", "https://b.test"]);
        assert_eq!(settings.targets(Some("https://c.test")), ["https://c.test"]);
        assert_eq!(settings.targets(Some(" ")).len(), 2);
    }
}
