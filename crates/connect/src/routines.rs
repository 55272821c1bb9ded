//! What we do at a provider besides calling it for the product: checking credentials where a plain request does not
//! tell, finding out what belongs to an account that was just linked (auth-modes.md sections 22 and 23).
//!
//! A definition names a routine by the word that the reference uses. Most routines are tables of a small language,
//! see [`language`]; code stands only where the language cannot say it. One file a routine.

pub mod after_link;
pub(crate) mod checks;
mod hash;
pub(crate) mod installations;
pub(crate) mod language;
mod outcome;
mod path;
pub(crate) mod run;

pub use hash::email_address_hash;
pub use outcome::{Changes, RoutineError};
