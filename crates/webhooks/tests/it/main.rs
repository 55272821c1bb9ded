//! Deliveries from the queue to a receiver on loopback.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod auth_webhook;
mod deliveries;
mod receiver;
mod worker;
