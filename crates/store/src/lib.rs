#![doc = include_str!("../README.md")]

pub mod api_keys;
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
pub mod environments;
mod error;
pub mod integrations;
mod keys;
pub mod limits;
pub mod meta;
mod migrate;
mod pool;
mod row;
pub mod signing_keys;
mod store;

pub use changes::Change;
pub use config::StoreConfig;
pub use db::{Db, Reader, Tx};
pub use error::{OpenError, StoreError};
pub use store::Store;
