//! A provider set up for use in an environment.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::secret::exposed;
use crate::{EnvironmentId, IntegrationId, Secret, Timestamp};

/// An integration.
#[derive(Clone, Debug, PartialEq)]
pub struct Integration {
    /// Row id.
    pub id: IntegrationId,
    /// The environment it belongs to.
    pub environment: EnvironmentId,
    /// The key callers know it by, unique in its environment.
    pub unique_key: String,
    /// The provider's name in the catalogue.
    pub provider: String,
    /// A name of its own to show; else the provider's.
    pub display_name: Option<String>,
    /// Whether webhooks of the service are passed on.
    pub forward_webhooks: bool,
    /// What is sealed of it.
    pub secrets: IntegrationSecrets,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The sealed part of an integration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IntegrationSecrets {
    /// The product's client at the service.
    #[serde(default)]
    pub client: IntegrationClient,
    /// Values of the provider's `integration_config` fields, or free `custom` values.
    #[serde(default, with = "secret_map")]
    pub custom: BTreeMap<String, Secret>,
}

/// The product's client at the service (http-api 2.5).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum IntegrationClient {
    /// The auth mode needs none, or none was given.
    #[default]
    None,
    /// `OAUTH1`, `OAUTH2` and `TBA`.
    Oauth {
        /// Client id.
        client_id: String,
        /// Client secret.
        #[serde(with = "exposed")]
        client_secret: Secret,
        /// Scopes, comma separated.
        #[serde(default)]
        scopes: Option<String>,
        /// The secret the service signs webhooks with.
        #[serde(default, with = "exposed::option")]
        webhook_secret: Option<Secret>,
    },
    /// `APP`.
    App {
        /// The app's id.
        app_id: String,
        /// The page where it is installed.
        app_link: String,
        /// Its private key in PEM form.
        #[serde(with = "exposed")]
        private_key: Secret,
    },
    /// `CUSTOM`: an app and its OAuth client.
    Custom {
        /// Client id.
        client_id: String,
        /// Client secret.
        #[serde(with = "exposed")]
        client_secret: Secret,
        /// The app's id.
        app_id: String,
        /// The page where it is installed.
        app_link: String,
        /// Its private key in PEM form.
        #[serde(with = "exposed")]
        private_key: Secret,
    },
}

impl IntegrationClient {
    /// The client id, when there is one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Oauth { client_id, .. } | Self::Custom { client_id, .. } => {
                Some(client_id.as_str()).filter(|id| !id.is_empty())
            }
            Self::None | Self::App { .. } => None,
        }
    }

    /// The scopes that are asked for, separated by commas, when there are any.
    pub fn scopes(&self) -> Option<&str> {
        match self {
            Self::Oauth { scopes, .. } => scopes.as_deref().filter(|scopes| !scopes.is_empty()),
            Self::None | Self::App { .. } | Self::Custom { .. } => None,
        }
    }
}

impl IntegrationSecrets {
    /// The bytes that are sealed.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "plain structs always serialise")]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("integration secrets serialise")
    }
}

mod secret_map {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use crate::Secret;

    pub(super) fn serialize<S: Serializer>(
        map: &BTreeMap<String, Secret>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(map.iter().map(|(key, secret)| (key, secret.expose())))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, Secret>, D::Error> {
        BTreeMap::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_read_back_and_debug_shows_none() {
        let secrets = IntegrationSecrets {
            client: IntegrationClient::Oauth {
                client_id: "c".into(),
                client_secret: "hush".into(),
                scopes: Some("a,b".into()),
                webhook_secret: None,
            },
            custom: BTreeMap::from([("k".to_owned(), Secret::new("hush"))]),
        };
        let again: IntegrationSecrets = serde_json::from_slice(&secrets.to_bytes()).unwrap();
        assert_eq!(again, secrets);
        assert!(!format!("{secrets:?}").contains("hush"));
    }
}
