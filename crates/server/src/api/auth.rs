//! `/auth/…`: linking an account without a popup, in the modes that are neither a key nor a password.

mod later;
mod unauthenticated;

use axum::Router;
use axum::routing::post;
use utoipa::OpenApi;

use crate::state::AppState;

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/auth/unauthenticated/{providerConfigKey}", post(unauthenticated::link))
        .route("/auth/tba/{providerConfigKey}", post(later::tba))
        .route("/auth/jwt/{providerConfigKey}", post(later::jwt))
        .route("/auth/two-step/{providerConfigKey}", post(later::two_step))
        .route("/auth/bill/{providerConfigKey}", post(later::bill))
        .route("/auth/signature/{providerConfigKey}", post(later::signature))
        .route("/auth/aws-sigv4/{providerConfigKey}", post(later::aws_sigv4))
        .route("/auth/oauth-outbound/{providerConfigKey}", post(later::oauth_outbound))
        .route("/oauth2/auth/{providerConfigKey}", post(later::oauth2_cc))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(unauthenticated::link))]
pub struct Docs;
