//! `dovetail catalog`: commands for those who add providers.

pub mod lint;
pub mod new;
