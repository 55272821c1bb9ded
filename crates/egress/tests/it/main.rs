//! The client against real sockets on loopback.

mod bodies;
mod failures;
mod policy;
mod redirects;
mod server;
mod simulation;
mod tls;
