//! `/oauth2/…`: client credentials.

mod auth;

use axum::Router;
use axum::routing::post;
use utoipa::OpenApi;

use crate::state::AppState;

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new().route("/oauth2/auth/{providerConfigKey}", post(auth::link))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(auth::link))]
pub struct Docs;
