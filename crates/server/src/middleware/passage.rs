//! What happens around every request, in one piece. As layers of the router each of its parts would be a boxed future
//! and a copy of the request: together they cost more than most handlers.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use dovetail_activity::metrics::status_class;
use http::Method;
use tower::{Service, ServiceExt as _};
use tracing::Instrument as _;

use super::last_resort::{RequestId, guarded};
use super::trace::method_label;
use super::{PassedOn, cors, paths, security_headers};
use crate::api;
use crate::auth::QuotaSlot;
use crate::limits::RESPONSE_HEADERS;
use crate::state::AppState;

/// The whole server. Takes proxied calls itself, and leaves everything else to its routes. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Passage {
    app: AppState,
    routes: Router,
}

impl Passage {
    /// In front of `routes`.
    pub(crate) fn new(app: AppState, routes: Router) -> Self {
        Self { app, routes }
    }
}

impl Service<Request> for Passage {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let app = self.app.clone();
        // Preflights are answered here, never forwarded.
        if request.method() != Method::OPTIONS && api::proxy::is_meant(request.uri().path()) {
            return Box::pin(async move { Ok(forwarded(app, request).await) });
        }
        let routes = self.routes.clone();
        Box::pin(async move { Ok(routed(app, routes, request).await) })
    }
}

/// A request that has a route, or should have.
async fn routed(app: AppState, routes: Router, request: Request) -> Response {
    let method = request.method().clone();
    let id = RequestId::fresh(&app);
    let is_static = security_headers::is_static_file(request.uri().path());
    let mut request = paths::canonical_path(request);
    let rules = cors::Rules::of(request.uri().path());
    let is_preflight = cors::is_preflight(&request);
    let quota = QuotaSlot::default();
    let extensions = request.extensions_mut();
    extensions.insert(id.clone());
    extensions.insert(quota.clone());
    let answer = async {
        if let Some(answered) = rules.answer(&method) {
            return answered;
        }
        match routes.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    };
    let mut response = guarded(&method, id, answer).await;
    let headers = response.headers_mut();
    headers.reserve(RESPONSE_HEADERS);
    if let Some(quota) = quota.get() {
        quota.write(headers);
    }
    rules.write(headers, is_preflight, &app);
    security_headers::write(headers, is_static);
    response
}

/// A proxied call.
async fn forwarded(app: AppState, request: Request) -> Response {
    let method = request.method().clone();
    let id = RequestId::fresh(&app);
    let span = tracing::info_span!("request", request.id = %id.0, http.method = %method, http.route = "/proxy/{*path}");
    let quota = QuotaSlot::default();
    // Boxed once: each wrapper would move the whole of it again.
    let handler = Box::pin(api::proxy::proxy(&app, request, &quota)).instrument(span);
    let mut response = guarded(&method, id, handler).await;
    app.metrics.http_requests.increment([method_label(&method), status_class(response.status().as_u16())]);
    let is_passed_on = response.extensions_mut().remove::<PassedOn>().is_some();
    let headers = response.headers_mut();
    headers.reserve(RESPONSE_HEADERS);
    match quota.get() {
        Some(quota) if is_passed_on => quota.write_beside(headers),
        Some(quota) => quota.write(headers),
        None => {}
    }
    if !is_passed_on {
        security_headers::write(headers, false);
    }
    cors::open_to_all(headers);
    response
}
