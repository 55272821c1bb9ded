//! `/dashboard/{environment}/integrations`.

pub(super) mod catalogue;
mod client_fields;
mod client_form;
mod client_parts;
mod config_fields;
mod delete;
mod detail;
pub(super) mod list;
mod new;
mod private_key;
mod scopes;

use axum::Router;
use axum::routing::{get, post};

use crate::state::AppState;

/// Routes of this area.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/dashboard/{environment}/integrations", get(list::list))
        .route("/dashboard/{environment}/integrations/new", get(catalogue::catalogue))
        .route("/dashboard/{environment}/integrations/new/{provider}", get(new::show).post(new::add))
        .route("/dashboard/{environment}/integrations/{key}", get(detail::show).post(detail::save))
        .route("/dashboard/{environment}/integrations/{key}/delete", post(delete::delete))
}
