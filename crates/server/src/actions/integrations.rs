//! Integrations: the rules that span provider, credentials and settings (spec: http-api.md 2.5).

mod credentials;
mod missing;
mod settings;
mod values;

use std::sync::Arc;

use dovetail_catalog::Provider;
use dovetail_model::{Actor, AuthMode, EnvironmentId, Integration, IntegrationClient};
use dovetail_store::StoreError;
use dovetail_store::integrations::{self as rows, NewIntegration, UpdateError};

use super::audit::{self, Deed};
use super::revoke_connection;
use crate::state::AppState;
use crate::validate::Issue;
use crate::wire::{ApiError, ApiResult, ErrorCode};
pub(crate) use dovetail_connect::modes::install_plugin as plugin;
pub(crate) use missing::missing_fields;
pub(crate) use values::{WEBHOOK_SECRET, client_metadata};

/// Client credentials as submitted, with the auth mode they are for.
#[derive(Clone, Debug, PartialEq)]
pub struct Credentials {
    /// The auth mode named by the submitter.
    pub mode: AuthMode,
    /// The client.
    pub client: IntegrationClient,
}

/// What a new integration is asked to be.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The provider's name.
    pub provider: String,
    /// The key callers will know it by.
    pub unique_key: String,
    /// A name of its own to show.
    pub display_name: Option<String>,
    /// Whether webhooks of the service are passed on.
    pub forward_webhooks: bool,
    /// The product's client at the service.
    pub credentials: Option<Credentials>,
    /// Values of the provider's own settings.
    pub integration_config: Option<Vec<(String, String)>>,
    /// Free values, for providers without settings of their own.
    pub custom: Option<Vec<(String, String)>>,
}

/// What to change of an integration; `None` keeps what is there.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    /// Another key; only without live connections.
    pub unique_key: Option<String>,
    /// Another name to show.
    pub display_name: Option<String>,
    /// Another client at the service.
    pub credentials: Option<Credentials>,
    /// Whether webhooks of the service are passed on.
    pub forward_webhooks: Option<bool>,
    /// Settings to merge; an empty value clears an optional one.
    pub integration_config: Option<Vec<(String, String)>>,
    /// Free values to merge.
    pub custom: Option<Vec<(String, String)>>,
}

impl Patch {
    /// Names of the passed fields.
    fn fields(&self) -> Vec<&'static str> {
        let passed = [
            ("unique_key", self.unique_key.is_some()),
            ("display_name", self.display_name.is_some()),
            ("credentials", self.credentials.is_some()),
            ("forward_webhooks", self.forward_webhooks.is_some()),
            ("integration_config", self.integration_config.is_some()),
            ("custom", self.custom.is_some()),
        ];
        passed.into_iter().filter(|(_, is_passed)| *is_passed).map(|(name, _)| name).collect()
    }
}

/// Makes an integration.
///
/// Errors: `invalid_body` with an issue (unknown provider, key taken) or a sentence (credentials, settings).
pub async fn create(
    app: &AppState,
    by: &Actor,
    environment: EnvironmentId,
    draft: Draft,
) -> ApiResult<(Integration, Arc<Provider>)> {
    let provider = app.catalog.current().shared(&draft.provider).ok_or_else(invalid_provider)?;
    let mut tx = app.store.begin().await?;
    if rows::by_key(&mut tx, environment, &draft.unique_key).await?.is_some() {
        return Err(key_exists());
    }
    let client = credentials::accept(&provider, draft.credentials)?;
    let custom = settings::accept(&provider, draft.integration_config, draft.custom)?;
    let new = NewIntegration {
        unique_key: draft.unique_key,
        provider: draft.provider,
        display_name: draft.display_name,
        forward_webhooks: draft.forward_webhooks,
        secrets: dovetail_model::IntegrationSecrets { client, custom },
    };
    let made = rows::create(&mut tx, environment, new).await?.ok_or_else(key_exists)?;
    audit::record(&mut tx, deed(by, environment, "created", &made.unique_key, Vec::new())).await?;
    tx.commit().await?;
    Ok((made, provider))
}

/// Changes an integration.
///
/// Errors: `not_found`; `invalid_body` with a sentence.
pub async fn update(
    app: &AppState,
    by: &Actor,
    environment: EnvironmentId,
    key: &str,
    patch: Patch,
) -> ApiResult<(Integration, Arc<Provider>)> {
    let mut tx = app.store.begin().await?;
    let mut integration = rows::by_key(&mut tx, environment, key).await?.ok_or_else(|| missing(key))?;
    let provider = app.catalog.current().shared(&integration.provider).ok_or_else(|| missing(key))?;
    let fields = patch.fields();
    if let Some(submitted) = patch.credentials {
        credentials::replace(&provider, &mut integration.secrets.client, submitted)?;
    }
    settings::merge(&provider, &mut integration.secrets.custom, patch.integration_config, patch.custom)?;
    if let Some(unique_key) = patch.unique_key {
        integration.unique_key = unique_key;
    }
    if let Some(display_name) = patch.display_name {
        integration.display_name = Some(display_name);
    }
    if let Some(forward_webhooks) = patch.forward_webhooks {
        integration.forward_webhooks = forward_webhooks;
    }
    let changed = rows::update(&mut tx, integration).await.map_err(|error| refuse(error, key))?;
    audit::record(&mut tx, deed(by, environment, "updated", &changed.unique_key, fields)).await?;
    tx.commit().await?;
    Ok((changed, provider))
}

/// Deletes an integration with its live connections, whose services are told.
///
/// Errors: `not_found`.
pub async fn delete(app: &AppState, by: &Actor, environment: EnvironmentId, key: &str) -> ApiResult<()> {
    let mut tx = app.store.begin().await?;
    let integration = rows::by_key(&mut tx, environment, key).await?.ok_or_else(|| missing(key))?;
    let told = revoke_connection::enqueue_all(app, &mut tx, by, &integration).await?;
    tracing::debug!(connections = told, "services are told of a deleted integration's connections");
    if !rows::delete(&mut tx, environment, key).await? {
        return Err(missing(key));
    }
    audit::record(&mut tx, deed(by, environment, "deleted", key, Vec::new())).await?;
    Ok(tx.commit().await?)
}

fn deed<'a>(
    by: &'a Actor,
    environment: EnvironmentId,
    action: &'static str,
    key: &str,
    fields: Vec<&'static str>,
) -> Deed<'a> {
    let key = key.to_owned();
    Deed {
        by,
        environment: Some(environment),
        resource: "integration",
        action,
        id: key.clone(),
        display: key,
        fields,
    }
}

/// The provider of a new integration is not in the catalogue.
pub(crate) fn invalid_provider() -> ApiError {
    issue("Invalid provider", "provider")
}

/// The key of a new integration is taken. Clients look for the camel-case path.
fn key_exists() -> ApiError {
    issue("Unique key already exists", "uniqueKey")
}

fn issue(message: &str, field: &str) -> ApiError {
    ApiError::validation(ErrorCode::InvalidBody, vec![Issue::with_code("invalid_string", message, [field])])
}

fn missing(key: &str) -> ApiError {
    ApiError::not_found(format!("The integration {key} does not exist."))
}

fn refuse(error: UpdateError, key: &str) -> ApiError {
    match error {
        UpdateError::NotFound => missing(key),
        UpdateError::KeyTaken => ApiError::invalid_body("Another integration has this key already."),
        UpdateError::HasConnections => ApiError::invalid_body(
            "An integration with connections keeps its key. Delete its connections first.",
        ),
        UpdateError::Store(error) => StoreError::into(error),
    }
}
