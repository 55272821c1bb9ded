#![doc = include_str!("../README.md")]

mod ask;
mod claims;
pub mod config;
pub mod flow;
mod integration_facts;
pub mod introspect;
pub mod limits;
pub mod link;
pub mod mcp;
pub mod modes;
pub mod obtain;
pub mod pending;
pub mod refresh;
pub mod renew;
pub mod revoke;
pub mod routines;
pub mod secrets;
mod token_host;
pub mod token_request;
pub mod verify;

pub use integration_facts::IntegrationValues;
