//! The public HTTP API. File paths mirror URL paths; each area has `routes()` and, for `/openapi.json`, `Docs`.

pub mod connect;
pub mod health;
pub(crate) mod shapes;

use axum::Router;

use crate::openapi;
use crate::state::AppState;

/// All API routes.
pub fn routes() -> Router<AppState> {
    Router::new().merge(health::routes())
}

/// The descriptions of all API routes.
pub(crate) fn docs() -> Vec<utoipa::openapi::OpenApi> {
    vec![openapi::of::<health::Docs>()]
}
