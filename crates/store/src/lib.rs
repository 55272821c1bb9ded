#![doc = include_str!("../README.md")]

pub mod api_keys;
pub mod audit_events;
pub mod bootstrap;
mod changes;
mod config;
pub mod connect_sessions;
pub mod connect_ui;
pub mod connections;
pub mod data_keys;
mod db;
mod dialect;
mod end_users;
pub mod environment_variables;
pub mod environments;
mod error;
pub mod integrations;
mod keys;
pub mod limits;
pub mod meta;
mod migrate;
pub mod operations;
pub mod outbox;
mod pool;
pub mod purge;
mod row;
pub mod signing_keys;
mod sql;
mod store;
mod touches;
pub mod user_sessions;
pub mod users;

pub use changes::Change;
pub use config::StoreConfig;
pub use db::{Db, Reader, Tx};
pub use error::{OpenError, StoreError};
pub use store::Store;
