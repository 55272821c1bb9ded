//! `/dashboard/{environment}/connections`.

mod check;
mod delete;
pub(super) mod detail;
mod list;
mod metadata;
pub(super) mod new;
pub(super) mod person;
mod reconnect;
mod refresh;
mod renewal;
mod reveal;
mod secrets;
mod tags;
mod timeline;
mod warnings;
mod webhook;

use axum::Router;
use axum::routing::{get, post};

use crate::state::AppState;

/// Routes of this area.
pub(super) fn routes() -> Router<AppState> {
    const ONE: &str = "/dashboard/{environment}/connections/{integration}/{connection}";
    Router::new()
        .route("/dashboard/{environment}/connections", get(list::list))
        .route("/dashboard/{environment}/connections/new", get(new::show).post(new::create))
        .route(ONE, get(detail::show))
        .route(&format!("{ONE}/reveal"), post(reveal::reveal))
        .route(&format!("{ONE}/tags"), post(tags::save))
        .route(&format!("{ONE}/metadata"), post(metadata::save))
        .route(&format!("{ONE}/webhook"), post(webhook::save))
        .route(&format!("{ONE}/check"), post(check::check))
        .route(&format!("{ONE}/refresh"), post(refresh::refresh))
        .route(&format!("{ONE}/reconnect"), post(reconnect::create))
        .route(&format!("{ONE}/delete"), post(delete::delete))
}
