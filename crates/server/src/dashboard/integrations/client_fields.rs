//! The product's own side of an integration, as typed: checked, and laid over what is stored.

use dovetail_catalog::Provider;
use dovetail_model::{AuthMode, Integration, IntegrationClient, Secret};

use super::client_form::Flat;
use super::client_parts::Parts;
use super::{private_key, scopes};
use crate::actions::integrations::{Credentials, WEBHOOK_SECRET, client_metadata, plugin};
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::rules;
use crate::limits::INTEGRATION_SECRET_CHARS;

/// Longest client id, app id or name, in characters (http-api 2.5).
const MAX_CHARS: usize = 255;

/// What changes; `None` where nothing does.
#[derive(Debug, Default)]
pub(super) struct Submitted {
    pub(super) credentials: Option<Credentials>,
    pub(super) custom: Option<Vec<(String, String)>>,
}

/// Reads the form of a provider. A secret that is left empty stays as it is stored.
pub(super) fn submitted(
    provider: &Provider,
    stored: Option<&Integration>,
    fields: &Fields,
    errors: &mut FieldErrors,
) -> Submitted {
    let parts = Parts::of(provider);
    let before = stored.map_or(IntegrationClient::None, |integration| integration.secrets.client.clone());
    let client = client(provider.auth_mode(), parts, &before, fields, errors);
    let credentials = client
        .filter(|client| stored.is_none() || *client != before)
        .map(|client| Credentials { mode: provider.auth_mode(), client });
    let custom = custom(parts, fields, errors);
    Submitted { credentials, custom: (!custom.is_empty()).then_some(custom) }
}

/// The client with what was typed; `None` in modes whose client nobody types.
fn client(
    mode: AuthMode,
    parts: Parts,
    before: &IntegrationClient,
    fields: &Fields,
    errors: &mut FieldErrors,
) -> Option<IntegrationClient> {
    if !parts.client && !parts.app && !parts.scopes {
        return None;
    }
    let kept = Flat::of(before);
    let client_id = short(fields, "client_id", errors);
    let client_secret = replaced(fields, "client_secret", kept.client_secret, errors);
    let app_id = short(fields, "app_id", errors);
    let app_link = fields.get("app_link").to_owned();
    rules::optional_url(&app_link, "app_link", errors);
    let private_key = match fields.get("private_key") {
        "" => kept.private_key,
        typed => private_key::accept(typed).map(Secret::new).unwrap_or_else(|| {
            errors.add(
                "private_key",
                "This is not an RSA private key in PEM form. Paste the whole file: it begins with -----BEGIN.",
            );
            kept.private_key
        }),
    };
    let is_app = !app_id.is_empty() || !app_link.is_empty() || !private_key.is_empty();
    let is_client = !client_id.is_empty() || !client_secret.is_empty();
    Some(match mode {
        AuthMode::App if is_app => IntegrationClient::App { app_id, app_link, private_key },
        AuthMode::Custom if is_app || is_client => {
            IntegrationClient::Custom { client_id, client_secret, app_id, app_link, private_key }
        }
        AuthMode::App | AuthMode::Custom => IntegrationClient::None,
        _ => {
            let scopes =
                if parts.scopes { Some(scopes::accept(fields.get("scopes"), errors)) } else { kept.scopes };
            // An empty one is how the action is told to remove it.
            let webhook_secret = if fields.flag("webhook_secret_remove") {
                Some(Secret::new(""))
            } else {
                parts
                    .webhook_secret
                    .then(|| short(fields, "webhook_secret", errors))
                    .filter(|typed| !typed.is_empty())
                    .map(Secret::new)
                    .or(kept.webhook_secret)
            };
            let is_any =
                is_client || webhook_secret.is_some() || scopes.as_ref().is_some_and(|all| !all.is_empty());
            if is_any || *before != IntegrationClient::None {
                IntegrationClient::Oauth { client_id, client_secret, scopes, webhook_secret }
            } else {
                IntegrationClient::None
            }
        }
    })
}

/// Values that are kept beside the client. Secrets left empty are not among them.
fn custom(parts: Parts, fields: &Fields, errors: &mut FieldErrors) -> Vec<(String, String)> {
    let mut custom = Vec::new();
    let mut put = |name: &str, value: String| custom.push((name.to_owned(), value));
    if parts.plugin {
        let link = fields.get("app_link");
        rules::optional_url(link, "app_link", errors);
        put(plugin::APP_LINK, link.to_owned());
        put(plugin::USERNAME, short(fields, "username", errors));
        let password = short(fields, "password", errors);
        if !password.is_empty() {
            put(plugin::PASSWORD, password);
        }
    }
    if parts.named {
        put(client_metadata::NAME, short(fields, "client_name", errors));
        for (field, name) in
            [("client_uri", client_metadata::URI), ("client_logo_uri", client_metadata::LOGO_URI)]
        {
            rules::optional_url(fields.get(field), field, errors);
            put(name, fields.get(field).to_owned());
        }
    }
    let in_client = (parts.client && !parts.app) || parts.scopes;
    if parts.webhook_secret && !in_client {
        let typed = short(fields, "webhook_secret", errors);
        if !typed.is_empty() || fields.flag("webhook_secret_remove") {
            put(WEBHOOK_SECRET, typed);
        }
    }
    custom
}

fn short(fields: &Fields, name: &'static str, errors: &mut FieldErrors) -> String {
    let value = fields.get(name).to_owned();
    if value.chars().count() > MAX_CHARS {
        errors.add(name, format!("This is longer than {MAX_CHARS} characters."));
    }
    value
}

/// A secret as typed, or the stored one when nothing was.
fn replaced(fields: &Fields, name: &'static str, kept: Secret, errors: &mut FieldErrors) -> Secret {
    match fields.get(name) {
        "" => kept,
        typed if typed.chars().count() > INTEGRATION_SECRET_CHARS => {
            errors.add(name, format!("This is longer than {INTEGRATION_SECRET_CHARS} characters."));
            kept
        }
        typed => Secret::new(typed),
    }
}
