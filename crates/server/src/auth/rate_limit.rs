//! Requests a minute, counted in memory (spec: http-api.md 1.13).

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use dovetail_model::{ApiKeyId, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use moka::sync::Cache;

use crate::limits::{
    MAX_FAILED_AUTHENTICATIONS, MAX_RATE_BUCKETS, PAIRING_LOOKUPS, PAIRING_LOOKUPS_NETWORK, RATE_WINDOW,
};
use crate::wire::{ApiError, ErrorCode};

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// Callers with an API key.
    Secret,
    /// One API key that has a rate of its own.
    Key(ApiKeyId),
    /// Callers with a session token.
    Global,
    /// Callers without credentials, by address.
    Address(Option<IpAddr>),
    /// Failed authentications, by address.
    Failures(Option<IpAddr>),
    /// Pairing codes looked up, by network; `None` is everybody.
    Codes(Option<IpAddr>),
}

/// What remains of a caller's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests in a window.
    pub limit: u32,
    /// Requests left.
    pub remaining: u32,
    /// When the window ends.
    pub reset: Timestamp,
}

/// Carries the quota from authentication to the answer's headers.
pub type QuotaSlot = Arc<OnceLock<Quota>>;

/// Counts requests in fixed windows that begin with a caller's first request.
#[derive(Debug)]
pub struct RateLimiter {
    limit: u32,
    windows: Cache<Bucket, Arc<Mutex<Window>>>,
}

#[derive(Debug)]
struct Window {
    ends: Timestamp,
    used: u32,
}

impl RateLimiter {
    /// A limiter for `limit` requests a minute; 0 counts nothing.
    pub fn new(limit: u32) -> Self {
        let windows = Cache::builder().max_capacity(MAX_RATE_BUCKETS).time_to_idle(RATE_WINDOW * 2).build();
        Self { limit, windows }
    }

    /// Counts one request. `Ok(None)` when nothing is limited, `Err` when the limit is used up.
    pub fn take(&self, bucket: Bucket, now: Timestamp) -> Result<Option<Quota>, Quota> {
        if self.limit == 0 {
            return Ok(None);
        }
        self.count(bucket, self.limit, now).map(Some)
    }

    /// Counts one request of a key that may make `limit` a minute, whether or not others are limited.
    pub fn take_of_key(&self, key: ApiKeyId, limit: u32, now: Timestamp) -> Result<Quota, Quota> {
        self.count(Bucket::Key(key), limit, now)
    }

    /// Counts one failed authentication; `Err` when the address has failed too often in this window.
    pub fn take_failure(&self, address: Option<IpAddr>, now: Timestamp) -> Result<(), Quota> {
        self.count(Bucket::Failures(address), MAX_FAILED_AUTHENTICATIONS, now).map(|_| ())
    }

    /// Counts one look at a pairing code, right or wrong; `Err` when the network or all together have looked too often
    /// in this window. IPv6 is counted by the 64 bits that one customer has.
    pub fn take_code(&self, address: Option<IpAddr>, now: Timestamp) -> Result<(), Quota> {
        let network = match address {
            Some(IpAddr::V6(v6)) => {
                Some(IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))))
            }
            other => other,
        };
        self.count(Bucket::Codes(network), PAIRING_LOOKUPS_NETWORK, now)?;
        self.count(Bucket::Codes(None), PAIRING_LOOKUPS, now).map(|_| ())
    }

    fn count(&self, bucket: Bucket, limit: u32, now: Timestamp) -> Result<Quota, Quota> {
        let window = self.windows.get_with(bucket, || Arc::new(Mutex::new(Window { ends: now, used: 0 })));
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        if now >= window.ends {
            *window = Window { ends: now.plus(RATE_WINDOW), used: 0 };
        }
        window.used = window.used.saturating_add(1);
        let quota = Quota { limit, remaining: limit.saturating_sub(window.used), reset: window.ends };
        if window.used > limit { Err(quota) } else { Ok(quota) }
    }
}

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const OWN_LIMIT: HeaderName = HeaderName::from_static("dovetail-ratelimit-limit");
const OWN_REMAINING: HeaderName = HeaderName::from_static("dovetail-ratelimit-remaining");
const OWN_RESET: HeaderName = HeaderName::from_static("dovetail-ratelimit-reset");

impl Quota {
    /// Writes the three headers that tell a caller its quota.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let reset = self.reset.millis().div_euclid(1000);
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(reset));
    }

    /// Writes the quota to another server's answer: always under names of our own, and under the usual ones only if
    /// that server does not use them itself (spec: proxy.md 14).
    pub(crate) fn write_beside(self, headers: &mut HeaderMap) {
        let taken = [LIMIT, REMAINING, RESET].iter().any(|name| headers.contains_key(name));
        if !taken {
            self.write(headers);
        }
        headers.insert(OWN_LIMIT, HeaderValue::from(self.limit));
        headers.insert(OWN_REMAINING, HeaderValue::from(self.remaining));
        headers.insert(OWN_RESET, HeaderValue::from(self.reset.millis().div_euclid(1000)));
    }

    /// The 429 for a caller whose quota is used up.
    pub(crate) fn exceeded(self, method: &http::Method, path: &str, now: Timestamp) -> ApiError {
        let wait = self.reset.since(now).as_secs();
        ApiError::new(ErrorCode::TooManyRequest)
            .with("method", method.as_str())
            .with("path", path)
            .header(header::RETRY_AFTER, HeaderValue::from(wait))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_window_begins_with_the_first_request_and_lasts_a_minute() {
        let limiter = RateLimiter::new(2);
        let start = Timestamp(1_000_500);
        let first = limiter.take(Bucket::Secret, start).unwrap().unwrap();
        assert_eq!((first.limit, first.remaining, first.reset), (2, 1, Timestamp(1_060_500)));
        assert!(limiter.take(Bucket::Secret, start).is_ok());
        assert!(limiter.take(Bucket::Secret, start.plus(Duration::from_secs(59))).is_err());
        assert!(limiter.take(Bucket::Secret, start.plus(Duration::from_mins(1))).is_ok());
    }

    #[test]
    fn callers_are_counted_apart() {
        let limiter = RateLimiter::new(1);
        assert!(limiter.take(Bucket::Secret, Timestamp(0)).is_ok());
        assert!(limiter.take(Bucket::Global, Timestamp(0)).is_ok());
        assert!(limiter.take(Bucket::Secret, Timestamp(0)).is_err());
    }

    #[test]
    fn looks_at_codes_are_counted_by_network_and_altogether() {
        let limiter = RateLimiter::new(0);
        let look = |address: &str| limiter.take_code(Some(address.parse().unwrap()), Timestamp(0));
        for n in 0..PAIRING_LOOKUPS_NETWORK {
            assert!(look(&format!("2001:db8::{n:x}")).is_ok());
        }
        assert!(look("2001:db8::ffff:ffff:ffff:ffff").is_err());
        for n in PAIRING_LOOKUPS_NETWORK..PAIRING_LOOKUPS {
            assert!(look(&format!("192.0.{}.{}", n / 20, n % 20)).is_ok(), "{n}");
        }
        assert!(look("198.51.100.1").is_err());
    }

    #[test]
    fn a_key_with_a_rate_is_counted_by_itself() {
        let limiter = RateLimiter::new(0);
        assert_eq!(limiter.take_of_key(ApiKeyId(1), 2, Timestamp(0)).unwrap().remaining, 1);
        assert!(limiter.take_of_key(ApiKeyId(1), 2, Timestamp(0)).is_ok());
        assert!(limiter.take_of_key(ApiKeyId(1), 2, Timestamp(0)).is_err());
        assert!(limiter.take_of_key(ApiKeyId(2), 2, Timestamp(0)).is_ok());
    }

    #[test]
    fn zero_limits_nothing_but_failures() {
        let limiter = RateLimiter::new(0);
        assert_eq!(limiter.take(Bucket::Secret, Timestamp(0)), Ok(None));
        for _ in 0..MAX_FAILED_AUTHENTICATIONS {
            assert!(limiter.take_failure(None, Timestamp(0)).is_ok());
        }
        assert!(limiter.take_failure(None, Timestamp(0)).is_err());
    }
}
