//! `/dashboard/{environment}/integrations/{key}`: one integration and its settings.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use dovetail_model::Integration;
use dovetail_store::integrations;
use http::StatusCode;

use super::client_fields;
use super::client_form::{Address, ClientForm, From, callback, metadata_document};
use super::config_fields::{self, ConfigField};
use super::list::{href, name_of};
use crate::actions::integrations::{Patch, missing_fields, update};
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::format::{When, count, segment};
use crate::dashboard::page::{page_with, see_other};
use crate::dashboard::parts::{Query, mode_label};
use crate::dashboard::refusal::Refusal;
use crate::dashboard::rules;
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::snippets::{Snippet, create_session};
use crate::dashboard::visit::{Visit, logo};

#[derive(Template)]
#[template(path = "dashboard/integrations/detail.html")]
struct DetailPage {
    shell: Shell,
    href: String,
    key: String,
    unique_key: String,
    display_name: String,
    provider: String,
    provider_name: String,
    logo: String,
    mode: &'static str,
    forward_webhooks: bool,
    client: Option<ClientForm>,
    fields: Vec<ConfigField>,
    missing: Option<String>,
    connections: i64,
    connections_text: String,
    connections_href: String,
    callback: Option<Address>,
    metadata_document: Option<String>,
    webhook_url: Option<String>,
    has_guide: bool,
    docs: Option<String>,
    docs_host: String,
    created: When,
    updated: When,
    snippets: Vec<Snippet>,
    errors: FieldErrors,
    error: Option<String>,
}

/// What was typed and refused, and why.
#[derive(Default)]
pub(super) struct Refused<'a> {
    pub(super) typed: Option<&'a Fields>,
    pub(super) errors: FieldErrors,
    pub(super) error: Option<String>,
}

/// The page.
pub(crate) async fn show(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
) -> Result<Response, PageError> {
    let integration = load(&visit, &params).await?;
    render(&visit, &integration, StatusCode::OK, Refused::default()).await
}

/// Saves the settings.
pub(crate) async fn save(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    fields: Fields,
) -> Result<Response, PageError> {
    let integration = load(&visit, &params).await?;
    let catalog = visit.app().catalog.current();
    let provider = catalog.get(&integration.provider);
    let (unique_key, display_name) = (fields.get("unique_key"), fields.get("display_name"));
    let mut errors = FieldErrors::default();
    rules::integration_key(unique_key, "unique_key", &mut errors);
    rules::optional_name(display_name, "display_name", &mut errors);
    let own = match provider {
        Some(provider) => client_fields::submitted(provider, Some(&integration), &fields, &mut errors),
        None => client_fields::Submitted::default(),
    };
    let mut error = None;
    if errors.is_empty() {
        let patch = Patch {
            credentials: own.credentials,
            custom: own.custom,
            unique_key: Some(unique_key.to_owned()).filter(|key| *key != integration.unique_key),
            display_name: fields
                .text("display_name")
                .or_else(|| provider.map(|provider| provider.display_name.clone()))
                .filter(|name| Some(name) != integration.display_name.as_ref()),
            forward_webhooks: Some(fields.flag("forward_webhooks")),
            integration_config: provider.and_then(|provider| config_fields::submitted(provider, &fields)),
        };
        let done = update(visit.app(), &visit.actor(), visit.env(), &integration.unique_key, patch).await;
        match done {
            Ok((changed, _)) => {
                return Ok(see_other(&format!("{}?done=saved", href(&visit, &changed.unique_key))));
            }
            Err(refused) => error = Some(Refusal::of(refused)?.text),
        }
    }
    let refused = Refused { typed: Some(&fields), errors, error };
    render(&visit, &integration, StatusCode::BAD_REQUEST, refused).await
}

/// The integration of the path.
pub(super) async fn load(visit: &Visit, params: &HashMap<String, String>) -> Result<Integration, PageError> {
    let key = params.get("key").map(String::as_str).unwrap_or_default();
    let mut db = visit.app().store.read().await?;
    let found = integrations::by_key(&mut db, visit.env(), key).await?;
    found.ok_or_else(|| PageError::not_found("This integration", visit.path("/integrations")))
}

pub(super) async fn render(
    visit: &Visit,
    integration: &Integration,
    status: StatusCode,
    refused: Refused<'_>,
) -> Result<Response, PageError> {
    let catalog = visit.app().catalog.current();
    let provider = catalog.get(&integration.provider);
    let mut db = visit.app().store.read().await?;
    let connections = integrations::connection_count(&mut db, visit.env(), integration.id).await?;
    let key = integration.unique_key.clone();
    let name = name_of(integration, provider);
    let (docs, docs_host) = provider.map(|provider| rules::link(&provider.docs)).unwrap_or_default();
    let webhook_url = provider.filter(|provider| provider.webhook_routing().is_some()).map(|_| {
        let path = format!("/webhook/{}/{}", visit.environment.uuid, segment(&key));
        visit.app().config.absolute(&path)
    });
    let typed = |field: &str, stored: &str| refused.typed.map_or(stored, |f| f.get(field)).to_owned();
    let (unique_key, display_name) = (typed("unique_key", &key), typed("display_name", &name));
    let from = match refused.typed {
        Some(fields) => From::Typed(fields, Some(integration)),
        None => From::Stored(integration),
    };
    let client = provider.map(|provider| ClientForm::new(visit, provider, Some(&key), from));
    let missing = provider.map(|provider| missing_fields(provider, integration)).unwrap_or_default();
    let page = DetailPage {
        shell: visit.shell(Section::Integrations, name).crumb("Integrations", "/integrations"),
        href: href(visit, &key),
        unique_key,
        display_name,
        provider: integration.provider.clone(),
        provider_name: provider.map_or_else(|| integration.provider.clone(), |p| p.display_name.clone()),
        logo: logo(&integration.provider),
        mode: provider.map_or("Missing definition", |provider| mode_label(provider.auth_mode())),
        forward_webhooks: integration.forward_webhooks,
        client: client.filter(|client| !client.is_empty()),
        missing: Some(missing.join(", ")).filter(|missing| !missing.is_empty()),
        fields: provider.map(|p| config_fields::inputs(p, &integration.secrets.custom)).unwrap_or_default(),
        connections,
        connections_text: count(connections.unsigned_abs(), "connection"),
        connections_href: Query::default().with("integration", &key).of(&visit.path("/connections")),
        callback: provider.and_then(|provider| callback(visit, provider)),
        metadata_document: provider.and_then(|provider| metadata_document(visit, provider, &key)),
        webhook_url,
        has_guide: catalog.has_written_guide(&integration.provider),
        docs,
        docs_host,
        created: visit.when(integration.created_at),
        updated: visit.when(integration.updated_at),
        snippets: create_session(visit.public_url(), Some(&key)),
        errors: refused.errors,
        error: refused.error,
        key,
    };
    page_with(status, &page)
}
