//! How a connection comes to be and stays alive.

pub mod config;
pub mod limits;
pub mod modes;
pub mod secrets;
pub mod verify;
