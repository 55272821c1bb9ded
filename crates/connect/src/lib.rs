#![doc = include_str!("../README.md")]

pub mod config;
mod integration_facts;
pub mod limits;
pub mod link;
pub mod modes;
pub mod obtain;
pub mod renew;
pub mod secrets;
pub mod token_request;
pub mod verify;

pub use integration_facts::IntegrationValues;
