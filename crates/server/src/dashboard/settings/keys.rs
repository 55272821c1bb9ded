//! `/dashboard/{environment}/settings/keys`: API keys.

mod edit;
mod limits_form;
mod list;
mod new;
mod revoke;
mod rights_form;
mod words;

use axum::Router;
use axum::routing::get;

use crate::state::AppState;

/// Routes of this area.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/dashboard/{environment}/settings/keys", get(list::list))
        .route("/dashboard/{environment}/settings/keys/new", get(new::show).post(new::create))
        .route("/dashboard/{environment}/settings/keys/{id}", get(edit::show).post(edit::save))
        .route("/dashboard/{environment}/settings/keys/{id}/revoke", get(revoke::show).post(revoke::revoke))
}
