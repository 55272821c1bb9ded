//! Tests of this room against a service on the loopback interface and a database of its own.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at its first surprise")]

mod after_link;
mod app;
mod checks;
mod install_plugin;
mod link;
mod mcp;
mod modes;
mod oauth;
mod overlay;
mod revoke;
mod service;
mod simulation;
mod token_clients;
mod verify;
