//! The dashboard: pages for the people who run this server. A file is one page; paths mirror URLs.
//!
//! Every page is complete without scripts; `assets/dashboard/*.js` make them quicker to use. A signed-in page begins
//! with [`visit::Visit`], a form ends in [`form::Fields`], which refuses what another site or session made.

mod account;
mod activity;
mod audit;
mod client;
mod colour;
mod connections;
pub(crate) mod cookies;
mod csrf;
mod door;
mod environments;
mod error;
mod errors;
mod form;
mod format;
mod getting_started;
mod home;
mod integrations;
mod key_revoke;
mod limits;
mod logo;
mod page;
mod parts;
mod password;
mod refusal;
mod rules;
mod session;
mod settings;
mod setup;
mod shell;
mod sign_in;
mod sign_out;
mod snippets;
mod theme;
mod throttle;
mod visit;
mod webhooks;

use axum::middleware::map_response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use tower_http::compression::CompressionLayer;

use crate::state::AppState;
use error::PageError;
use throttle::Throttle;

/// `/dashboard` and everything below.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/dashboard", get(home::home))
        .route("/dashboard/", get(home::home))
        .route("/dashboard/setup", get(setup::show).post(setup::create))
        .route("/dashboard/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/dashboard/sign-out", post(sign_out::sign_out))
        .route("/dashboard/theme", post(theme::choose))
        .route("/dashboard/environments/new", get(environments::show).post(environments::create))
        .route("/dashboard/{environment}", get(getting_started::show))
        .merge(integrations::routes())
        .merge(connections::routes())
        .merge(activity::routes())
        .merge(webhooks::routes())
        .merge(account::routes())
        .merge(settings::routes())
        .route("/dashboard/{environment}/{*rest}", get(no_such_page))
        .layer(Extension(Throttle::default()))
        .layer(CompressionLayer::new())
        .layer(map_response(async |response| page::with_headers(response)))
}

async fn no_such_page() -> PageError {
    PageError::not_found("This page", "/dashboard")
}
