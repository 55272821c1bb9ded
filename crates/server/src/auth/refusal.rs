//! How callers are turned away: 401, 429 and 403.

use dovetail_model::{Scope, Scopes};

use super::rate_limit::Bucket;
use crate::call::Head;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// The 401 for `code`; 429 for an address that has failed too often lately. Only failures are counted: many callers
/// may share an address, and a good key must not pay for a bad one.
pub(super) fn unauthenticated(head: &Head, code: ErrorCode) -> ApiError {
    let now = head.app.now();
    match head.app.limiter.take_failure(head.client_ip, now) {
        Ok(()) => ApiError::new(code),
        Err(quota) => quota.exceeded(&head.method, head.uri.path(), now),
    }
}

/// Counts a request and leaves the quota for the answer's headers.
pub(super) fn count(head: &Head, bucket: Bucket) -> ApiResult<()> {
    let now = head.app.now();
    let outcome = head.app.limiter.take(bucket, now);
    if let Ok(Some(quota)) | Err(quota) = outcome {
        head.quota.get_or_init(|| quota);
    }
    outcome.map(|_| ()).map_err(|quota| quota.exceeded(&head.method, head.uri.path(), now))
}

/// Checks that one of the required scopes is granted.
pub(super) fn require(granted: &Scopes, required: &[Scope]) -> ApiResult<()> {
    if required.is_empty() || granted.allows_any(required) { Ok(()) } else { Err(insufficient(required)) }
}

/// The 403 that names what is missing.
pub(super) fn insufficient(required: &[Scope]) -> ApiError {
    let names: Vec<&str> = required.iter().map(|scope| scope.as_str()).collect();
    let wanted = match names.as_slice() {
        [only] => format!("Required: {only}"),
        several => format!("Required one of: {}", several.join(" or ")),
    };
    ApiError::new(ErrorCode::Forbidden).message(format!("Insufficient scope. {wanted}"))
}
