//! The simulator as a client sees it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod catalogue;
mod control;
mod faults;
mod harness;
mod installations;
mod oauth;
mod proof;
mod reference;
mod routines;
