//! How callers are turned away: 401, 429 and 403.

use dovetail_model::{Scope, Scopes};

use super::key::KeyHolder;
use super::rate_limit::{Bucket, Quota};
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

/// Counts a request of a key: against the key's own rate first, when it has one.
pub(super) fn count_key(head: &Head, holder: &KeyHolder) -> ApiResult<()> {
    if let Some((id, limits)) = &holder.limits
        && let Some(rate) = limits.requests_per_minute
    {
        let outcome = head.app.limiter.take_of_key(*id, rate.get(), head.app.now());
        // Of two quotas the answer tells the key's: it is the one that the key's holder was given.
        leave(head, outcome.map(Some))?;
    }
    count(head, Bucket::Secret)
}

/// Counts a request and leaves the quota for the answer's headers.
pub(super) fn count(head: &Head, bucket: Bucket) -> ApiResult<()> {
    let outcome = head.app.limiter.take(bucket, head.app.now());
    leave(head, outcome)
}

fn leave(head: &Head, outcome: Result<Option<Quota>, Quota>) -> ApiResult<()> {
    let now = head.app.now();
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
