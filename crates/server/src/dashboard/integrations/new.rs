//! `/dashboard/{environment}/integrations/new/{provider}`: add an integration.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use dovetail_catalog::Provider;
use dovetail_model::Secret;
use dovetail_store::integrations;
use http::StatusCode;

use super::client_fields;
use super::client_form::{ClientForm, From};
use super::config_fields::{self, ConfigField};
use super::list::href;
use crate::actions::integrations::{Draft, create};
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
    unique_key: String,
    display_name: String,
    client: ClientForm,
    fields: Vec<ConfigField>,
    errors: FieldErrors,
    error: Option<String>,
}

/// Highest number proposed behind a taken key; beyond it the person thinks of a name.
const MAX_PROPOSED: u32 = 999;

/// What stands in the form.
struct Typed<'a> {
    unique_key: String,
    display_name: String,
    client: From<'a>,
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
        client: From::Nothing,
        values: BTreeMap::new(),
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
    let own = client_fields::submitted(&provider, None, &fields, &mut errors);
    let integration_config = config_fields::submitted(&provider, &fields);
    let refused = if errors.is_empty() {
        let draft = Draft {
            provider: provider.id().to_owned(),
            unique_key: unique_key.clone(),
            display_name: fields.text("display_name").filter(|name| *name != provider.display_name),
            forward_webhooks: true,
            credentials: own.credentials,
            integration_config: integration_config.clone(),
            custom: own.custom,
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
        client: From::Typed(&fields, None),
        values: integration_config
            .into_iter()
            .flatten()
            .map(|(name, value)| (name, Secret::new(value)))
            .collect(),
    };
    form(&visit, &provider, typed, StatusCode::BAD_REQUEST, errors, error)
}

fn provider_of(visit: &Visit, params: &HashMap<String, String>) -> Result<Arc<Provider>, PageError> {
    let id = params.get("provider").map(String::as_str).unwrap_or_default();
    let missing = || PageError::not_found("This service", visit.path("/integrations/new"));
    visit.app().catalog.current().shared(id).ok_or_else(missing)
}

fn form(
    visit: &Visit,
    provider: &Provider,
    typed: Typed<'_>,
    status: StatusCode,
    errors: FieldErrors,
    error: Option<String>,
) -> Result<Response, PageError> {
    let (docs, docs_host) = rules::link(&provider.docs);
    let page = NewPage {
        shell: visit
            .shell(Section::Integrations, format!("Add {}", provider.display_name))
            .crumb("Integrations", "/integrations")
            .crumb("Choose a service", "/integrations/new"),
        provider: provider.id().to_owned(),
        provider_name: provider.display_name.clone(),
        logo: logo(provider.id()),
        mode: mode_label(provider.auth_mode()),
        categories: provider
            .categories
            .iter()
            .map(|name| category_label(name))
            .collect::<Vec<_>>()
            .join(", "),
        docs,
        docs_host,
        has_guide: visit.app().catalog.current().has_written_guide(provider.id()),
        unique_key: typed.unique_key,
        display_name: typed.display_name,
        client: ClientForm::new(visit, provider, None, typed.client),
        fields: config_fields::inputs(provider, &typed.values),
        errors,
        error,
    };
    page_with(status, &page)
}
