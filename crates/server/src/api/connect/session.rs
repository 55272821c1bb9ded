//! `GET` and `DELETE /connect/session`: the session as its holder sees it (spec: http-api.md 2.6).

use std::collections::BTreeMap;

use dovetail_model::{EndUser, EnvironmentId, IntegrationDefaults, IntegrationOverrides};
use dovetail_store::{connect_sessions, connect_ui, integrations, pairings};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use crate::auth::Auth;
use crate::call::Call;
use crate::validate;
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode, no_content, ok};

/// What the Connect page needs to know. The mixed case of the names is the wire's.
#[derive(Debug, Serialize)]
pub(super) struct SessionView {
    #[serde(rename = "endUser")]
    end_user: Option<EndUser>,
    #[serde(rename = "connectUISettings")]
    settings: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_integrations: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    integrations_config_defaults: Option<BTreeMap<String, IntegrationDefaults>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overrides: Option<BTreeMap<String, IntegrationOverrides>>,
    #[serde(rename = "isReconnecting", skip_serializing_if = "Option::is_none")]
    is_reconnecting: Option<bool>,
    #[serde(rename = "websocketsPath")]
    websockets_path: String,
}

/// Tells the Connect page what its session is for.
#[utoipa::path(
    get, path = "/connect/session", tag = "connect",
    responses(
        (status = 200, body = Object),
        (status = 400, description = "`invalid_query_params`, `invalid_body`"),
        (status = 401, description = "`missing_auth_header`, `invalid_connect_session_token_format`, `unknown_connect_session_token`"),
    ),
)]
pub(super) async fn get(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::session().check(&call).await?;
    validate::no_query(&call.query)?;
    validate::no_body(call.json())?;
    let settings = connect_ui::get(&mut call.app.store.read().await?, caller.environment_id()).await?;
    let is_reconnecting = caller.session.reconnects().map(|_| true);
    let session = caller.session;
    let defaults = session.defaults.map(|defaults| {
        // Never shown to a browser (connect.md 2.4).
        defaults
            .into_iter()
            .map(|(key, value)| (key, IntegrationDefaults { user_scopes: None, ..value }))
            .collect::<BTreeMap<_, _>>()
    });
    let defaults = match defaults {
        Some(defaults) if caller.environment.sealed_at.is_some() => {
            Some(without_secrets(&call, caller.environment.id, defaults).await?)
        }
        defaults => defaults,
    };
    let view = SessionView {
        end_user: session.end_user,
        settings: settings.to_wire(),
        allowed_integrations: session.allowed_integrations,
        integrations_config_defaults: defaults,
        overrides: session.overrides,
        is_reconnecting,
        websockets_path: call.app.config.websockets_path.clone(),
    };
    Ok(ok(json!({ "data": view })))
}

/// Configuration of a sealed environment as a browser sees it: linking uses what the session holds all the same.
async fn without_secrets(
    call: &Call,
    environment: EnvironmentId,
    mut defaults: BTreeMap<String, IntegrationDefaults>,
) -> ApiResult<BTreeMap<String, IntegrationDefaults>> {
    let mut db = call.app.store.read().await?;
    let catalog = call.app.catalog.current();
    for (key, defaults) in &mut defaults {
        let integration = integrations::by_key(&mut db, environment, key).await?;
        let provider = integration.and_then(|integration| catalog.shared(&integration.provider));
        let is_secret = |name: &str| {
            OWN_SECRETS.contains(&name)
                || provider.as_ref().is_none_or(|provider| provider.is_secret_config(name))
        };
        for (name, value) in defaults.connection_config.iter_mut().flatten() {
            if is_secret(name) && value.as_str() != Some("") {
                *value = REDACTED.into();
            }
        }
    }
    Ok(defaults)
}

/// Secrets of an end user's own client, under names that every provider takes.
const OWN_SECRETS: [&str; 2] = ["oauth_client_secret_override", "oauth_refresh_token_override"];

/// Stands for a secret. It is never stored: what the session holds counts when an account is linked.
const REDACTED: &str = "[REDACTED]";

/// Ends the session: its token works no more.
#[utoipa::path(
    delete, path = "/connect/session", tag = "connect",
    responses(
        (status = 204),
        (status = 400, description = "`invalid_query_params`, `invalid_body`, `server_error`: it is gone already"),
        (status = 401, description = "`missing_auth_header`, `invalid_connect_session_token_format`, `unknown_connect_session_token`"),
    ),
)]
pub(super) async fn delete(call: Call) -> ApiResult<StatusCode> {
    let caller = Auth::session().check(&call).await?;
    validate::no_query(&call.query)?;
    validate::no_body(call.json())?;
    let environment = caller.environment_id();
    let mut tx = call.app.store.begin().await?;
    pairings::end(&mut tx, environment, caller.session.id).await?;
    let deleted = connect_sessions::delete(&mut tx, environment, caller.session.id).await?;
    tx.commit().await?;
    if !deleted {
        let payload = json!({ "id": caller.session.id, "accountId": ACCOUNT, "environmentId": environment });
        return Err(ApiError::new(ErrorCode::ServerError).status(StatusCode::BAD_REQUEST).payload(payload));
    }
    Ok(no_content())
}

/// The one account that a server has: clients show it, nothing depends on it.
const ACCOUNT: i64 = 0;
