//! The product's own side of an integration, by auth mode: what the form asks for (auth-modes.md section 2.1).

use std::collections::BTreeMap;

use dovetail_catalog::{ClientRegistration, Provider};
use dovetail_connect::pending::app_webhook_secret;
use dovetail_model::{AuthMode, Integration, IntegrationClient, Secret};

use super::client_parts::Parts;
use crate::actions::integrations::{WEBHOOK_SECRET, client_metadata, plugin};
use crate::dashboard::form::Fields;
use crate::dashboard::format::segment;
use crate::dashboard::visit::Visit;

/// An address of ours that has to be entered at the service.
pub(super) struct Address {
    pub(super) label: &'static str,
    pub(super) hint: String,
    pub(super) url: String,
}

/// The scopes and what is known of them.
pub(super) struct Scopes {
    pub(super) value: String,
    pub(super) known: Vec<String>,
}

/// What stands in the form. Secrets that were entered are never shown: only whether one is stored.
pub(super) struct ClientForm {
    pub(super) provider_name: String,
    pub(super) callback: Option<Address>,
    pub(super) parts: Parts,
    pub(super) client_id: String,
    pub(super) client_secret_stored: bool,
    pub(super) scopes: Option<Scopes>,
    pub(super) app_id: String,
    pub(super) app_link: String,
    pub(super) private_key_stored: bool,
    /// What the service has to sign its webhooks with: worked out from the stored app, and shown to be entered there.
    pub(super) app_webhook_secret: Option<String>,
    pub(super) username: String,
    pub(super) password_stored: bool,
    pub(super) client_name: String,
    pub(super) client_uri: String,
    pub(super) client_logo_uri: String,
    pub(super) webhook_secret_stored: bool,
    pub(super) registration: Option<&'static str>,
}

/// Where the values of a form come from.
#[derive(Clone, Copy)]
pub(super) enum From<'a> {
    /// A new integration.
    Nothing,
    /// What is stored.
    Stored(&'a Integration),
    /// What was typed and refused, over what is stored.
    Typed(&'a Fields, Option<&'a Integration>),
}

impl ClientForm {
    /// The form of a provider; `key` is the integration's, where it has one.
    pub(super) fn new(visit: &Visit, provider: &Provider, key: Option<&str>, from: From<'_>) -> Self {
        let (fields, integration) = match from {
            From::Nothing => (None, None),
            From::Stored(integration) => (None, Some(integration)),
            From::Typed(fields, integration) => (Some(fields), integration),
        };
        let held = integration.map(|integration| &integration.secrets);
        let nothing = BTreeMap::new();
        let custom = held.map_or(&nothing, |held| &held.custom);
        let flat = Flat::of(held.map_or(&IntegrationClient::None, |held| &held.client));
        let value = |field: &str, stored: &str| fields.map_or(stored, |fields| fields.get(field)).to_owned();
        let of_custom = |name: &str| custom.get(name).map_or("", Secret::expose);
        let parts = Parts::of(provider);
        let scopes = parts.scopes.then(|| {
            let default = || provider.default_scopes.join(",");
            let stored = if integration.is_some() { flat.scopes.unwrap_or_default() } else { default() };
            Scopes {
                value: value("scopes", &stored).replace(',', ", "),
                known: visit.known_scopes(provider.id()),
            }
        });
        let app_link = if parts.plugin { of_custom(plugin::APP_LINK) } else { &flat.app_link };
        let webhook_secret = flat.webhook_secret.is_some() || !of_custom(WEBHOOK_SECRET).is_empty();
        Self {
            provider_name: provider.display_name.clone(),
            callback: callback(visit, provider),
            client_id: value("client_id", &flat.client_id),
            client_secret_stored: !flat.client_secret.is_empty(),
            scopes,
            app_id: value("app_id", &flat.app_id),
            app_link: value("app_link", app_link),
            private_key_stored: !flat.private_key.is_empty(),
            app_webhook_secret: held
                .filter(|_| !flat.private_key.is_empty())
                .and_then(|held| app_webhook_secret(&held.client))
                .map(|secret| secret.expose().to_owned()),
            username: value("username", of_custom(plugin::USERNAME)),
            password_stored: !of_custom(plugin::PASSWORD).is_empty(),
            client_name: value("client_name", of_custom(client_metadata::NAME)),
            client_uri: value("client_uri", of_custom(client_metadata::URI)),
            client_logo_uri: value("client_logo_uri", of_custom(client_metadata::LOGO_URI)),
            webhook_secret_stored: webhook_secret,
            registration: registration(provider, key.is_some()),
            parts,
        }
    }

    /// Whether there is anything to enter or to copy.
    pub(super) fn is_empty(&self) -> bool {
        self.callback.is_none() && self.registration.is_none() && !self.parts.any()
    }
}

/// The client of an integration, all kinds in one.
pub(super) struct Flat {
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    pub(super) scopes: Option<String>,
    pub(super) webhook_secret: Option<Secret>,
    pub(super) app_id: String,
    pub(super) app_link: String,
    pub(super) private_key: Secret,
}

impl Flat {
    pub(super) fn of(client: &IntegrationClient) -> Self {
        let mut flat = Self {
            client_id: String::new(),
            client_secret: Secret::new(""),
            scopes: None,
            webhook_secret: None,
            app_id: String::new(),
            app_link: String::new(),
            private_key: Secret::new(""),
        };
        match client.clone() {
            IntegrationClient::None => {}
            IntegrationClient::Oauth { client_id, client_secret, scopes, webhook_secret } => {
                flat = Self { client_id, client_secret, scopes, webhook_secret, ..flat };
            }
            IntegrationClient::App { app_id, app_link, private_key } => {
                flat = Self { app_id, app_link, private_key, ..flat };
            }
            IntegrationClient::Custom { client_id, client_secret, app_id, app_link, private_key } => {
                flat = Self { client_id, client_secret, app_id, app_link, private_key, ..flat };
            }
        }
        flat
    }
}

/// Where the service sends end users back to; `None` in modes that send nobody away.
pub(super) fn callback(visit: &Visit, provider: &Provider) -> Option<Address> {
    let name = &provider.display_name;
    let absolute = |path: &str| visit.app().config.absolute(path);
    match provider.auth_mode() {
        AuthMode::App => Some(Address {
            label: "Setup URL",
            hint: format!(
                "Enter it in the settings of your app at {name}, and have it called after updates too."
            ),
            url: absolute("/app-auth/connect"),
        }),
        AuthMode::Oauth1
        | AuthMode::Oauth2
        | AuthMode::Custom
        | AuthMode::McpOauth2
        | AuthMode::McpOauth2Generic
        | AuthMode::InstallPlugin => Some(Address {
            label: "Callback URL",
            hint: format!("Register it in the app you create at {name}."),
            url: visit.environment.callback_url.clone().unwrap_or_else(|| absolute("/oauth/callback")),
        })
        .filter(|_| provider.auth_mode() != AuthMode::McpOauth2Generic),
        _ => None,
    }
}

/// How the client of an MCP server comes to be, where nobody types it.
fn registration(provider: &Provider, exists: bool) -> Option<&'static str> {
    match (provider.auth_mode(), provider.client_registration) {
        (AuthMode::McpOauth2, Some(ClientRegistration::Dynamic)) if exists => {
            Some("Dovetail registered a client of its own at this server. There is nothing to enter.")
        }
        (AuthMode::McpOauth2, Some(ClientRegistration::Dynamic)) => {
            Some("Dovetail registers a client of its own at this server. There is nothing to enter.")
        }
        (AuthMode::McpOauth2, Some(ClientRegistration::Cimd)) => Some(
            "The server reads who you are from a document that Dovetail publishes. It needs a public https address.",
        ),
        (AuthMode::McpOauth2Generic, _) => {
            Some("Each end user names a server, and Dovetail registers with it under the name you give here.")
        }
        _ => None,
    }
}

/// The document by which servers that read client metadata know this integration (auth-modes.md section 8.3).
pub(super) fn metadata_document(visit: &Visit, provider: &Provider, key: &str) -> Option<String> {
    let by_document = provider.auth_mode() == AuthMode::McpOauth2Generic
        || provider.client_registration == Some(ClientRegistration::Cimd);
    let path = format!("/oauth/client-metadata/{}/{}", visit.environment.uuid, segment(key));
    by_document.then(|| visit.app().config.absolute(&path))
}
