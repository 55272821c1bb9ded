//! `GET /config/{providerConfigKey}`: an integration as SDKs before mid-2025 read it. Deprecated.

use axum::Router;
use axum::routing;
use dovetail_catalog::Provider;
use dovetail_model::{AuthMode, Scope};
use dovetail_store::integrations::{self, Integration};
use dovetail_store::connections;
use serde_json::{Value, json};
use utoipa::OpenApi;

use crate::auth::{Auth, Caller};
use crate::call::Call;
use crate::config::ServerConfig;
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
        .check(&call)
        .await?;
    let with_credentials = call.query_text("include_creds") == Some("true");
    if with_credentials && !caller.may(Scope::INTEGRATIONS_READ_CREDENTIALS) {
        return Err(ApiError::new(ErrorCode::Forbidden)
            .message(format!("Insufficient scope. Required: {}", Scope::INTEGRATIONS_READ_CREDENTIALS)));
    }
    let mut db = call.app.store.read().await?;
    let integration = integrations::find(&mut db, caller.environment_id(), call.param("providerConfigKey"))
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
    let connections = connections::of_integration(&mut db, caller.environment_id(), integration.id).await?;
    Ok(ok(json!({ "config": full(&integration, provider, &caller, &connections, &call.app.config) })))
}
