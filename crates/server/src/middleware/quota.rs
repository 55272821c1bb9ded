//! Tells authenticated callers what remains of their rate limit (spec: http-api.md 1.13).

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

use super::PassedOn;
use crate::auth::QuotaSlot;

/// Gives authentication a place to leave the quota, and writes it to the answer.
pub(crate) async fn quota(mut request: Request, next: Next) -> Response {
    let slot = QuotaSlot::default();
    request.extensions_mut().insert(slot.clone());
    let mut response = next.run(request).await;
    if let Some(quota) = slot.get() {
        let is_passed_on = response.extensions().get::<PassedOn>().is_some();
        if is_passed_on {
            quota.write_beside(response.headers_mut());
        } else {
            quota.write(response.headers_mut());
        }
    }
    response
}
