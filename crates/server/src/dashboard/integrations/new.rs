//! `/dashboard/{environment}/integrations/new/{provider}`: add an integration.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use dovetail_catalog::Provider;
use dovetail_model::{AuthMode, IntegrationClient, Secret};
use dovetail_store::integrations;
use http::StatusCode;

use super::config_fields::{self, ConfigField};
use super::list::href;
use crate::actions::integrations::{Credentials, Draft, create};
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::page::{page_with, see_other};
use crate::dashboard::parts::{category_label, mode_label};
use crate::dashboard::refusal::Refusal;
use crate::dashboard::rules;
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::{Visit, logo};

#[derive(Template)]
#[template(path = "dashboard/integrations/new.html")]
struct NewPage {
    shell: Shell,
    provider: String,
    provider_name: String,
    logo: String,
    mode: &'static str,
    categories: String,
    docs: Option<String>,
    docs_host: String,
    has_guide: bool,
    callback_url: Option<String>,
    needs_client: bool,
    needs_app: bool,
    unique_key: String,
    display_name: String,
    client_id: String,
    scopes: String,
    app_id: String,
    app_link: String,
    fields: Vec<ConfigField>,
    errors: FieldErrors,
    error: Option<String>,
}

/// Highest number proposed behind a taken key; beyond it the person thinks of a name.
const MAX_PROPOSED: u32 = 999;

/// What stands in the form.
#[derive(Default)]
struct Typed {
    unique_key: String,
    display_name: String,
    client_id: String,
    scopes: String,
    app_id: String,
    app_link: String,
    values: BTreeMap<String, Secret>,
}

/// The empty form, with a free key proposed.
pub(crate) async fn show(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
) -> Result<Response, PageError> {
    let provider = provider_of(&visit, &params)?;
    let mut db = visit.app().store.read().await?;
    let taken = integrations::list(&mut db, visit.env()).await?;
    let free = |key: &String| taken.iter().all(|integration| integration.unique_key != *key);
    let unique_key = std::iter::once(provider.id().to_owned())
        .chain((2..=MAX_PROPOSED).map(|number| format!("{}-{number}", provider.id())))
        .find(free)
        .unwrap_or_default();
    let typed = Typed {
        unique_key,
        display_name: provider.display_name.clone(),
        scopes: provider.default_scopes.join(","),
        ..Typed::default()
    };
    form(&visit, &provider, typed, StatusCode::OK, FieldErrors::default(), None)
}

/// Adds it.
pub(crate) async fn add(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    fields: Fields,
) -> Result<Response, PageError> {
    let provider = provider_of(&visit, &params)?;
    let mut errors = FieldErrors::default();
    let unique_key = fields.get("unique_key").to_owned();
    rules::integration_key(&unique_key, "unique_key", &mut errors);
    rules::optional_name(fields.get("display_name"), "display_name", &mut errors);
    let credentials = credentials_of(&provider, &fields, &mut errors);
    let integration_config = config_fields::submitted(&provider, &fields);
    let refused = if errors.is_empty() {
        let draft = Draft {
            provider: provider.id().to_owned(),
            unique_key: unique_key.clone(),
            display_name: fields.text("display_name").filter(|name| *name != provider.display_name),
            forward_webhooks: true,
            credentials,
            integration_config: integration_config.clone(),
            custom: None,
        };
        match create(visit.app(), &visit.actor(), visit.env(), draft).await {
            Ok(_) => return Ok(see_other(&format!("{}?done=integration-added", href(&visit, &unique_key)))),
            Err(error) => Some(Refusal::of(error)?),
        }
    } else {
        None
    };
    let error = refused.and_then(|refusal| match refusal.field("uniqueKey") {
        Some(_) => {
            errors.add(
                "unique_key",
                format!("“{unique_key}” is another integration of this environment. Choose another key."),
            );
            None
        }
        None => Some(refusal.text),
    });
    let typed = Typed {
        unique_key,
        display_name: fields.get("display_name").to_owned(),
        client_id: fields.get("client_id").to_owned(),
        scopes: fields.get("scopes").to_owned(),
        app_id: fields.get("app_id").to_owned(),
        app_link: fields.get("app_link").to_owned(),
        values: integration_config
            .into_iter()
            .flatten()
            .map(|(name, value)| (name, Secret::new(value)))
            .collect(),
    };
    form(&visit, &provider, typed, StatusCode::BAD_REQUEST, errors, error)
}

/// The product's client at the service, for the modes that need one.
fn credentials_of(provider: &Provider, fields: &Fields, errors: &mut FieldErrors) -> Option<Credentials> {
    let mode = provider.auth_mode();
    let mut required = |name: &'static str, what: &str| {
        let value = fields.get(name).to_owned();
        if value.is_empty() {
            errors.add(name, format!("{what} is missing. The service shows it where the app is registered."));
        }
        value
    };
    let client = match mode {
        AuthMode::Oauth1 | AuthMode::Oauth2 | AuthMode::Tba => IntegrationClient::Oauth {
            client_id: required("client_id", "The client id"),
            client_secret: Secret::new(required("client_secret", "The client secret")),
            scopes: fields.text("scopes"),
            webhook_secret: None,
        },
        AuthMode::App => IntegrationClient::App {
            app_id: required("app_id", "The app id"),
            app_link: required("app_link", "The app link"),
            private_key: Secret::new(required("private_key", "The private key")),
        },
        AuthMode::Custom => IntegrationClient::Custom {
            client_id: required("client_id", "The client id"),
            client_secret: Secret::new(required("client_secret", "The client secret")),
            app_id: required("app_id", "The app id"),
            app_link: required("app_link", "The app link"),
            private_key: Secret::new(required("private_key", "The private key")),
        },
        _ => return None,
    };
    Some(Credentials { mode, client })
}

fn provider_of(visit: &Visit, params: &HashMap<String, String>) -> Result<Arc<Provider>, PageError> {
    let id = params.get("provider").map(String::as_str).unwrap_or_default();
    let missing = || PageError::not_found("This service", visit.path("/integrations/new"));
    visit.app().catalog.current().shared(id).ok_or_else(missing)
}

fn form(
    visit: &Visit,
    provider: &Provider,
    typed: Typed,
    status: StatusCode,
    errors: FieldErrors,
    error: Option<String>,
) -> Result<Response, PageError> {
    let mode = provider.auth_mode();
    let (needs_client, needs_app) = (needs_client(mode), needs_app(mode));
    let (docs, docs_host) = rules::link(&provider.docs);
    let page = NewPage {
        shell: visit
            .shell(Section::Integrations, format!("Add {}", provider.display_name))
            .crumb("Integrations", "/integrations")
            .crumb("Choose a service", "/integrations/new"),
        provider: provider.id().to_owned(),
        provider_name: provider.display_name.clone(),
        logo: logo(provider.id()),
        mode: mode_label(mode),
        categories: provider
            .categories
            .iter()
            .map(|name| category_label(name))
            .collect::<Vec<_>>()
            .join(", "),
        docs,
        docs_host,
        has_guide: visit.app().catalog.current().has_written_guide(provider.id()),
        callback_url: callback_url(visit, mode),
        needs_client,
        needs_app,
        unique_key: typed.unique_key,
        display_name: typed.display_name,
        client_id: typed.client_id,
        scopes: typed.scopes,
        app_id: typed.app_id,
        app_link: typed.app_link,
        fields: config_fields::inputs(provider, &typed.values),
        errors,
        error,
    };
    page_with(status, &page)
}

/// Whether an integration of this mode has a client id and secret.
fn needs_client(mode: AuthMode) -> bool {
    matches!(mode, AuthMode::Oauth1 | AuthMode::Oauth2 | AuthMode::Tba | AuthMode::Custom)
}

/// Whether an integration of this mode has an app that end users install.
fn needs_app(mode: AuthMode) -> bool {
    matches!(mode, AuthMode::App | AuthMode::Custom)
}

/// Where services send end users back to; `None` in modes that send nobody away.
pub(super) fn callback_url(visit: &Visit, mode: AuthMode) -> Option<String> {
    if !needs_client(mode) && !needs_app(mode) {
        return None;
    }
    let own = visit.environment.callback_url.clone();
    Some(own.unwrap_or_else(|| visit.app().config.absolute("/oauth/callback")))
}
