//! `GET /metrics`: counters of this process in the Prometheus text format.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use dovetail_model::Scope;
use http::{HeaderValue, header};
use utoipa::OpenApi;

use crate::auth::Auth;
use crate::call::Head;
use crate::state::AppState;
use crate::wire::ApiResult;

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new().route("/metrics", get(metrics))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(metrics))]
pub struct Docs;

const PROMETHEUS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Reads the counters. They cover all environments, and name providers but nothing of an account.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "health",
    security(("apiKey" = [])),
    responses((status = 200, description = "Prometheus text format", content_type = "text/plain"), (status = 401), (status = 403), (status = 429))
)]
async fn metrics(head: Head) -> ApiResult<impl IntoResponse> {
    Auth::key().scope(Scope::LOGS_READ).check(&head).await?;
    Ok(([(header::CONTENT_TYPE, PROMETHEUS)], head.app.metrics.render()))
}
