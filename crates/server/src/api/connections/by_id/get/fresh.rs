//! Credentials that are refreshed before they are answered, and the answer when that is not possible.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use dovetail_connect::refresh::machine::Wish;
use dovetail_connect::refresh::{RefreshError, is_fresh};
use dovetail_model::{Credentials, RefreshProblem, RefreshTokens, Timestamp};
use dovetail_store::connections::{self, SealedConnection};
use http::StatusCode;
use serde_json::{Value, json};

use crate::api::shapes::connection::{self, ConnectionFull, Dates};
use crate::state::AppState;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// Why the credentials are to be refreshed first; `None`: they are answered as they are.
pub(super) fn wish(
    stored: &SealedConnection,
    now: Timestamp,
    forced: bool,
    new_jwt: bool,
) -> ApiResult<Option<Wish>> {
    if forced || (new_jwt && has_old_jwt(&stored.open_credentials()?, now)) {
        return Ok(Some(Wish::Forced));
    }
    Ok((!is_fresh(&stored.info, now)).then_some(Wish::IfDue))
}

/// The connection with credentials that can be used.
pub(super) async fn refreshed(
    app: &AppState,
    stored: Arc<SealedConnection>,
    wish: Wish,
    tokens: RefreshTokens,
) -> ApiResult<Arc<SealedConnection>> {
    let error = match app.refresher.refresh(&stored, wish).await {
        Ok(fresh) => return Ok(fresh),
        Err(error) => error,
    };
    let (status, reason) = match &error {
        RefreshError::Gone => {
            return Err(ApiError::not_found("There is no such connection of this integration."));
        }
        RefreshError::Store => return Err(ApiError::internal(error)),
        RefreshError::Expired => (StatusCode::FAILED_DEPENDENCY, "expired"),
        RefreshError::HeldBack { .. } | RefreshError::Busy => (StatusCode::FAILED_DEPENDENCY, "backoff"),
        RefreshError::Exhausted { problem: RefreshProblem::Revoked } => {
            (StatusCode::FAILED_DEPENDENCY, "revoked")
        }
        RefreshError::Exhausted { .. } => (StatusCode::FAILED_DEPENDENCY, "exhausted"),
        RefreshError::Failed { problem, .. } => (StatusCode::BAD_REQUEST, reason(*problem)),
    };
    // As it is now: a failed refresh left a problem.
    let mut db = app.store.read().await?;
    let now = connections::by_row(&mut db, stored.info.environment, stored.info.id).await?;
    drop(db);
    let shown = now.as_ref().unwrap_or(&stored);
    let config = connection::config(shown.open_config()?, tokens);
    let shown = ConnectionFull::new(&shown.info, config, json!({}), Dates::Offset);
    Err(ApiError::new(ErrorCode::InvalidCredentials)
        .status(status)
        .message(format!("There are no valid credentials: {error}."))
        .payload(json!({ "reason": reason, "connection": shown })))
}

/// `payload.reason` (auth-modes.md 21.6).
const fn reason(problem: RefreshProblem) -> &'static str {
    match problem {
        RefreshProblem::Revoked => "revoked",
        RefreshProblem::Unavailable => "network",
        RefreshProblem::Rejected | RefreshProblem::Unreadable | RefreshProblem::Unbuildable => {
            "provider_error"
        }
    }
}

/// Whether the credentials hold the JWT of an app that has expired.
fn has_old_jwt(credentials: &Credentials, now: Timestamp) -> bool {
    let jwt = match credentials {
        Credentials::App(app) => app.jwt_token.as_ref(),
        Credentials::Custom(custom) => custom.app.jwt_token.as_ref(),
        _ => None,
    };
    let end = jwt.and_then(|jwt| {
        let claims = BASE64_URL_SAFE_NO_PAD.decode(jwt.expose().split('.').nth(1)?).ok()?;
        serde_json::from_slice::<Value>(&claims).ok()?.get("exp")?.as_i64()
    });
    end.is_some_and(|seconds| Timestamp(seconds.saturating_mul(1000)) <= now)
}
