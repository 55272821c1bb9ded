//! Work whose failure must not fail the request.

use std::fmt::Display;
use std::panic::Location;

/// Gives `.can_fail("why")` to results of best-effort work.
pub trait CanFail<T> {
    /// Logs a failure with the caller's place and goes on. `doing` completes "failed while ...".
    #[track_caller]
    fn can_fail(self, doing: &'static str) -> Option<T>;
}

impl<T, E: Display> CanFail<T> for Result<T, E> {
    fn can_fail(self, doing: &'static str) -> Option<T> {
        let location = Location::caller();
        match self {
            Ok(value) => Some(value),
            Err(error) => {
                tracing::warn!(%error, doing, %location, "best-effort work failed");
                None
            }
        }
    }
}
