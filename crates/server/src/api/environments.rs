//! `/environments` (spec: http-api.md 2.2).

mod create;
mod delete;

use axum::Router;
use axum::routing;
use utoipa::OpenApi;

use crate::state::AppState;

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/environments", routing::post(create::create))
        .route("/environments/{environmentId}", routing::delete(delete::delete))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(create::create, delete::delete))]
pub struct Docs;
