//! `GET /config/{providerConfigKey}`: an integration as SDKs before mid-2025 read it. Deprecated.

use axum::Router;
use axum::routing;
use dovetail_catalog::Provider;
use dovetail_connect::pending::app_webhook_secret;
use dovetail_model::{Act, Environment, Integration, IntegrationClient, Scope, Secret};
use dovetail_store::connections::{self, Filter, Page, SealedConnection};
use dovetail_store::integrations;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::integrations::webhook_address;
use super::providers::absolute_link;
use crate::auth::Auth;
use crate::call::Call;
use crate::config::ServerConfig;
use crate::limits::MAX_LISTED_CONNECTIONS;
use crate::state::AppState;
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode, ok};

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new().route("/config/{providerConfigKey}", routing::get(get))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(get))]
pub struct Docs;

/// Reads an integration; with `include_creds=true` also what it holds.
#[utoipa::path(
    get,
    path = "/config/{providerConfigKey}",
    tag = "integrations",
    params(
        ("providerConfigKey" = String, Path, description = "Key of the integration"),
        ("include_creds" = Option<String>, Query, description = "`true` adds credentials"),
    ),
    security(("apiKey" = [])),
    responses((status = 200, description = "`{\"config\": …}`"), (status = 400), (status = 401), (status = 403), (status = 429))
)]
async fn get(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::key()
        .one_of(&[Scope::INTEGRATIONS_READ, Scope::INTEGRATIONS_READ_CREDENTIALS])
        .limited()
        .check(&call)
        .await?;
    let with_credentials = call.query_text("include_creds") == Some("true");
    if with_credentials && !caller.may(Scope::INTEGRATIONS_READ_CREDENTIALS) {
        return Err(caller.secrets_refused(Scope::INTEGRATIONS_READ_CREDENTIALS));
    }
    let key = call.param("providerConfigKey");
    caller.permits(Act::Integration { key })?;
    let mut db = call.app.store.read().await?;
    let integration = integrations::by_key(&mut db, caller.environment_id(), key)
        .await?
        .ok_or_else(|| ApiError::new(ErrorCode::UnknownProviderConfigLegacy))?;
    if !with_credentials {
        return Ok(ok(json!({ "config": {
            "unique_key": integration.unique_key,
            "provider": integration.provider,
            "syncs": [],
            "actions": [],
        }})));
    }
    let catalog = call.app.catalog.current();
    let provider = catalog
        .get(&integration.provider)
        .ok_or_else(|| ApiError::new(ErrorCode::UnknownProviderTemplateLegacy))?;
    let filter = Filter {
        integrations: vec![integration.unique_key.clone()],
        within: caller.reach.limits().cloned(),
        ..Filter::default()
    };
    let newest = Page { limit: MAX_LISTED_CONNECTIONS, number: 0 };
    let mut listed = Vec::new();
    for info in connections::list(&mut db, caller.environment_id(), &filter, newest).await? {
        listed.extend(connections::by_row(&mut db, caller.environment_id(), info.id).await?);
    }
    let count = connections::count(&mut db, caller.environment_id(), &filter).await?;
    let mut config = full(&integration, provider, &caller.environment, &call.app.config);
    config["connections"] = listed.iter().map(connection).collect();
    config["connection_count"] = count.into();
    Ok(ok(json!({ "config": config })))
}

/// The answer with credentials.
fn full(
    integration: &Integration,
    provider: &Provider,
    environment: &Environment,
    config: &ServerConfig,
) -> Value {
    let client = Client::of(&integration.secrets.client);
    let custom: Map<String, Value> = integration
        .secrets
        .custom
        .iter()
        .map(|(name, value)| (name.clone(), value.expose().into()))
        .collect();
    json!({
        "unique_key": integration.unique_key,
        "provider": integration.provider,
        "client_id": client.id,
        "client_secret": client.secret.map(Secret::expose),
        "custom": if custom.is_empty() { Value::Null } else { Value::Object(custom) },
        "scopes": client.scopes,
        "app_link": client.app_link,
        "auth_mode": provider.auth_mode().as_str(),
        "created_at": integration.created_at.iso_z(),
        "syncs": [],
        "actions": [],
        "has_webhook": provider.webhook_routing().is_some(),
        "webhook_secret": client.webhook_secret,
        "connections": [],
        "docs": absolute_link(&provider.docs, config),
        "connection_count": 0,
        "has_webhook_user_defined_secret": provider.webhook_user_defined_secret,
        // This route has always ended the address in the provider's name, not the key.
        "webhook_url": provider
            .webhook_routing()
            .map(|_| webhook_address(environment, &integration.provider, config)),
    })
}

/// One of the integration's connections; of its configuration, what is not secret.
fn connection(connection: &SealedConnection) -> Value {
    json!({
        "connection_config": connection.public_config,
        "connection_id": connection.info.connection_id,
        "environment_id": connection.info.environment,
        "id": connection.info.id,
        "provider_config_key": connection.info.provider_config_key,
    })
}

/// The client of an integration in the flat form of this route.
#[derive(Default)]
struct Client<'a> {
    id: Option<&'a str>,
    secret: Option<&'a Secret>,
    scopes: Option<&'a str>,
    app_link: Option<&'a str>,
    webhook_secret: Option<String>,
}

impl<'a> Client<'a> {
    fn of(client: &'a IntegrationClient) -> Self {
        match client {
            IntegrationClient::None => Self::default(),
            IntegrationClient::Oauth { client_id, client_secret, scopes, webhook_secret } => Self {
                id: Some(client_id.as_str()).filter(|id| !id.is_empty()),
                secret: Some(client_secret).filter(|secret| !secret.is_empty()),
                scopes: scopes.as_deref(),
                webhook_secret: webhook_secret.as_ref().map(|secret| secret.expose().to_owned()),
                ..Self::default()
            },
            IntegrationClient::App { app_id, app_link, private_key } => Self {
                id: Some(app_id),
                secret: Some(private_key),
                app_link: Some(app_link),
                webhook_secret: app_webhook_secret(client).map(|secret| secret.expose().to_owned()),
                ..Self::default()
            },
            IntegrationClient::Custom { client_id, client_secret, app_link, .. } => Self {
                id: Some(client_id),
                secret: Some(client_secret),
                app_link: Some(app_link),
                webhook_secret: app_webhook_secret(client).map(|secret| secret.expose().to_owned()),
                ..Self::default()
            },
        }
    }
}
