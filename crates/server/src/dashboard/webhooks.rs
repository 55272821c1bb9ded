//! `/dashboard/{environment}/webhooks`.

mod detail;
mod list;

use axum::Router;
use axum::routing::{get, post};

use crate::state::AppState;

/// Routes of this area.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/dashboard/{environment}/webhooks", get(list::list))
        .route("/dashboard/{environment}/webhooks/{id}", get(detail::show))
        .route("/dashboard/{environment}/webhooks/{id}/replay", post(detail::replay))
}
