#![doc = include_str!("../README.md")]

mod check;
mod context;
mod data_key;
mod hash;
mod ring;
mod root_key;
mod sealed;

pub use check::KeyCheck;
pub use context::Context;
pub use data_key::{DataKey, DataKeyState, EnvironmentKeys};
pub use hash::{HashPurpose, LookupHash, sha256, sha256_hex};
pub use ring::{KeyRing, UnknownRootKey};
pub use root_key::{RootKey, RootKeyError, RootKeyId};
pub use sealed::{OpenError, Sealed};
