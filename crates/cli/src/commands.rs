//! One file a command.

pub mod catalog;
pub mod completions;
pub mod config;
pub mod doctor;
pub mod healthcheck;
pub mod keys;
pub mod migrate;
pub mod mock;
pub mod open;
pub mod say;
pub mod serve;
