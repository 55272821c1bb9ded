//! What happens around a proxied call: as much as happens around every request, in one piece. A proxied call is the
//! request that everything else exists for, and each layer of the common stack costs it a twentieth of its time.

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
use super::{PassedOn, cors, security_headers};
use crate::api;
use crate::auth::QuotaSlot;
use crate::state::AppState;

/// Takes proxied calls, and leaves everything else to `rest`.
#[derive(Clone, Debug)]
pub(crate) struct Passage {
    app: AppState,
    rest: Router,
}

impl Passage {
    /// In front of `rest`.
    pub(crate) fn new(app: AppState, rest: Router) -> Self {
        Self { app, rest }
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
        // Preflights are answered here, never forwarded.
        if request.method() != Method::OPTIONS && api::proxy::is_meant(request.uri().path()) {
            let app = self.app.clone();
            return Box::pin(async move { Ok(pass(app, request).await) });
        }
        Box::pin(self.rest.clone().oneshot(request))
    }
}

/// One proxied call, with what the layers of the router do for every other request.
async fn pass(app: AppState, request: Request) -> Response {
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
