//! `/oauth/…`: linking in a window of the provider (spec: auth-modes.md section 3, connect.md section 4).

mod callback;
mod client_metadata;
mod connect;
mod simulated;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use utoipa::OpenApi;

use crate::limits::MAX_CALLBACK_BODY;
use crate::state::AppState;

/// Routes of this area.
pub fn routes(simulates: bool) -> Router<AppState> {
    let routes = Router::new()
        .route("/oauth/connect/{providerConfigKey}", get(connect::begin))
        .route("/oauth/client-metadata/{environmentUuid}/{providerConfigKey}", get(client_metadata::get))
        .route("/oauth/callback", get(callback::by_query).post(callback::by_form))
        // Where the installation of an app comes back to.
        .route("/app-auth/connect", get(callback::by_query))
        .layer(DefaultBodyLimit::max(MAX_CALLBACK_BODY));
    // Without a simulator there is nothing to show.
    if simulates { routes.route("/oauth/simulated", get(simulated::page)) } else { routes }
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(connect::begin, callback::by_query, callback::by_form, client_metadata::get))]
pub struct Docs;
