//! The journal against a database of its own.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod journal;
