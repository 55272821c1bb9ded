//! `/connections`: linked accounts.

mod by_id;
mod create;
mod list;
mod metadata;

use axum::Router;
use axum::routing::{MethodRouter, get as on_get, post};
use utoipa::OpenApi;

pub(super) use by_id::delete::delete;
pub(super) use by_id::get::get;
pub(super) use list::list;
pub(super) use metadata::OpenObject;

use crate::state::AppState;

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/connections", on_get(list).post(create::create))
        .route("/connections/metadata", metadata_routes())
        .route("/connections/{connectionId}", on_get(get).patch(by_id::patch::patch).delete(delete))
}

/// Routes of `…/metadata`. To `GET` and `DELETE` it is the connection whose id is `metadata`.
pub(super) fn metadata_routes() -> MethodRouter<AppState> {
    post(metadata::replace)
        .patch(metadata::merge)
        .get(by_id::get::metadata_named)
        .delete(by_id::delete::metadata_named)
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    list::list,
    create::create,
    metadata::replace,
    metadata::merge,
    by_id::get::get,
    by_id::patch::patch,
    by_id::delete::delete
))]
pub struct Docs;
