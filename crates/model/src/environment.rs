//! Environments and what belongs to them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::secret::exposed;
use crate::{
    ApiKeyId, EnvironmentId, EnvironmentVariableId, KeyLimits, Scopes, Secret, SigningKeyId, Timestamp,
    WebhookSettings,
};

/// An environment: integrations, connections and keys of one stage of a product.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// Row id.
    pub id: EnvironmentId,
    /// The id in webhook addresses.
    pub uuid: Uuid,
    /// Its name (http-api 1.11).
    pub name: String,
    /// Whether real users depend on it.
    pub is_production: bool,
    /// An OAuth callback of the product's own.
    pub callback_url: Option<String>,
    /// Whether problems are told by Slack.
    pub slack_notifications: bool,
    /// Since when nobody is shown its secrets; `None` while it is not sealed.
    pub sealed_at: Option<Timestamp>,
    /// What its backend is told.
    pub webhooks: WebhookSettings,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Settings of an environment that are sealed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PrivateSettings {
    /// Whether the legacy browser flows must be signed.
    #[serde(default)]
    pub hmac_enabled: bool,
    /// The key they are signed with.
    #[serde(default, with = "exposed::option")]
    pub hmac_key: Option<Secret>,
    /// Where traces are exported to.
    #[serde(default)]
    pub otlp_endpoint: Option<String>,
    /// Headers of that export, often holding a token.
    #[serde(default)]
    pub otlp_headers: Vec<PrivateHeader>,
}

/// A header whose value is secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrivateHeader {
    /// Its name.
    pub name: String,
    /// Its value.
    #[serde(with = "exposed")]
    pub value: Secret,
}

/// An API key; the key itself is known only when it is made.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiKey {
    /// Row id.
    pub id: ApiKeyId,
    /// The environment it is bound to; `None` for keys of the account.
    pub environment: Option<EnvironmentId>,
    /// Its name, unique in its environment.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// What narrows that; `None` when nothing does.
    pub limits: Option<Arc<KeyLimits>>,
    /// The last four characters, to recognise it by.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// A variable for the functions of an environment.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvironmentVariable {
    /// Row id.
    pub id: EnvironmentVariableId,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Secret,
}

/// A key that webhooks are signed with.
#[derive(Clone, Debug, PartialEq)]
pub struct SigningKey {
    /// Row id.
    pub id: SigningKeyId,
    /// The key, a UUID.
    pub key: Secret,
    /// Whether it signs alone, or only along with a newer one.
    pub state: SigningKeyState,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a signing key is still good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningKeyState {
    /// Signs.
    Active,
    /// Was replaced; also signs until then, so that receivers can change keys without loss.
    Retiring {
        /// When it stops signing.
        until: Timestamp,
    },
}
