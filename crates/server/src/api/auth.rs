//! `/auth/…`: linking an account without a popup, in the modes that are neither a key nor a password.

mod aws_sigv4;
mod bill;
mod jwt;
mod oauth_outbound;
mod signature;
mod tba;
mod two_step;
mod unauthenticated;

use axum::Router;
use axum::routing::post;
use utoipa::OpenApi;

use crate::state::AppState;

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/auth/oauth-outbound/{providerConfigKey}", post(oauth_outbound::link))
        .route("/auth/unauthenticated/{providerConfigKey}", post(unauthenticated::link))
        .route("/auth/tba/{providerConfigKey}", post(tba::link))
        .route("/auth/jwt/{providerConfigKey}", post(jwt::link))
        .route("/auth/two-step/{providerConfigKey}", post(two_step::link))
        .route("/auth/bill/{providerConfigKey}", post(bill::link))
        .route("/auth/signature/{providerConfigKey}", post(signature::link))
        .route("/auth/aws-sigv4/{providerConfigKey}", post(aws_sigv4::link))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    oauth_outbound::link,
    unauthenticated::link,
    tba::link,
    jwt::link,
    two_step::link,
    bill::link,
    signature::link,
    aws_sigv4::link
))]
pub struct Docs;
