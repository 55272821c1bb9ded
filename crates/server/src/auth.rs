//! Who may call what. Every handler authorises in its first statement.

mod rate_limit;

pub use rate_limit::{Bucket, Quota, QuotaSlot, RateLimiter};
