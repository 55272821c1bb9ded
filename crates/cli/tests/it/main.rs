//! Integration tests of the binary and of the house it stands in.

mod house;
