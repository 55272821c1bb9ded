//! The Connect page (connect.md 6 to 10): a shell in the reader's language; everything else is
//! done by the modules of `assets/connect`.

pub(crate) mod language;
mod page;
mod pair;

use axum::Router;
use axum::routing::get;

use crate::state::AppState;

/// `GET /connect/` and every path below it that is not an endpoint of the API.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/connect", get(page::page))
        .route("/connect/", get(page::page))
        .route("/connect/pair", get(pair::show).post(pair::answer))
        .route("/connect/{*path}", get(page::page))
}
