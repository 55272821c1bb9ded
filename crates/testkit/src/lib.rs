#![doc = include_str!("../README.md")]
#![expect(clippy::panic, clippy::missing_panics_doc, reason = "a fixture that cannot be made fails its test")]

mod fixture;
pub mod http;
mod postgres;
pub mod tls;

pub use fixture::{Database, Fixture, empty};
pub use postgres::{Postgres, fresh_postgres_url, postgres_is_off};
