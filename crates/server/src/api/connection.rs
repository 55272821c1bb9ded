//! `/connection…`: older spellings of `/connections…`, and the flat import (spec: http-api.md 2.9).

mod import;
mod metadata;

use axum::Router;
use axum::routing::{get, post};

use utoipa::OpenApi as _;

use super::connections;
use crate::openapi;
use crate::state::AppState;

/// Routes of this area. New callers use `/connections`.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/connection", get(connections::list).post(import::import))
        .route("/connection/metadata", connections::metadata_routes())
        .route("/connection/{connectionId}", get(connections::get).delete(connections::delete))
        .route("/connection/{connectionId}/metadata", post(metadata::replace).patch(metadata::merge))
}

#[derive(utoipa::OpenApi)]
#[openapi(paths(import::import, metadata::replace, metadata::merge))]
struct Own;

/// Description of this area: the routes of its own, and the older spellings.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    let mut document = Own::openapi();
    let described = connections::Docs::openapi();
    let import = document.paths.paths.get("/connection").and_then(|item| item.post.clone());
    for (path, alias) in [
        ("/connections", "/connection"),
        ("/connections/metadata", "/connection/metadata"),
        ("/connections/{connectionId}", "/connection/{connectionId}"),
    ] {
        openapi::alias(&mut document, &described, path, alias);
    }
    if let Some(item) = document.paths.paths.get_mut("/connection") {
        item.post = import;
    }
    if let Some(item) = document.paths.paths.get_mut("/connection/{connectionId}") {
        item.patch = None;
    }
    document
}
