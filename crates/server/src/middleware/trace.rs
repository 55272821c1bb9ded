//! One log line a request, with the route's template: never the path, the query, a token or an address.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument as _;

/// Puts the handler into a span named after its route and logs the outcome.
pub(crate) async fn trace(request: Request, next: Next) -> Response {
    let route =
        request.extensions().get::<MatchedPath>().map_or("unmatched", |path| path.as_str()).to_owned();
    let span = tracing::info_span!("request", http.method = %request.method(), http.route = %route);
    let started = Instant::now();
    async move {
        let response = next.run(request).await;
        let millis = started.elapsed().as_secs_f64() * 1000.0;
        tracing::debug!(http.status = response.status().as_u16(), http.millis = millis, "answered");
        response
    }
    .instrument(span)
    .await
}
