//! `/connect/session/pairing`: a code for a session whose device has no browser. A person brings it to a browser
//! elsewhere and links the account there, while the device asks what came of it (RFC 8628).

use http::StatusCode;
use serde_json::{Value, json};

use dovetail_store::pairings;

use crate::actions::pair::{self, Standing};
use crate::auth::Auth;
use crate::call::Call;
use crate::limits::CLIENT_NAME_CHARS;
use crate::validate::{self, Schema as _, field, object, string};
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode, ok};

/// Gives the session a code. One that it had before ends, and so does the browser session that it opened.
#[utoipa::path(
    post, path = "/connect/session/pairing", tag = "connect",
    request_body(content = Option<Object>, example = json!({"client_name": "acme CLI on build-7"})),
    responses(
        (status = 201, body = Object, example = json!({"data": {
            "user_code": "WDJ-BMT-HTK",
            "verification_uri": "https://dovetail.acme.test/connect/pair",
            "verification_uri_complete": "https://dovetail.acme.test/connect/pair?code=WDJ-BMT-HTK",
            "expires_in": 600,
            "interval": 5
        }})),
        (status = 400, description = "`invalid_body`, `invalid_query_params`"),
        (status = 401, description = "`missing_auth_header`, `invalid_connect_session_token_format`, `unknown_connect_session_token`"),
    ),
)]
pub(super) async fn create(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::session().check(&call).await?;
    validate::no_query(&call.query)?;
    let schema =
        object((field("client_name", string().min(1).max(CLIENT_NAME_CHARS).optional()),)).optional();
    let name = validate::body(&schema, call.json())?.and_then(|(name,)| name);
    let data = pair::begin(&call.app, &caller.session, name.as_deref()).await?;
    Ok(Answer(StatusCode::CREATED, json!({ "data": data })))
}

/// Tells how the pairing stands. Ask again after `interval` seconds while it is `pending` or `confirmed`.
#[utoipa::path(
    get, path = "/connect/session/pairing", tag = "connect",
    responses(
        (
            status = 200, body = Object,
            description = "`status` is `pending`: nobody has brought the code; `confirmed`: a browser has; `success`: an account is linked; `error`: `errorType` is `access_denied` or `expired_token` (RFC 8628, 3.5)",
            example = json!({"data": {"status": "success", "providerConfigKey": "coda-prod", "connectionId": "2f0d6a52-7f3f-4b1c-8a52-0f1f2a9d7c11", "isPending": false}})
        ),
        (status = 401, description = "`missing_auth_header`, `invalid_connect_session_token_format`, `unknown_connect_session_token`"),
        (status = 404, description = "`not_found`: the session has no code"),
    ),
)]
pub(super) async fn get(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::session().check(&call).await?;
    validate::no_query(&call.query)?;
    let mut db = call.app.store.read().await?;
    let pairing = pairings::of_session(&mut db, caller.environment_id(), caller.session.id).await?;
    let pairing = pairing.ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
    Ok(ok(json!({ "data": Standing::of(&pairing, call.app.now()).answer() })))
}
