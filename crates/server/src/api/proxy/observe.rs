//! Attempts in the process's own log: where they went is for the operation's log alone.

use dovetail_proxy::{AttemptRecord, Observe};

/// Logs attempts at debug level.
pub(super) struct Trace;

impl Observe for Trace {
    fn attempt(&self, record: AttemptRecord) {
        tracing::debug!(
            attempt = record.number,
            http.status = record.status.map(|status| status.as_u16()),
            error = record.error,
            millis = record.took.as_secs_f64() * 1000.0,
            retries = record.retry.is_some(),
            "proxied"
        );
    }
}
