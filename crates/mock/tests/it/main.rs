//! The simulator as a client sees it.

mod catalogue;
mod control;
mod faults;
mod harness;
