//! Tests of this room against a service on the loopback interface.

mod service;
mod verify;
