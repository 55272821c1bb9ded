//! What MCP servers add to OAuth: finding the authorization server, and a client for it (MCP authorization,
//! RFC 9728, RFC 8414, RFC 7591, RFC 8707).

mod challenge;
mod client;
mod discovery;
mod fetch;
mod register;

pub(crate) use client::{Announced, client_for};
pub use client::{ClientBook, Names};
pub(crate) use discovery::{Discovered, ServerMetadata, discover, guarded};
