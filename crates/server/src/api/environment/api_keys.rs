//! `/environment/api-keys`: keys of an environment. A key is shown once, when it is made.

use dovetail_model::{ApiKeyId, EnvironmentId, KeyLimits, Scope, Scopes};
use serde_json::{Value, json};

use crate::actions;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, Cx, Integer, Schema, field, integer, object, rules};
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode, ok};

/// Creates a key that holds every scope of its environment, within `limits`: a document as `docs/keys.md` describes
/// it. Limits of the account key that makes it hold for the new key too.
#[utoipa::path(
    post,
    path = "/environment/api-keys",
    tag = "environments",
    security(("apiKey" = [])),
    responses((status = 200, description = "The key, shown only here"), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409), (status = 429))
)]
pub(super) async fn create(call: Call) -> ApiResult<Answer<Value>> {
    let caller =
        Auth::account_key().scope(Scope::ACCOUNT_ENVIRONMENTS_API_KEYS_CREATE).limited().check(&call).await?;
    validate::no_query(&call.query)?;
    let body = object((
        field("environment_id", row_id()),
        field("display_name", rules::display_name()),
        field("limits", Limits.optional()),
    ));
    let (environment, name, limits) = validate::body(&body, call.json())?;
    let own = caller.reach.limits().map(|own| (**own).clone()).unwrap_or_default();
    let limits = limits.unwrap_or_default().narrowed(&own).validated().map_err(|error| {
        ApiError::new(ErrorCode::KeyLimited)
            .message(format!("Together with the limits of the key that asks, nothing is left: {error}."))
    })?;
    let made = actions::api_keys::create(
        &call.app,
        &caller.actor,
        EnvironmentId(environment),
        &name,
        actions::api_keys::Rights { scopes: Scopes::full_environment(), limits: limits.clone() },
    )
    .await?;
    let mut data = json!({
        "id": made.key.id,
        "display_name": made.key.name,
        "scopes": made.key.scopes,
        "secret": made.secret.expose(),
        "created_at": made.key.created_at.iso_z(),
    });
    if !limits.is_none() {
        data["limits"] = json!(limits);
    }
    Ok(ok(json!({ "data": data })))
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

/// Limits as callers write them.
#[derive(Clone, Copy, Debug)]
struct Limits;

impl Schema for Limits {
    type Out = KeyLimits;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<Self::Out> {
        object(()).loose().read(value, cx)?;
        let read = serde_json::from_value::<KeyLimits>(value?.clone()).map_err(|error| error.to_string());
        match read.and_then(|limits| limits.validated().map_err(|error| error.to_string())) {
            Ok(limits) => Some(limits),
            Err(problem) => {
                cx.custom(problem, &[]);
                None
            }
        }
    }
}
