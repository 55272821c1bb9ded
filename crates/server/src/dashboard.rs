//! The dashboard: pages for the people who run this server. A file is one page; paths mirror URLs.

mod colour;
mod connections;
mod cookies;
mod csrf;
mod error;
mod errors;
mod form;
mod format;
mod getting_started;
mod integrations;
mod limits;
mod logo;
mod page;
mod parts;
mod password;
mod settings;
mod shell;
mod snippets;
mod throttle;
mod webhooks;

use axum::Router;
use axum::middleware::map_response;

use crate::state::AppState;

/// `/dashboard` and everything below.
pub fn routes() -> Router<AppState> {
    Router::new().layer(map_response(async |response| page::with_headers(response)))
}

