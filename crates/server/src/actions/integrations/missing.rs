//! What an integration still lacks before anybody can link an account with it (spec: auth-modes.md 2.1).

use dovetail_catalog::{ClientRegistration, PatchKind, Provider, validate_integration_config};
use dovetail_model::{AuthMode, Integration, IntegrationClient, Secret};
use serde_json::{Map, Value};

use super::plugin;

/// Names of the missing fields, as people read them; empty when the integration is ready.
pub(crate) fn missing_fields(provider: &Provider, integration: &Integration) -> Vec<String> {
    let held = Held::of(&integration.secrets.client);
    let client = [("client id", held.client_id), ("client secret", held.client_secret)];
    let app = [("app id", held.app_id), ("app link", held.app_link), ("private key", held.private_key)];
    let mut missing: Vec<String> = match provider.auth_mode() {
        AuthMode::Oauth1 | AuthMode::Oauth2 | AuthMode::Tba => absent(&client),
        AuthMode::McpOauth2 if provider.client_registration == Some(ClientRegistration::Static) => {
            absent(&client)
        }
        AuthMode::App => absent(&app),
        AuthMode::Custom => absent(&client).into_iter().chain(absent(&app)).collect(),
        AuthMode::InstallPlugin => {
            let custom = &integration.secrets.custom;
            let has = |name: &str| custom.get(name).is_some_and(|value| !value.is_empty());
            absent(&[
                ("link of the plug-in", has(plugin::APP_LINK)),
                ("user name of the plug-in", has(plugin::USERNAME)),
                ("password of the plug-in", has(plugin::PASSWORD)),
            ])
        }
        _ => Vec::new(),
    };
    missing.extend(settings(provider, integration));
    missing
}

/// Settings of the provider that have no value or a wrong one. Fields that an end user is asked for instead are not
/// among them.
fn settings(provider: &Provider, integration: &Integration) -> Vec<String> {
    if provider.integration_config.is_empty() || provider.auth_mode() == AuthMode::TwoStep {
        return Vec::new();
    }
    let custom = &integration.secrets.custom;
    let stored: Map<String, Value> =
        custom.iter().map(|(name, value)| (name.clone(), Value::from(value.expose()))).collect();
    let checked = validate_integration_config(provider, PatchKind::Patch, &stored, &Map::new());
    checked.err().unwrap_or_default().into_iter().map(|issue| issue.title).collect()
}

fn absent(fields: &[(&str, bool)]) -> Vec<String> {
    fields.iter().filter(|(_, held)| !held).map(|(name, _)| (*name).to_owned()).collect()
}

/// Which parts of a client are there.
#[derive(Default)]
struct Held {
    client_id: bool,
    client_secret: bool,
    app_id: bool,
    app_link: bool,
    private_key: bool,
}

impl Held {
    fn of(client: &IntegrationClient) -> Self {
        let text = |text: &String| !text.is_empty();
        let secret = |secret: &Secret| !secret.is_empty();
        match client {
            IntegrationClient::None => Self::default(),
            IntegrationClient::Oauth { client_id, client_secret, .. } => {
                Self { client_id: text(client_id), client_secret: secret(client_secret), ..Self::default() }
            }
            IntegrationClient::App { app_id, app_link, private_key } => Self {
                app_id: text(app_id),
                app_link: text(app_link),
                private_key: secret(private_key),
                ..Self::default()
            },
            IntegrationClient::Custom { client_id, client_secret, app_id, app_link, private_key } => Self {
                client_id: text(client_id),
                client_secret: secret(client_secret),
                app_id: text(app_id),
                app_link: text(app_link),
                private_key: secret(private_key),
            },
        }
    }
}
