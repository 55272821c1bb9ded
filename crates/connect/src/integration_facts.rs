//! An integration's own values, as templates see them.

use dovetail_catalog::outgoing::IntegrationFacts;
use dovetail_model::{Integration, IntegrationClient};
use serde_json::{Map, Value};

/// Client and free values of an integration, borrowed where possible.
#[derive(Default)]
pub struct IntegrationValues<'a> {
    client: Option<(&'a str, &'a str)>,
    custom: Map<String, Value>,
}

impl std::fmt::Debug for IntegrationValues<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IntegrationValues").finish_non_exhaustive()
    }
}

impl<'a> IntegrationValues<'a> {
    /// The values of this integration.
    pub fn of(integration: &'a Integration) -> Self {
        let client = match &integration.secrets.client {
            IntegrationClient::None => None,
            IntegrationClient::Oauth { client_id, client_secret, .. }
            | IntegrationClient::Custom { client_id, client_secret, .. } => {
                Some((client_id.as_str(), client_secret.expose()))
            }
            // Of an app the id and the private key take these places (auth-modes.md section 2.1).
            IntegrationClient::App { app_id, private_key, .. } => {
                Some((app_id.as_str(), private_key.expose()))
            }
        };
        let custom = &integration.secrets.custom;
        Self {
            client,
            custom: custom.iter().map(|(key, secret)| (key.clone(), Value::from(secret.expose()))).collect(),
        }
    }

    /// The values as requests are built from them.
    pub fn facts(&self) -> IntegrationFacts<'_> {
        IntegrationFacts {
            client_id: self.client.map(|(id, _)| id),
            client_secret: self.client.map(|(_, secret)| secret),
            custom: &self.custom,
        }
    }
}
