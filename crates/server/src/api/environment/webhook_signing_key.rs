//! `POST /environment/webhook-signing-key/rotate`: a new key that webhooks are signed with.

use dovetail_model::Scope;
use serde_json::{Value, json};

use crate::actions;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate;
use crate::wire::{Answer, ApiResult, ok};

/// Replaces the signing key of the key's environment.
#[utoipa::path(
    post,
    path = "/environment/webhook-signing-key/rotate",
    tag = "environments",
    security(("apiKey" = [])),
    responses((status = 200, description = "`{\"data\": {\"webhook_signing_key\"}}`"), (status = 400), (status = 401), (status = 403), (status = 404), (status = 429), (status = 500))
)]
pub(super) async fn rotate(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::key().scope(Scope::WEBHOOK_SIGNING_KEY_ROTATE).check(&call).await?;
    validate::no_query(&call.query)?;
    let key = actions::signing_key::rotate(&call.app, &caller.actor, caller.environment_id()).await?;
    Ok(ok(json!({ "data": { "webhook_signing_key": key.expose() } })))
}
