//! The visit of one end user to the Connect page (connect.md 2).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    ConnectSessionId, ConnectionRowId, EndUser, EnvironmentId, OperationId, Random, Secret, Tags, Timestamp,
};

const PREFIX: &str = "nango_connect_session_";
const RANDOM_BYTES: usize = 32;

/// A live session. Expired and deleted ones are never handed out.
#[derive(Clone, Debug)]
pub struct ConnectSession {
    /// Row id.
    pub id: ConnectSessionId,
    /// The environment it acts in.
    pub environment: EnvironmentId,
    /// What it is for.
    pub purpose: SessionPurpose,
    /// Who visits; `None` for sessions made with tags only.
    pub end_user: Option<EndUser>,
    /// Tags the connection will get: derived ones overlaid by the caller's.
    pub tags: Tags,
    /// Keys of the integrations that may be linked; `None` = all.
    pub allowed_integrations: Option<Vec<String>>,
    /// Prefilled or forced values, by integration key.
    pub defaults: Option<BTreeMap<String, IntegrationDefaults>>,
    /// Other texts or links, by integration key.
    pub overrides: Option<BTreeMap<String, IntegrationOverrides>>,
    /// The connection's own webhook target.
    pub webhook_url: UrlOverride,
    /// The operation that its attempts and telemetry append to.
    pub operation: Option<OperationId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl ConnectSession {
    /// Whether this session may link that integration.
    pub fn allows(&self, integration_key: &str) -> bool {
        self.allowed_integrations.as_ref().is_none_or(|keys| keys.iter().any(|key| key == integration_key))
    }

    /// The connection that a success overwrites.
    pub fn reconnects(&self) -> Option<ConnectionRowId> {
        match self.purpose {
            SessionPurpose::Connect => None,
            SessionPurpose::Reconnect { connection } => Some(connection),
        }
    }
}

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionPurpose {
    /// Each success makes a new connection.
    Connect,
    /// A success overwrites this connection.
    Reconnect {
        /// Its row.
        connection: ConnectionRowId,
    },
}

/// Values a session sets for one integration. Serialises as it came in (http-api 2.6).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegrationDefaults {
    /// User scopes (one provider's notion); never shown to the browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_scopes: Option<String>,
    /// Parameters of the authorization URL; they replace the client's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_params: Option<BTreeMap<String, String>>,
    /// Connection configuration; laid over what the client sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_config: Option<Map<String, Value>>,
}

/// Texts or links a session changes for one integration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationOverrides {
    /// Where the help link of the form leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs_connect: Option<String>,
}

/// A caller's word about a connection's own webhook target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum UrlOverride {
    /// Nothing was said: keep what is there.
    #[default]
    Keep,
    /// `""` was sent: use the environment's targets.
    Clear,
    /// Send this connection's webhooks only there.
    Set(String),
}

impl UrlOverride {
    /// From an optional field where the empty text clears.
    pub fn from_field(field: Option<String>) -> Self {
        match field {
            None => Self::Keep,
            Some(url) if url.trim().is_empty() => Self::Clear,
            Some(url) => Self::Set(url),
        }
    }

    /// What is stored after applying this to the current value.
    pub fn apply(self, current: Option<String>) -> Option<String> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(url) => Some(url),
        }
    }
}

/// A fresh session token: the prefix and 32 random bytes in hexadecimal.
pub fn new_session_token(random: &dyn Random) -> Secret {
    Secret::new(format!("{PREFIX}{}", random.hex(RANDOM_BYTES)))
}

/// Whether a text has the shape of a session token.
pub fn is_session_token(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|digits| {
        digits.len() == 2 * RANDOM_BYTES && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    #[test]
    fn a_fresh_token_has_the_shape_of_one() {
        let token = new_session_token(&SeededRandom::new(1));
        assert!(is_session_token(token.expose()));
        assert!(!is_session_token(&token.expose().to_uppercase()));
        assert!(!is_session_token("nango_connect_session_"));
    }

    #[test]
    fn an_empty_override_clears_and_an_absent_one_keeps() {
        let current = Some("https://a.test".to_owned());
        assert_eq!(UrlOverride::from_field(None).apply(current.clone()), current);
        assert_eq!(UrlOverride::from_field(Some(String::new())).apply(current.clone()), None);
        assert_eq!(UrlOverride::from_field(Some("x".into())).apply(current), Some("x".into()));
    }
}
