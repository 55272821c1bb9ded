//! `GET` and `DELETE /connect/session`: the session as its holder sees it (spec: http-api.md 2.6).

use std::collections::BTreeMap;

use dovetail_model::{EndUser, IntegrationDefaults, IntegrationOverrides};
use dovetail_store::{connect_sessions, connect_ui, pairings};
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
    let mut db = call.app.store.read().await?;
    let settings = connect_ui::get(&mut db, caller.environment_id()).await?;
    let is_reconnecting = caller.session.reconnects().map(|_| true);
    let session = caller.session;
    let defaults = session.defaults.map(|defaults| {
        // Never shown to a browser (connect.md 2.4).
        defaults
            .into_iter()
            .map(|(key, value)| (key, IntegrationDefaults { user_scopes: None, ..value }))
            .collect()
    });
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
