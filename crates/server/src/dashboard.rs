//! The dashboard: pages for the people who run this server. A file is one page; paths mirror URLs.

mod cookies;
mod csrf;
mod error;
mod errors;
mod format;
mod limits;
mod page;
mod password;
mod shell;
mod throttle;

use axum::Router;
use axum::middleware::map_response;

use crate::state::AppState;

/// `/dashboard` and everything below.
pub fn routes() -> Router<AppState> {
    Router::new().layer(map_response(async |response| page::with_headers(response)))
}
