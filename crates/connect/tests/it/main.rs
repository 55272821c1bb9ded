//! Tests of this room against a service on the loopback interface and a database of its own.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod link;
mod oauth;
mod modes;
mod service;
mod simulation;
mod verify;
