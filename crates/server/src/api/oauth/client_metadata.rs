//! `GET /oauth/client-metadata/{environmentUuid}/{providerConfigKey}`: what authorization servers read about the
//! client of an integration (OAuth client id metadata document; spec: auth-modes.md 8.3).

use axum::Json;
use axum::response::IntoResponse;
use dovetail_connect::mcp::Names;
use dovetail_model::AuthMode;
use dovetail_store::{environments, integrations};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use serde_json::json;

use crate::actions::begin_flow::callback_url;
use crate::actions::client_book::document_url;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::rules::integration_key;
use crate::validate::{self, field, object, string};
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// Servers read it at every authorization of a client they have not seen lately.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The document. No authentication: it says nothing that the browser does not carry.
#[utoipa::path(
    get, path = "/oauth/client-metadata/{environmentUuid}/{providerConfigKey}", tag = "auth",
    params(
        ("environmentUuid" = String, Path, description = "The environment"),
        ("providerConfigKey" = String, Path, description = "Key of an integration whose provider is an MCP server"),
    ),
    responses(
        (status = 200, description = "The document", content_type = "application/json"),
        (status = 400, description = "`invalid_uri_params`"),
        (status = 404, description = "`feature_disabled`: this server is not reached over https; `unknown_environment`; `unknown_provider_config`"),
        (status = 429),
    ),
)]
pub(super) async fn get(call: Call) -> ApiResult<impl IntoResponse> {
    Auth::public().check(&call)?;
    let path =
        object((field("environmentUuid", string().uuid()), field("providerConfigKey", integration_key())));
    let (uuid, key) = validate::params(&path, &call.params)?;
    let app = &call.app;
    if app.config.public_url.scheme() != "https" {
        return Err(ApiError::new(ErrorCode::FeatureDisabled));
    }
    let uuid: uuid::Uuid = uuid.parse().map_err(|_| ApiError::new(ErrorCode::UnknownEnvironment))?;
    let mut db = app.store.read().await?;
    let environment = environments::by_uuid(&mut db, uuid)
        .await?
        .ok_or_else(|| ApiError::new(ErrorCode::UnknownEnvironment))?;
    let unknown = || ApiError::new(ErrorCode::UnknownProviderConfigNotFound);
    let integration = integrations::by_key(&mut db, environment.id, &key).await?.ok_or_else(unknown)?;
    let provider = app.catalog.current().shared(&integration.provider).ok_or_else(unknown)?;
    if !matches!(provider.auth_mode(), AuthMode::McpOauth2 | AuthMode::McpOauth2Generic) {
        return Err(unknown());
    }
    let names = Names::of(&integration);
    let mut document = json!({
        "client_id": document_url(&app.config.public_url, &environment, &integration),
        "client_name": names.name,
        "client_uri": names.uri.unwrap_or(app.config.base()),
        "redirect_uris": [callback_url(app, &environment)],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    if let Some(logo) = names.logo {
        document["logo_uri"] = logo.into();
    }
    Ok(([(CACHE_CONTROL, CACHE)], Json(document)))
}
