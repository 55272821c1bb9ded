//! `GET /health` and `GET /ready` (spec: http-api.md 2.1).

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::StatusCode;
use serde::Serialize;
use tokio::time::timeout;
use utoipa::{OpenApi, ToSchema};

use crate::limits::READY_TIMEOUT;
use crate::state::AppState;
use crate::wire::{Answer, ok};

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new().route("/health", get(health)).route("/ready", get(ready))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(health, ready))]
pub struct Docs;

/// The server's condition in a word.
#[derive(Debug, Serialize, ToSchema)]
pub struct Condition {
    #[schema(example = "ok")]
    result: &'static str,
}

/// Tells that the process is alive. No authentication.
#[utoipa::path(get, path = "/health", tag = "health", responses((status = 200, body = Condition)))]
async fn health() -> Answer<Condition> {
    ok(Condition { result: "ok" })
}

/// Tells whether requests can be served: the database answers and no shutdown has begun. No authentication.
#[utoipa::path(
    get,
    path = "/ready",
    tag = "health",
    responses((status = 200, body = Condition), (status = 503, body = Condition))
)]
async fn ready(State(app): State<AppState>) -> Answer<Condition> {
    let answers = !app.is_draining() && matches!(timeout(READY_TIMEOUT, app.store.ping()).await, Ok(Ok(())));
    if answers {
        ok(Condition { result: "ok" })
    } else {
        Answer(StatusCode::SERVICE_UNAVAILABLE, Condition { result: "not ready" })
    }
}
