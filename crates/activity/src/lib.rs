#![doc = include_str!("../README.md")]

mod allowance;
mod journal;
pub mod limits;
pub mod metrics;
mod operation;
pub mod redact;

pub use journal::{HttpNote, Journal};
pub use operation::{Beginning, error_details};
