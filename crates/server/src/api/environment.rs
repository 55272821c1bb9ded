//! `/environment`: API keys and the webhook signing key (spec: http-api.md 2.2).

mod api_keys;
mod webhook_signing_key;

use axum::Router;
use axum::routing;
use utoipa::OpenApi;

use crate::state::AppState;

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/environment/api-keys", routing::post(api_keys::create).delete(api_keys::delete))
        .route("/environment/webhook-signing-key/rotate", routing::post(webhook_signing_key::rotate))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(api_keys::create, api_keys::delete, webhook_signing_key::rotate))]
pub struct Docs;
