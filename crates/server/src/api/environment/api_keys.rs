//! `/environment/api-keys`: keys of an environment. A key is shown once, when it is made.

use dovetail_model::{ApiKeyId, EnvironmentId, Scope, Scopes};
use serde_json::{Value, json};

use crate::actions;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, Integer, field, integer, object, rules};
use crate::wire::{Answer, ApiResult, ok};

/// Creates a key that holds every scope of its environment.
#[utoipa::path(
    post,
    path = "/environment/api-keys",
    tag = "environments",
    security(("apiKey" = [])),
    responses((status = 200, description = "The key, shown only here"), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409), (status = 429))
)]
pub(super) async fn create(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::account_key().scope(Scope::ACCOUNT_ENVIRONMENTS_API_KEYS_CREATE).check(&call).await?;
    validate::no_query(&call.query)?;
    let body = object((field("environment_id", row_id()), field("display_name", rules::display_name())));
    let (environment, name) = validate::body(&body, call.json())?;
    let made = actions::api_keys::create(
        &call.app,
        &caller.actor,
        EnvironmentId(environment),
        &name,
        Scopes::full_environment(),
    )
    .await?;
    Ok(ok(json!({ "data": {
        "id": made.key.id,
        "display_name": made.key.name,
        "scopes": made.key.scopes,
        "secret": made.secret.expose(),
        "created_at": made.key.created_at.iso_z(),
    }})))
}

/// Deletes a key; it stops working at once.
#[utoipa::path(
    delete,
    path = "/environment/api-keys",
    tag = "environments",
    security(("apiKey" = [])),
    responses((status = 200, description = "`{\"success\": true}`"), (status = 400), (status = 401), (status = 403), (status = 404), (status = 429))
)]
pub(super) async fn delete(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::account_key().scope(Scope::ACCOUNT_ENVIRONMENTS_API_KEYS_DELETE).check(&call).await?;
    validate::no_query(&call.query)?;
    let body = object((field("environment_id", row_id()), field("key_id", row_id())));
    let (environment, key) = validate::body(&body, call.json())?;
    actions::api_keys::delete(&call.app, &caller.actor, EnvironmentId(environment), ApiKeyId(key)).await?;
    Ok(ok(json!({ "success": true })))
}

fn row_id() -> Integer {
    integer().coerce().positive()
}
