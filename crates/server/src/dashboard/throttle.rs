//! Slows guessing of passwords: failed sign-ins are counted per account and
//! per address, in this process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dovetail_model::Timestamp;
use moka::sync::Cache;

use super::limits::{
    SIGN_IN_ACCOUNT_FAILURES, SIGN_IN_ADDRESS_FAILURES, SIGN_IN_TRACKED_KEYS, SIGN_IN_WINDOW,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(String),
    Address(String),
}

#[derive(Debug, Default)]
struct Window {
    ends: Timestamp,
    failures: u32,
}

/// Counts failed attempts in fixed windows.
#[derive(Debug, Clone)]
pub(crate) struct Throttle {
    windows: Cache<Key, Arc<Mutex<Window>>>,
}

/// An attempt refused before the password was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Throttled {
    /// Until the window ends.
    pub retry_after: Duration,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { windows: Cache::new(SIGN_IN_TRACKED_KEYS) }
    }
}

impl Throttle {
    /// Whether an attempt on `email` from `address` may proceed. It counts as a
    /// failure from this moment, so parallel attempts cannot slip through;
    /// [`Throttle::succeeded`] forgives the account.
    pub(crate) fn attempt(&self, email: &str, address: &str, now: Timestamp) -> Result<(), Throttled> {
        let account = self.take(Key::Account(email.to_lowercase()), SIGN_IN_ACCOUNT_FAILURES, now);
        let address = self.take(Key::Address(address.to_owned()), SIGN_IN_ADDRESS_FAILURES, now);
        account.and(address)
    }

    /// Forgets the failures of an account whose owner has signed in.
    pub(crate) fn succeeded(&self, email: &str) {
        self.windows.invalidate(&Key::Account(email.to_lowercase()));
    }

    fn take(&self, key: Key, limit: u32, now: Timestamp) -> Result<(), Throttled> {
        let entry = self.windows.get_with(key, Arc::default);
        let mut window = entry.lock().unwrap_or_else(PoisonError::into_inner);
        if now >= window.ends {
            *window = Window { ends: now.plus(SIGN_IN_WINDOW), failures: 0 };
        }
        if window.failures >= limit {
            return Err(Throttled { retry_after: window.ends.since(now) });
        }
        window.failures += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_750_000_000_000);

    #[test]
    fn an_account_is_closed_after_its_failures_and_opens_with_the_next_window() {
        let throttle = Throttle::default();
        for n in 0..SIGN_IN_ACCOUNT_FAILURES {
            let address = format!("192.0.2.{n}");
            assert_eq!(throttle.attempt("ada@acme.test", &address, NOW), Ok(()));
        }
        let later = NOW.plus(Duration::from_mins(1));
        assert_eq!(
            throttle.attempt("Ada@acme.test", "198.51.100.1", later),
            Err(Throttled { retry_after: SIGN_IN_WINDOW.saturating_sub(Duration::from_mins(1)) })
        );
        let next = NOW.plus(SIGN_IN_WINDOW);
        assert_eq!(throttle.attempt("ada@acme.test", "198.51.100.1", next), Ok(()));
    }

    #[test]
    fn one_address_cannot_try_many_accounts() {
        let throttle = Throttle::default();
        for n in 0..SIGN_IN_ADDRESS_FAILURES {
            let email = format!("user{n}@acme.test");
            assert_eq!(throttle.attempt(&email, "192.0.2.1", NOW), Ok(()));
        }
        assert!(throttle.attempt("another@acme.test", "192.0.2.1", NOW).is_err());
    }

    #[test]
    fn signing_in_forgives_the_account() {
        let throttle = Throttle::default();
        for _ in 0..SIGN_IN_ACCOUNT_FAILURES {
            throttle.attempt("ada@acme.test", "192.0.2.1", NOW).unwrap();
        }
        throttle.succeeded("ada@acme.test");
        assert_eq!(throttle.attempt("ada@acme.test", "192.0.2.1", NOW), Ok(()));
    }
}
