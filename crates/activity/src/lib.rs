//! Operations log, audit trail, metrics.

pub mod limits;
pub mod metrics;
pub mod redact;
