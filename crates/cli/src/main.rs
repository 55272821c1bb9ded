//! The binary `dovetail`.
fn main() {}
