//! End-user guides, "How do I link my account?": pages, markdown, JSON, and the indexes for
//! machines (connect.md 11.4).

mod answer;
pub(crate) mod catalogue;
mod guide;
mod index;
mod json;
pub(crate) mod llms;
mod page;
mod trouble;

use axum::Router;
use axum::routing::get;

use crate::state::AppState;

/// `/guides`, `/guides/{provider}[.md|.json]`, `/llms.txt`, `/llms-full.txt`, `/api-catalog.txt`.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/guides", get(index::index))
        .route("/guides/", get(index::index))
        .route("/guides/{provider}", get(guide::guide))
        .route("/llms.txt", get(llms::llms))
        .route("/llms-full.txt", get(llms::llms_full))
        .route("/api-catalog.txt", get(catalogue::api_catalog))
}
