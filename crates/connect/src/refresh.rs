//! Keeping credentials fresh, without ever losing a token; `docs/refresh.md` explains it.

pub mod machine;
pub mod policy;
