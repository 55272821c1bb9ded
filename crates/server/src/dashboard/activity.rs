//! `/dashboard/{environment}/activity`: what happened, operation by operation (observability.md 1).

mod detail;
mod list;

use axum::Router;
use axum::routing::get;
use dovetail_model::OperationState;

use crate::dashboard::format::segment;
use crate::dashboard::parts::Status;
use crate::dashboard::visit::Visit;
use crate::state::AppState;

/// Routes of this area.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/dashboard/{environment}/activity", get(list::list))
        .route("/dashboard/{environment}/activity/{id}", get(detail::show))
}

/// The page of an operation.
pub(super) fn href(visit: &Visit, id: &str) -> String {
    visit.path(&format!("/activity/{}", segment(id)))
}

/// How an operation stands, in a word.
pub(super) fn status(state: OperationState) -> Status {
    let (tone, word) = match state {
        OperationState::Waiting => ("", "Waiting"),
        OperationState::Running => ("busy", "Under way"),
        OperationState::Success => ("good", "Done"),
        OperationState::Failed => ("bad", "Failed"),
        OperationState::Timeout => ("bad", "Did not end in time"),
        OperationState::Cancelled => ("", "Given up"),
    };
    Status { tone, word: word.to_owned(), at: None }
}
