//! Linking in a window of the provider: what came of an attempt, how whoever waits for it is told, and the page on
//! which the window ends (connect.md 4).

mod cookie;
mod outcome;
mod page;
mod relay;
mod returned;
mod socket;

pub(crate) use cookie::{bind, bound};
pub(crate) use outcome::Outcome;
pub(crate) use page::result_page;
pub(crate) use relay::is_relayed;
pub(crate) use returned::returned;
pub(crate) use socket::Waiters;
pub(crate) use socket::attend;
