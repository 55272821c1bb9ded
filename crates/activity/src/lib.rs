//! Operations log, audit trail, metrics.
