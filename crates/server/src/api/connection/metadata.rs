//! `POST` and `PATCH /connection/{connectionId}/metadata`: the body is the metadata itself.

use dovetail_model::Scope;
use dovetail_store::connections::MetadataChange;
use http::StatusCode;
use serde_json::Value;

use crate::actions::set_metadata::set_metadata;
use crate::api::connections::OpenObject;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate;
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode};

/// Replaces the metadata of one connection.
#[utoipa::path(
    post, path = "/connection/{connectionId}/metadata", tag = "connections",
    params(
        ("connectionId" = String, Path, description = "The connection"),
        ("provider_config_key" = Option<String>, Query, description = "The integration; or the header"),
        ("Provider-Config-Key" = Option<String>, Header, description = "The integration; or the query"),
    ),
    request_body(content = Object, example = json!({"plan": "pro"})),
    responses(
        (status = 201, body = Object, description = "The request body"),
        (status = 400, description = "`invalid_body`, `missing_provider_config`"),
        (status = 401, description = "`missing_auth_header`, `invalid_secret_key_format`, `unknown_account`"),
        (status = 403, description = "`forbidden`"),
        (status = 404, description = "`unknown_connection`"),
    ),
)]
pub(super) async fn replace(call: Call) -> ApiResult<Answer<Value>> {
    change(&call, MetadataChange::Replace).await.map(|echo| Answer(StatusCode::CREATED, echo))
}

/// Lays top-level keys over the metadata of one connection.
#[utoipa::path(
    patch, path = "/connection/{connectionId}/metadata", tag = "connections",
    params(
        ("connectionId" = String, Path, description = "The connection"),
        ("provider_config_key" = Option<String>, Query, description = "The integration; or the header"),
        ("Provider-Config-Key" = Option<String>, Header, description = "The integration; or the query"),
    ),
    request_body(content = Object, example = json!({"plan": "pro"})),
    responses(
        (status = 200, body = Object, description = "The request body"),
        (status = 400, description = "`invalid_body`, `missing_provider_config`"),
        (status = 401, description = "`missing_auth_header`, `invalid_secret_key_format`, `unknown_account`"),
        (status = 403, description = "`forbidden`"),
        (status = 404, description = "`unknown_connection`"),
    ),
)]
pub(super) async fn merge(call: Call) -> ApiResult<Answer<Value>> {
    change(&call, MetadataChange::Merge).await.map(|echo| Answer(StatusCode::OK, echo))
}

async fn change(call: &Call, change: MetadataChange) -> ApiResult<Value> {
    let caller = Auth::key().scope(Scope::CONNECTIONS_UPDATE).limited().check(call).await?;
    let metadata = validate::body(&OpenObject, call.json())?;
    let key = call.query_text("provider_config_key").or_else(|| call.header("provider-config-key"));
    let key =
        key.filter(|key| !key.is_empty()).ok_or_else(|| ApiError::new(ErrorCode::MissingProviderConfig))?;
    let ids = [call.param("connectionId").to_owned()];
    match set_metadata(&call.app, &caller, key, &ids, &metadata, change).await? {
        None => Ok(Value::Object(metadata)),
        Some(_) => Err(ApiError::new(ErrorCode::UnknownConnectionLegacy)),
    }
}
