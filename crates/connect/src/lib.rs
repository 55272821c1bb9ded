//! How a connection comes to be and stays alive.

pub mod config;
pub mod limits;
pub mod secrets;
pub mod verify;
