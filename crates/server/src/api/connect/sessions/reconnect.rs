//! `POST /connect/sessions/reconnect` (spec: http-api.md 2.6).

use dovetail_model::{Act, Scope, SessionPurpose};
use dovetail_store::connections;
use http::StatusCode;

use super::{SessionAnswer, input};
use crate::actions::create_session::create_session;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate;
use crate::wire::{Answer, ApiError, ApiResult};

/// Makes a session that links one existing connection again, under the same id.
#[utoipa::path(
    post, path = "/connect/sessions/reconnect", tag = "connect",
    request_body(content = Object, example = json!({"connection_id": "conn-42", "integration_id": "coda-prod"})),
    responses(
        (status = 201, body = SessionAnswer),
        (status = 400, description = "`invalid_body`: also when there is no such connection"),
        (status = 401, description = "`missing_auth_header`, `invalid_secret_key_format`, `unknown_account`"),
        (status = 403, description = "`forbidden`"),
    ),
)]
pub(in crate::api::connect) async fn create(call: Call) -> ApiResult<Answer<SessionAnswer>> {
    let caller = Auth::key().scope(Scope::CONNECT_SESSIONS_WRITE).limited().check(&call).await?;
    validate::no_query(&call.query)?;
    let (target, mut input) = input::read_reconnect(call.json(), &call.app.egress)?;
    let environment = caller.environment_id();
    caller.permits(Act::Integration { key: &target.integration_id })?;
    let mut db = call.app.store.read().await?;
    let connection = connections::by_key(&mut db, environment, &target.integration_id, &target.connection_id)
        .await?
        .filter(|connection| caller.reach.has(&connection.info))
        .ok_or_else(|| ApiError::invalid_body("There is no such connection of this integration."))?;
    drop(db);
    input.allowed_integrations = Some(vec![target.integration_id]);
    let purpose = SessionPurpose::Reconnect { connection: connection.info.id };
    let data = create_session(&call.app, &caller.environment, &caller.reach, purpose, input).await?;
    Ok(Answer(StatusCode::CREATED, SessionAnswer { data }))
}
