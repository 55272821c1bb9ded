//! One log line a request, with the route's template: never the path, the query, a token or an address.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use dovetail_activity::metrics::status_class;
use http::Method;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::RequestId;
use super::content_type::guard_content_type;
use crate::state::AppState;

/// Puts the handler, and the guard before it, into a span named after its route, logs the outcome and counts it.
pub(crate) async fn trace(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
    let id = request.extensions().get::<RequestId>().map_or("", |RequestId(id)| id);
    let method = request.method().clone();
    let span = tracing::info_span!("request", request.id = %id, http.method = %method, http.route = %route);
    let started = Instant::now();
    async move {
        let response = guard_content_type(request, next).await;
        let status = response.status().as_u16();
        let millis = started.elapsed().as_secs_f64() * 1000.0;
        tracing::debug!(http.status = status, http.millis = millis, "answered");
        app.metrics.http_requests.increment([method_label(&method), status_class(status)]);
        response
    }
    .instrument(span)
    .await
}

/// The method as a label. Clients can invent methods; labels are a closed set.
pub(super) fn method_label(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => method.as_str(),
        _ => "other",
    }
}
