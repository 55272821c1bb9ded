//! `/api-auth/…`: linking an account with credentials that the end user types.

mod api_key;
mod basic;

use axum::Router;
use axum::routing::post;
use utoipa::OpenApi;

use crate::state::AppState;

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/api-auth/api-key/{providerConfigKey}", post(api_key::link))
        .route("/api-auth/basic/{providerConfigKey}", post(basic::link))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(api_key::link, basic::link))]
pub struct Docs;
