//! `/connection…`: older spellings of `/connections…`, and the flat import (spec: http-api.md 2.9).

mod import;
mod metadata;

use axum::Router;
use axum::routing::{get, post};

use super::connections;
use crate::state::AppState;

/// Routes of this area. They are not in the API description: new callers use `/connections`.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/connection", get(connections::list).post(import::import))
        .route("/connection/metadata", connections::metadata_routes())
        .route("/connection/{connectionId}", get(connections::get).delete(connections::delete))
        .route("/connection/{connectionId}/metadata", post(metadata::replace).patch(metadata::merge))
}
