//! Tests credentials against their provider before they are kept (connect.md 5.3, providers.md section 6).

mod detail;
mod outcome;

pub use outcome::{Reason, TestFailure};
