//! Integration tests of the binary and of the house it stands in.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod house;
