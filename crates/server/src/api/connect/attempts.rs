//! `GET /connect/session/attempts/{attemptId}`: what came of an attempt in a window of the provider, for whoever has no
//! socket, or lost it (spec: connect.md 4.6).

use dovetail_store::auth_flows;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::Auth;
use crate::call::Head;
use crate::popup::Outcome;
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode, ok};

/// Tells how an attempt stands: `pending`, `success` or `error`.
#[utoipa::path(
    get, path = "/connect/session/attempts/{attemptId}", tag = "connect",
    params(("attemptId" = String, Path, description = "The `ws_client_id` that the window was opened with")),
    responses(
        (status = 200, body = Object, example = json!({"data": {"status": "success", "providerConfigKey": "slack-prod", "connectionId": "2f0d6a52-7f3f-4b1c-8a52-0f1f2a9d7c11", "isPending": false}})),
        (status = 400, description = "`invalid_uri_params`"),
        (status = 401, description = "`missing_auth_header`, `invalid_connect_session_token_format`, `unknown_connect_session_token`"),
    ),
)]
pub(super) async fn get(head: Head) -> ApiResult<Answer<Value>> {
    let caller = Auth::session().check(&head).await?;
    let id = Uuid::parse_str(head.param("attemptId"))
        .map_err(|_| ApiError::new(ErrorCode::InvalidUriParams).message("The attempt's id is a UUID."))?;
    let mut db = head.app.store.read().await?;
    let attempt = auth_flows::attempt(&mut db, id).await?;
    // Nothing is told of the attempts of other sessions, not even that they are there.
    let own = attempt.filter(|attempt| {
        attempt.environment == caller.environment_id() && attempt.session == caller.session.id
    });
    let data = match own.and_then(|attempt| attempt.outcome) {
        Some(outcome) => Outcome::from_stored(&outcome).answer(),
        None => json!({ "status": "pending" }),
    };
    Ok(ok(json!({ "data": data })))
}
