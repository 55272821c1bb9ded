//! `DELETE /integrations/{uniqueKey}`: the end of an integration and its connections.

use dovetail_model::{Act, Scope};
use serde_json::{Value, json};

use crate::actions;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, field, object, rules};
use crate::wire::{Answer, ApiResult, ok};

/// Deletes an integration with its connections.
#[utoipa::path(
    delete,
    path = "/integrations/{uniqueKey}",
    tag = "integrations",
    params(("uniqueKey" = String, Path, description = "Key of the integration")),
    security(("apiKey" = [])),
    responses((status = 200, description = "`{\"success\": true}`"), (status = 400), (status = 401), (status = 403), (status = 404), (status = 429))
)]
pub(super) async fn delete(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::key().scope(Scope::INTEGRATIONS_DELETE).limited().check(&call).await?;
    validate::no_query(&call.query)?;
    let (key,) = validate::params(&object((field("uniqueKey", rules::integration_key()),)), &call.params)?;
    caller.permits(Act::OwnIntegration { key: &key })?;
    actions::integrations::delete(&call.app, &caller.actor, caller.environment_id(), &key).await?;
    Ok(ok(json!({ "success": true })))
}
