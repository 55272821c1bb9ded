//! The proxy against a real service on loopback.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod bodies;
mod credentials;
mod failures;
mod redirects;
mod requests;
mod responses;
mod retries;
mod service;
