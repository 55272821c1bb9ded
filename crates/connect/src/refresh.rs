//! Keeping credentials fresh, without ever losing a token; `docs/refresh.md` explains it.
//!
//! [`machine`] decides, [`policy`] calculates, and the rest carries out: [`Refresher`] joins callers to flights, a pilot
//! performs the effects of one flight, and whoever assembles the server says how it is told ([`Tell`]).

mod error;
pub mod machine;
mod pilot;
pub mod policy;
mod refresher;
mod schedule;
mod tell;

pub use error::{RefreshError, problem_of};
pub use refresher::{Company, Network, Refresher, Renewal, Renewer};
pub(crate) use schedule::chance;
pub use schedule::{is_fresh, plan_for, plan_with_company};
pub use tell::{News, Report, Silent, Tell, Turn};
