//! Tests of the server through its router, in memory. One file a route; the kit is in `kit`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at its first surprise"
)]

mod api;
mod dashboard;
mod idle_keys;
mod kit;
mod pages;
mod replicas;
mod revocations;
mod routines;
mod unknown_ends;
mod wire;
mod workers;
