//! `POST /environments`: a new environment with its key, its webhook signing key and its settings.

use dovetail_model::{PrivateSettings, Scope, Secret};
use dovetail_store::environments::NewEnvironment;
use serde_json::{Value, json};

use crate::actions;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, Schema, array, boolean, field, literal, object, rules, string, union};
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode, ok};

/// Most headers of an OTLP exporter (spec: http-api.md 2.2).
const MAX_OTLP_HEADERS: usize = 100;

/// Creates an environment.
#[utoipa::path(
    post,
    path = "/environments",
    tag = "environments",
    security(("apiKey" = [])),
    responses((status = 200, description = "`{\"data\": {\"id\", \"name\"}}`"), (status = 400), (status = 401), (status = 403), (status = 409), (status = 429))
)]
pub(super) async fn create(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::account_key().scope(Scope::ACCOUNT_ENVIRONMENTS_CREATE).check(&call).await?;
    validate::no_query(&call.query)?;
    let input = validate::body(&body(), call.json())?;

    let is_prod = input.draft.name == actions::environments::PROD;
    if is_prod && input.is_production == Some(false) {
        return Err(ApiError::new(ErrorCode::InvalidIsProdFlag));
    }
    let is_production = is_prod || input.is_production == Some(true);
    if is_production && !caller.may(Scope::ACCOUNT_ENVIRONMENTS_SET_PRODUCTION) {
        return Err(ApiError::new(ErrorCode::Forbidden).message(format!(
            "Insufficient scope. Required: {}",
            Scope::ACCOUNT_ENVIRONMENTS_SET_PRODUCTION
        )));
    }
    if input.asks_for_otlp {
        return Err(
            ApiError::new(ErrorCode::Forbidden).message("This server does not export to OTLP endpoints.")
        );
    }
    let draft = NewEnvironment { is_production, ..input.draft };
    let made = actions::environments::create(&call.app, &caller.actor, draft).await?;
    let environment = made.environment;
    Ok(ok(json!({ "data": { "id": environment.id, "name": environment.name } })))
}

struct Input {
    draft: NewEnvironment,
    is_production: Option<bool>,
    asks_for_otlp: bool,
}

fn body() -> impl Schema<Out = Input> {
    let header = object((field("name", string().min(1).max(256)), field("value", string().min(1).max(4000))));
    object((
        field("name", rules::environment_name()),
        field("is_production", boolean().optional()),
        field("callback_url", string().url().optional()),
        field("hmac_key", string().max(1000).optional()),
        field("hmac_enabled", boolean().optional()),
        field("slack_notifications", boolean().optional()),
        field("otlp_endpoint", union(string().url(), literal("").map(|()| String::new())).optional()),
        field("otlp_headers", array(header).max(MAX_OTLP_HEADERS).optional()),
    ))
    .map(
        |(name, is_production, callback_url, hmac_key, hmac_enabled, slack, otlp_endpoint, otlp_headers)| {
            Input {
                draft: NewEnvironment {
                    name,
                    callback_url,
                    slack_notifications: slack.unwrap_or(false),
                    private: private(hmac_key, hmac_enabled),
                    ..NewEnvironment::default()
                },
                is_production,
                asks_for_otlp: otlp_endpoint.is_some_and(|url| !url.is_empty())
                    || otlp_headers.is_some_and(|headers| !headers.is_empty()),
            }
        },
    )
}

/// Settings that are sealed; `None` when none was sent.
fn private(hmac_key: Option<String>, hmac_enabled: Option<bool>) -> Option<PrivateSettings> {
    (hmac_key.is_some() || hmac_enabled.is_some()).then(|| PrivateSettings {
        hmac_key: hmac_key.map(Secret::new),
        hmac_enabled: hmac_enabled.unwrap_or(false),
        ..PrivateSettings::default()
    })
}
