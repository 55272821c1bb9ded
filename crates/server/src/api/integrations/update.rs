//! `PATCH /integrations/{uniqueKey}`: changes to an integration.

use dovetail_model::{Act, Scope};
use serde_json::{Value, json};

use super::{body, shape};
use crate::actions;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, field, object, rules};
use crate::wire::{Answer, ApiResult, ok};

/// Changes the passed fields of an integration.
#[utoipa::path(
    patch,
    path = "/integrations/{uniqueKey}",
    tag = "integrations",
    params(("uniqueKey" = String, Path, description = "Key of the integration")),
    security(("apiKey" = [])),
    responses((status = 200, description = "`{\"data\": Integration}`"), (status = 400), (status = 401), (status = 403), (status = 404), (status = 429))
)]
pub(super) async fn update(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::key().scope(Scope::INTEGRATIONS_UPDATE).limited().check(&call).await?;
    validate::no_query(&call.query)?;
    let (key,) = validate::params(&object((field("uniqueKey", rules::integration_key()),)), &call.params)?;
    let patch = validate::body(&body::patch(), call.json())?;
    for key in [Some(&key), patch.unique_key.as_ref()].into_iter().flatten() {
        caller.permits(Act::ChangeIntegration { key })?;
    }
    let (integration, provider) =
        actions::integrations::update(&call.app, &caller.actor, caller.environment_id(), &key, patch).await?;
    Ok(ok(json!({ "data": shape(&integration, &provider, &call.app.config) })))
}
