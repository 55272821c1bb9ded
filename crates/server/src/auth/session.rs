//! Connect session tokens.

use dovetail_model::{Actor, Secret, is_session_token};
use dovetail_store::connect_sessions;

use super::caller::SessionCaller;
use super::refusal::unauthenticated;
use crate::call::Head;
use crate::wire::{ApiResult, ErrorCode};

const PREFIX: &str = "nango_connect_session_";

/// Whether a token claims to be one of a session.
pub(super) fn looks_like_one(token: &Secret) -> bool {
    token.expose().starts_with(PREFIX)
}

/// The holder of a session token.
pub(super) async fn resolve(head: &Head, token: &Secret) -> ApiResult<SessionCaller> {
    if !is_session_token(token.expose()) {
        return Err(unauthenticated(head, ErrorCode::InvalidConnectSessionTokenFormat));
    }
    let mut db = head.app.store.read().await?;
    let unknown = || unauthenticated(head, ErrorCode::UnknownConnectSessionToken);
    let session = connect_sessions::lookup(&mut db, token).await?.ok_or_else(unknown)?;
    drop(db);
    let environment = head.app.store.cached_environment(session.environment).await?.ok_or_else(unknown)?;
    let display =
        session.end_user.as_ref().map_or_else(|| "connect session".to_owned(), |user| user.id.clone());
    let actor = Actor::ConnectSession { id: session.id.0, display };
    Ok(SessionCaller { session, environment, actor })
}
