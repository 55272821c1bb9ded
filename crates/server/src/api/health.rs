//! `GET /health`: whether the process answers at all.

use axum::Router;
use axum::routing::get;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::state::AppState;
use crate::wire::{Answer, ok};

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new().route("/health", get(health))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(health))]
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
