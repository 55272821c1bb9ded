//! `/connect/…`: sessions, the session as the Connect page sees it, its telemetry.

mod attempts;
mod pairing;
mod session;
mod sessions;
mod telemetry;

use axum::Router;
use axum::routing::{get, post};
use utoipa::OpenApi;

pub(crate) use sessions::input::SessionInput;

use crate::state::AppState;

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/connect/sessions", post(sessions::create))
        .route("/connect/sessions/reconnect", post(sessions::reconnect::create))
        .route("/connect/session", get(session::get).delete(session::delete))
        .route("/connect/session/attempts/{attemptId}", get(attempts::get))
        .route("/connect/session/pairing", post(pairing::create).get(pairing::get))
        .route("/connect/telemetry", post(telemetry::record))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    sessions::create,
    sessions::reconnect::create,
    session::get,
    session::delete,
    attempts::get,
    pairing::create,
    pairing::get,
    telemetry::record
))]
pub struct Docs;
