//! The public HTTP API. File paths mirror URL paths; each area has `routes()` and, for `/openapi.json`, `Docs`.

pub mod api_auth;
pub mod auth;
pub mod config;
pub mod connect;
pub mod connection;
pub mod connections;
pub mod env_js;
pub mod environment;
pub mod environment_variables;
pub mod environments;
pub mod health;
pub mod images;
pub mod integrations;
pub mod metrics;
pub mod oauth;
pub mod oauth2;
pub mod providers;
pub mod providers_json;
pub mod proxy;
pub mod root;
pub(crate) mod shapes;
pub mod webhook;

use axum::Router;

use crate::openapi;
use crate::state::AppState;

/// All API routes but the proxy's, which has a way of its own.
pub fn routes(app: &AppState) -> Router<AppState> {
    Router::new()
        .merge(api_auth::routes())
        .merge(auth::routes())
        .merge(oauth2::routes())
        .merge(config::routes())
        .merge(connect::routes())
        .merge(connection::routes())
        .merge(connections::routes())
        .merge(env_js::routes())
        .merge(environment::routes())
        .merge(environment_variables::routes())
        .merge(environments::routes())
        .merge(health::routes())
        .merge(images::routes())
        .merge(integrations::routes())
        .merge(metrics::routes())
        .merge(oauth::routes(app.config.simulates()))
        .merge(providers::routes())
        .merge(providers_json::routes())
        .merge(root::routes(&app.config.websockets_path))
        .merge(webhook::routes())
}

/// The descriptions of all API routes.
pub(crate) fn docs() -> Vec<utoipa::openapi::OpenApi> {
    vec![
        openapi::of::<api_auth::Docs>(),
        openapi::of::<auth::Docs>(),
        openapi::of::<oauth2::Docs>(),
        openapi::of::<config::Docs>(),
        openapi::of::<connect::Docs>(),
        connection::docs(),
        openapi::of::<connections::Docs>(),
        openapi::of::<env_js::Docs>(),
        openapi::of::<environment::Docs>(),
        openapi::of::<environment_variables::Docs>(),
        openapi::of::<environments::Docs>(),
        openapi::of::<health::Docs>(),
        openapi::of::<images::Docs>(),
        openapi::of::<integrations::Docs>(),
        openapi::of::<metrics::Docs>(),
        openapi::of::<oauth::Docs>(),
        openapi::of::<providers::Docs>(),
        openapi::of::<providers_json::Docs>(),
        openapi::of::<proxy::Docs>(),
        openapi::of::<webhook::Docs>(),
    ]
}
