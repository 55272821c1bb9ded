//! All routes, and what happens around every one of them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state, map_request};
use tower_http::compression::CompressionLayer;

use crate::limits::MAX_PAGE_BODY;
use crate::middleware::{
    Passage, canonical_path, cors, guard_content_type, last_resort, quota, security_headers, trace,
};
use crate::state::AppState;
use crate::wire::{ApiError, ErrorCode};
use crate::{api, assets, connect_ui, dashboard, guides, openapi};

/// The whole server. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that callers can be told
/// apart by address.
///
/// Order around a handler, outermost first: unexpected failures, security headers, path as written ->
/// canonical path, CORS, routing, trace, content-type guard, quota headers. The handler then reads and parses the body
/// (400 `invalid_json`), authenticates (401), counts (429), checks scopes (403) and validates (400). Proxied calls have
/// a shorter way ([`Passage`]).
pub fn router(app: AppState) -> Router {
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
        .layer(from_fn(quota))
        .layer(from_fn(guard_content_type))
        .layer(from_fn_with_state(app.clone(), trace))
        .with_state(app.clone());
    let rest = Router::new()
        .fallback_service(routes)
        .layer(from_fn_with_state(app.clone(), cors))
        .layer(map_request(async |request| canonical_path(request)))
        .layer(from_fn(security_headers))
        .layer(from_fn_with_state(app.clone(), last_resort));
    Router::new().fallback_service(Passage::new(app, rest))
}

async fn not_found() -> ApiError {
    ApiError::new(ErrorCode::NotFound)
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed)
}
