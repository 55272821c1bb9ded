//! `POST /connect/sessions` (spec: http-api.md 2.6).

pub(crate) mod input;
pub(crate) mod reconnect;

use dovetail_model::{Scope, SessionPurpose};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actions::create_session::{CreatedSession, create_session};
use crate::auth::Auth;
use crate::call::Call;
use crate::validate;
use crate::wire::{Answer, ApiResult};

/// The answer of both session routes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionAnswer {
    pub(crate) data: CreatedSession,
}

/// Makes a connect session: the right of one end user to link accounts for 30 minutes. With a key that has limits, of
/// the integrations that it reaches, and with the tags by which it reaches the connection.
#[utoipa::path(
    post, path = "/connect/sessions", tag = "connect",
    request_body(content = Object, example = json!({
        "end_user": {"id": "u_81", "email": "pia@acme.test"},
        "allowed_integrations": ["coda-prod"]
    })),
    responses(
        (status = 201, body = SessionAnswer),
        (status = 400, description = "`invalid_body`, `invalid_query_params`"),
        (status = 401, description = "`missing_auth_header`, `invalid_secret_key_format`, `unknown_account`"),
        (status = 403, description = "`forbidden`"),
    ),
)]
pub(super) async fn create(call: Call) -> ApiResult<Answer<SessionAnswer>> {
    let caller = Auth::key().scope(Scope::CONNECT_SESSIONS_WRITE).limited().check(&call).await?;
    validate::no_query(&call.query)?;
    let input = input::read_session(call.json(), &call.app.egress)?;
    let data =
        create_session(&call.app, &caller.environment, &caller.reach, SessionPurpose::Connect, input).await?;
    Ok(Answer(StatusCode::CREATED, SessionAnswer { data }))
}
