//! `POST /integrations`: a new integration.

use dovetail_model::{Act, Scope};
use serde_json::{Value, json};

use super::{body, shape};
use crate::actions;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate;
use crate::wire::{Answer, ApiResult, ok};

/// Creates an integration.
#[utoipa::path(
    post,
    path = "/integrations",
    tag = "integrations",
    security(("apiKey" = [])),
    responses((status = 200, description = "`{\"data\": Integration}`"), (status = 400), (status = 401), (status = 403), (status = 429))
)]
pub(super) async fn create(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::key().scope(Scope::INTEGRATIONS_CREATE).limited().check(&call).await?;
    validate::no_query(&call.query)?;
    let draft = validate::body(&body::draft(), call.json())?;
    caller.permits(Act::OwnIntegration { key: &draft.unique_key })?;
    let (integration, provider) =
        actions::integrations::create(&call.app, &caller.actor, caller.environment_id(), draft).await?;
    Ok(ok(json!({ "data": shape(&integration, &provider, &call.app.config) })))
}
