//! `DELETE /environments/{environmentId}`: the end of an environment and all it holds.

use dovetail_model::{EnvironmentId, Scope};
use http::StatusCode;

use crate::actions;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, field, integer, object};
use crate::wire::{ApiResult, no_content};

/// Deletes an environment with its integrations and connections.
#[utoipa::path(
    delete,
    path = "/environments/{environmentId}",
    tag = "environments",
    params(("environmentId" = i64, Path, description = "Id of the environment")),
    security(("apiKey" = [])),
    responses((status = 204), (status = 400), (status = 401), (status = 403), (status = 404), (status = 429))
)]
pub(super) async fn delete(call: Call) -> ApiResult<StatusCode> {
    let caller = Auth::account_key().scope(Scope::ACCOUNT_ENVIRONMENTS_DELETE).check(&call).await?;
    validate::no_query(&call.query)?;
    let path = object((field("environmentId", integer().coerce().positive()),));
    let (id,) = validate::params(&path, &call.params)?;
    actions::environments::delete(&call.app, &caller.actor, EnvironmentId(id)).await?;
    Ok(no_content())
}
