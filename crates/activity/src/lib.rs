//! Operations log, audit trail, metrics.

mod journal;
pub mod limits;
pub mod metrics;
mod operation;
pub mod redact;

pub use journal::{HttpNote, Journal};
pub use operation::{Beginning, error_details};
