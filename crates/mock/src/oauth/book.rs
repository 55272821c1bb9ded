//! What was granted: codes and refresh tokens, each good once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dovetail_model::Timestamp;

use crate::limits::GRANTS;

/// What a code was given for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Consent {
    pub(crate) client_id: Option<String>,
    pub(crate) redirect_uri: Option<String>,
    /// PKCE challenge (RFC 7636).
    pub(crate) challenge: Option<String>,
    pub(crate) scope: Option<String>,
}

/// Why something cannot be redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was never given, or forgotten.
    Unknown,
    /// It was used: whatever came of it is revoked.
    Reused,
}

/// Codes and refresh tokens of this process. Numbers are given in order, so that runs are alike.
#[derive(Debug, Default)]
pub(crate) struct Book(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    last: u64,
    grants: HashMap<String, Grant>,
    order: VecDeque<String>,
    revoked: Vec<u64>,
    /// Number and time of every installation; the oldest are forgotten.
    installations: VecDeque<(u64, Timestamp)>,
}

#[derive(Debug)]
struct Grant {
    family: u64,
    consent: Consent,
    used: bool,
}

/// Refresh token of connections that were imported, not linked: good once like any other.
const IMPORTED: &str = "demo-refresh-token";

/// Numbers of installations begin behind this one.
const FIRST_INSTALLATION: u64 = 1_000;

impl Book {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A fresh text that begins with `prefix`.
    pub(crate) fn number(&self, prefix: &str) -> String {
        let mut pages = self.pages();
        pages.last += 1;
        format!("{prefix}.{}", pages.last)
    }

    /// A code for a consent.
    pub(crate) fn code(&self, consent: Consent) -> String {
        let code = self.number("demo-code");
        let mut pages = self.pages();
        let family = pages.last;
        pages.add(code.clone(), Grant { family, consent, used: false });
        code
    }

    /// Something is installed; answers its number.
    pub(crate) fn install(&self, now: Timestamp) -> u64 {
        let mut pages = self.pages();
        pages.last += 1;
        let id = FIRST_INSTALLATION + pages.last;
        pages.installations.push_back((id, now));
        if pages.installations.len() > GRANTS {
            pages.installations.pop_front();
        }
        id
    }

    /// When an installation was made.
    pub(crate) fn installed(&self, id: u64) -> Option<Timestamp> {
        self.pages().installations.iter().find(|(known, _)| *known == id).map(|(_, at)| *at)
    }

    /// All installations.
    pub(crate) fn installations(&self) -> Vec<u64> {
        self.pages().installations.iter().map(|(id, _)| *id).collect()
    }

    /// Looks at a code or refresh token without using it.
    pub(crate) fn consent(&self, token: &str) -> Option<Consent> {
        self.pages().grants.get(token).map(|grant| grant.consent.clone())
    }

    /// Uses a code or refresh token, and gives the refresh token that follows.
    pub(crate) fn redeem(&self, token: &str) -> Result<String, Refusal> {
        let next = self.number(IMPORTED);
        let mut pages = self.pages();
        if token == IMPORTED && !pages.grants.contains_key(token) {
            let family = pages.last;
            pages.add(token.to_owned(), Grant { family, consent: Consent::default(), used: false });
        }
        let grant = pages.grants.get_mut(token).ok_or(Refusal::Unknown)?;
        let (family, consent, used) = (grant.family, grant.consent.clone(), grant.used);
        grant.used = true;
        if used {
            pages.revoked.push(family);
            return Err(Refusal::Reused);
        }
        if pages.revoked.contains(&family) {
            return Err(Refusal::Reused);
        }
        pages.add(next.clone(), Grant { family, consent, used: false });
        Ok(next)
    }
}

impl Pages {
    fn add(&mut self, token: String, grant: Grant) {
        self.order.push_back(token.clone());
        self.grants.insert(token, grant);
        while self.order.len() > GRANTS {
            if let Some(oldest) = self.order.pop_front() {
                self.grants.remove(&oldest);
            }
        }
        if self.revoked.len() > GRANTS {
            self.revoked.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_and_its_reuse_revokes_what_came_of_it() {
        let book = Book::default();
        let code = book.code(Consent::default());
        let refresh = book.redeem(&code).unwrap();
        let next = book.redeem(&refresh).unwrap();
        assert_eq!(book.redeem(&refresh), Err(Refusal::Reused));
        assert_eq!(book.redeem(&next), Err(Refusal::Reused), "the family is revoked");
        assert_eq!(book.redeem("never"), Err(Refusal::Unknown));
    }

    #[test]
    fn an_imported_token_begins_a_family() {
        let book = Book::default();
        assert!(book.redeem(IMPORTED).is_ok());
        assert_eq!(book.redeem(IMPORTED), Err(Refusal::Reused));
    }
}
