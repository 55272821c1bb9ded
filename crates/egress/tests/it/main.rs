//! The client against real sockets on loopback.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod bodies;
mod failures;
mod policy;
mod pool;
mod redirects;
mod server;
mod simulation;
mod tls;
