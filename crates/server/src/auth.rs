//! Who may call what. Every handler authorises in its first statement, so that a reader sees what the route accepts:
//!
//! ```text
//! let caller = Auth::key().scope(Scope::INTEGRATIONS_CREATE).check(&call).await?;
//! let caller = Auth::key().one_of(&[Scope::CONNECTIONS_READ, Scope::CONNECTIONS_READ_CREDENTIALS]).check(&call).await?;
//! let caller = Auth::account_key().scope(Scope::ACCOUNT_ENVIRONMENTS_CREATE).check(&call).await?;
//! let caller = Auth::session_or_key().one_of(&[Scope::INTEGRATIONS_LIST]).check(&call).await?;
//! let caller = Auth::session().check(&call).await?;
//! let caller = Auth::session_in_body().check(&call).await?;
//! let caller = Auth::session_or_public().check(&call).await?;
//! ```
//!
//! A key with limits (`docs/keys.md`) is let in only where the handler says `.limited()` and then asks
//! `caller.permits(...)` about what it touches: a route that does not know of limits is closed to it.
//!
//! Each answers in the order 401 (who), 429 (how often), 403 (may it). Spec: http-api.md 1.6, 1.7, 1.13.

mod caller;
mod key;
mod rate_limit;
mod reach;
mod refusal;
mod routes;
mod session;
mod token;

pub use caller::{AccountCaller, Caller, SessionCaller};
pub use rate_limit::{Bucket, Quota, QuotaSlot, RateLimiter};
pub use reach::Reach;
pub(crate) use routes::require_any;
pub use routes::{AccountKey, Auth, Key, Public, Session, SessionInBody, SessionOrKey, SessionOrPublic};
