//! All routes, and what happens around every one of them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use tower_http::compression::CompressionLayer;

use crate::limits::MAX_PAGE_BODY;
use crate::middleware::{Passage, trace};
use crate::state::AppState;
use crate::wire::{ApiError, ErrorCode};
use crate::{api, assets, connect_ui, dashboard, guides, openapi};

/// The whole server as an axum router; [`service`] is the same with less around it.
pub fn router(app: AppState) -> Router {
    Router::new().fallback_service(service(app))
}

/// The whole server. Requests carry the caller's `ConnectInfo<SocketAddr>`, so that callers can be told apart by
/// address.
///
/// Order around a handler, outermost first: unexpected failures, security headers, CORS, path as written -> canonical
/// path ([`Passage`]); routing, trace, content-type guard. The handler then reads and parses the body (400
/// `invalid_json`), authenticates (401), counts (429), checks scopes (403) and validates (400). Proxied calls are not
/// routed.
pub fn service(app: AppState) -> Passage {
    let pages = Router::new()
        .merge(connect_ui::routes())
        .merge(guides::routes())
        .layer(CompressionLayer::new())
        .merge(dashboard::routes())
        .layer(DefaultBodyLimit::max(MAX_PAGE_BODY));
    let routes = api::routes(&app)
        .merge(pages)
        .merge(openapi::routes())
        .merge(assets::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(app.clone(), trace))
        .with_state(app.clone());
    Passage::new(app, routes)
}

async fn not_found() -> ApiError {
    ApiError::new(ErrorCode::NotFound)
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed)
}
