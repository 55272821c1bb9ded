//! How integrations look on the wire (spec: http-api.md 1.12).

use dovetail_catalog::Provider;
use dovetail_model::{AuthMode, Environment, Integration, IntegrationClient, Secret};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::api::providers::logo_url;
use crate::config::ServerConfig;

/// An integration without its secrets. Absent extras are absent, not null.
pub(crate) fn shape(
    integration: &Integration,
    provider: &Provider,
    config: &ServerConfig,
) -> Map<String, Value> {
    let mut shape = Map::new();
    let mut put = |name: &str, value: Value| shape.insert(name.to_owned(), value);
    let display_name = integration.display_name.as_deref().unwrap_or(&provider.display_name);
    put("unique_key", integration.unique_key.as_str().into());
    put("provider", integration.provider.as_str().into());
    put("display_name", display_name.into());
    put("logo", logo_url(&integration.provider, config).into());
    put("forward_webhooks", integration.forward_webhooks.into());
    if !provider.integration_config.is_empty() {
        if let Some(label) = integration.secrets.custom.get("keyLabel").filter(|label| !label.is_empty()) {
            put("credentials_label", json!({ "apiKey": label.expose() }));
        }
        if provider.auth_mode() == AuthMode::TwoStep {
            let set: Vec<&String> = integration
                .secrets
                .custom
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, _)| name)
                .collect();
            if !set.is_empty() {
                put("preconfigured_credentials", json!(set));
            }
        }
    }
    put("created_at", integration.created_at.iso_z().into());
    put("updated_at", integration.updated_at.iso_z().into());
    shape
}

/// What `encodeURIComponent` leaves alone.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Where the service sends its webhooks; `None` when the provider's are not understood.
pub(crate) fn webhook_url(
    integration: &Integration,
    provider: &Provider,
    environment: &Environment,
    config: &ServerConfig,
) -> Option<String> {
    provider.webhook_routing()?;
    Some(webhook_address(environment, &integration.unique_key, config))
}

/// The address for webhooks of an environment's `key`.
pub(crate) fn webhook_address(environment: &Environment, key: &str, config: &ServerConfig) -> String {
    config.absolute(&format!("/webhook/{}/{}", environment.uuid, utf8_percent_encode(key, COMPONENT)))
}

/// The client credentials, for callers that may read them; null for auth modes without a client.
pub(crate) fn credentials(integration: &Integration, provider: &Provider) -> Value {
    let mode = provider.auth_mode();
    // Others may hold scopes or a registration of ours: no client that a caller gave.
    if !matches!(mode, AuthMode::Oauth1 | AuthMode::Oauth2 | AuthMode::Tba | AuthMode::App | AuthMode::Custom)
    {
        return Value::Null;
    }
    match &integration.secrets.client {
        IntegrationClient::None => Value::Null,
        IntegrationClient::Oauth { client_id, client_secret, scopes, webhook_secret } => json!({
            "type": mode.as_str(),
            "client_id": client_id,
            "client_secret": client_secret.expose(),
            "scopes": scopes,
            "webhook_secret": webhook_secret.as_ref().map(Secret::expose),
        }),
        IntegrationClient::App { app_id, app_link, private_key } => json!({
            "type": mode.as_str(),
            "app_id": app_id,
            "private_key": private_key.expose(),
            "app_link": app_link,
        }),
        IntegrationClient::Custom { client_id, client_secret, app_id, app_link, private_key } => json!({
            "type": mode.as_str(),
            "client_id": client_id,
            "client_secret": client_secret.expose(),
            "app_id": app_id,
            "app_link": app_link,
            "private_key": private_key.expose(),
        }),
    }
}
