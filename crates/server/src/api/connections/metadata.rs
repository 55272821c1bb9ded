//! `POST` and `PATCH /connections/metadata` (spec: http-api.md 2.8).

use dovetail_model::Scope;
use dovetail_store::connections::MetadataChange;
use http::StatusCode;
use serde_json::{Map, Value};

use crate::actions::set_metadata::set_metadata;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::rules::{connection_id, integration_key};
use crate::validate::{self, Cx, Schema, array, field, object, union};
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode};

/// Replaces the metadata of one or many connections; all or none are changed.
#[utoipa::path(
    post, path = "/connections/metadata", tag = "connections",
    request_body(content = Object, example = json!({
        "connection_id": "conn-42", "provider_config_key": "coda-prod", "metadata": {"plan": "pro"}
    })),
    responses(
        (status = 201, body = Object, description = "The request body"),
        (status = 400, description = "`invalid_body`, `invalid_query_params`"),
        (status = 401, description = "`missing_auth_header`, `invalid_secret_key_format`, `unknown_account`"),
        (status = 403, description = "`forbidden`"),
        (status = 404, description = "`unknown_connection`: nothing was changed"),
    ),
)]
pub(in crate::api) async fn replace(call: Call) -> ApiResult<Answer<Value>> {
    change(&call, MetadataChange::Replace).await.map(|echo| Answer(StatusCode::CREATED, echo))
}

/// Lays top-level keys over the metadata of one or many connections; all or none are changed.
#[utoipa::path(
    patch, path = "/connections/metadata", tag = "connections",
    request_body(content = Object, example = json!({
        "connection_id": ["conn-42"], "provider_config_key": "coda-prod", "metadata": {"plan": "pro"}
    })),
    responses(
        (status = 200, body = Object, description = "The request body"),
        (status = 400, description = "`invalid_body`, `invalid_query_params`"),
        (status = 401, description = "`missing_auth_header`, `invalid_secret_key_format`, `unknown_account`"),
        (status = 403, description = "`forbidden`"),
        (status = 404, description = "`unknown_connection`: nothing was changed"),
    ),
)]
pub(in crate::api) async fn merge(call: Call) -> ApiResult<Answer<Value>> {
    change(&call, MetadataChange::Merge).await.map(|echo| Answer(StatusCode::OK, echo))
}

async fn change(call: &Call, change: MetadataChange) -> ApiResult<Value> {
    let caller = Auth::key().scope(Scope::CONNECTIONS_UPDATE).limited().check(call).await?;
    validate::no_query(&call.query)?;
    let schema = object((
        field("connection_id", union(connection_id().map(|id| vec![id]), array(connection_id()))),
        field("provider_config_key", integration_key()),
        field("metadata", OpenObject),
    ));
    let (ids, key, metadata) = validate::body(&schema, call.json())?;
    if let Some(missing) = set_metadata(&call.app, &caller, &key, &ids, &metadata, change).await? {
        return Err(ApiError::new(ErrorCode::UnknownConnectionNotFound).message(unknown(&missing, ids.len())));
    }
    Ok(call.json().cloned().unwrap_or_default())
}

fn unknown(id: &str, asked: usize) -> String {
    let sentence = format!("There is no connection “{id}” of this integration.");
    if asked > 1 { format!("{sentence} Nothing was changed.") } else { sentence }
}

/// An object of any shape.
#[derive(Clone, Copy, Debug)]
pub(in crate::api) struct OpenObject;

impl Schema for OpenObject {
    type Out = Map<String, Value>;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<Self::Out> {
        object(()).loose().read(value, cx)?;
        value?.as_object().cloned()
    }
}
