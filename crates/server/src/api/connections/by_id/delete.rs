//! `DELETE /connections/{connectionId}` (spec: http-api.md 2.7).

use dovetail_model::{Act, Scope};

use super::{path_id, query_key};
use crate::actions::delete_connection::delete_connection;
use crate::api::shapes::Success;
use crate::auth::Auth;
use crate::call::{Call, Head};
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode, ok};

/// Deletes a connection and wipes its credentials.
#[utoipa::path(
    delete, path = "/connections/{connectionId}", tag = "connections",
    params(
        ("connectionId" = String, Path),
        ("provider_config_key" = String, Query, description = "Key of the integration"),
    ),
    responses(
        (status = 200, body = Success),
        (status = 400, description = "`invalid_uri_params`, `invalid_query_params`, `unknown_connection`"),
        (status = 401, description = "`missing_auth_header`, `invalid_secret_key_format`, `unknown_account`"),
        (status = 403, description = "`forbidden`"),
    ),
)]
pub(in crate::api) async fn delete(call: Call) -> ApiResult<Answer<Success>> {
    remove(&call, path_id).await
}

/// `DELETE /connections/metadata`: the connection whose id is `metadata`.
pub(in crate::api) async fn metadata_named(call: Call) -> ApiResult<Answer<Success>> {
    remove(&call, |_| Ok("metadata".to_owned())).await
}

async fn remove(call: &Call, id: impl FnOnce(&Head) -> ApiResult<String>) -> ApiResult<Answer<Success>> {
    let caller = Auth::key().scope(Scope::CONNECTIONS_DELETE).limited().check(call).await?;
    let id = id(call)?;
    let key = query_key(call)?;
    caller.permits(Act::Integration { key: &key })?;
    if delete_connection(&call.app, &caller.environment, &caller.actor, &caller.reach, &key, &id).await? {
        Ok(ok(Success::new()))
    } else {
        Err(ApiError::new(ErrorCode::UnknownConnection))
    }
}
