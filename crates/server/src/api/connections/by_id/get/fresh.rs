//! Credentials that are refreshed before they are answered, and the answer when that is not possible.

use std::sync::Arc;

use dovetail_connect::modes::app::app_jwt;
use dovetail_connect::refresh::machine::Wish;
use dovetail_connect::refresh::{RefreshError, is_fresh};
use dovetail_model::{Credentials, RefreshProblem, RefreshTokens, Secret, Timestamp};
use dovetail_store::connections::{self, SealedConnection};
use dovetail_store::integrations;
use http::StatusCode;
use serde_json::json;

use crate::api::shapes::connection::{self, ConnectionFull, Dates};
use crate::state::AppState;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// Why the credentials are to be refreshed first; `None`: they are answered as they are.
pub(super) fn wish(stored: &SealedConnection, now: Timestamp, forced: bool) -> Option<Wish> {
    if forced {
        return Some(Wish::Forced);
    }
    (!is_fresh(&stored.info, now)).then_some(Wish::IfDue)
}

/// Signs the JWT of an app anew: that takes its key alone, and nobody is asked. It is good for some minutes, and not
/// stored.
pub(super) async fn sign_jwt(
    app: &AppState,
    stored: &SealedConnection,
    credentials: &mut Credentials,
) -> ApiResult<()> {
    let half = match credentials {
        Credentials::App(half) => half,
        Credentials::Custom(both) => &mut both.app,
        _ => return Ok(()),
    };
    let gone = || ApiError::not_found("There is no such connection of this integration.");
    let info = &stored.info;
    let integration = {
        let mut db = app.store.read().await?;
        integrations::get(&mut db, info.environment, info.integration).await?.ok_or_else(gone)?
    };
    let provider = app.catalog.current().shared(&info.provider).ok_or_else(gone)?;
    let party = app.party(&provider, &integration, &info.connection_id, &stored.public_config);
    let jwt = app_jwt(&party).map_err(|error| {
        ApiError::new(ErrorCode::FailedToSign)
            .message(format!("The JWT of the app cannot be signed: {error}."))
    })?;
    half.jwt_token = Some(jwt);
    Ok(())
}

/// The JWT of an app's credentials.
pub(super) fn jwt(credentials: &Credentials) -> Option<&Secret> {
    match credentials {
        Credentials::App(half) => half.jwt_token.as_ref(),
        Credentials::Custom(both) => both.app.jwt_token.as_ref(),
        _ => None,
    }
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
