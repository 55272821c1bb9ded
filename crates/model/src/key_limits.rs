//! What narrows an API key beyond its scopes: which accounts it reaches, which calls it may make, how long and how
//! often, and whether it may ever see a secret. Absent means unlimited. `docs/keys.md` tells users.

mod act;
mod call_method;
mod path_pattern;

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::limits::{MAX_KEY_INTEGRATIONS, MAX_KEY_PATHS, MAX_KEY_RATE};
use crate::names::is_integration_key;
use crate::{Tags, Timestamp};

pub use act::{Act, Refusal, Steering};
pub use call_method::{CallMethod, UnknownCallMethod};
pub use path_pattern::{PathPattern, PathPatternError, UnclearPath};

/// The limits of one key. A limit of a later version that this one does not know fails to read, so that such a key
/// does nothing rather than too much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyLimits {
    /// Keys of the integrations it reaches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integrations: Option<BTreeSet<String>>,
    /// Tags that a connection must have, all of them, to be reached.
    #[serde(skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Methods of the calls it may make through the proxy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<BTreeSet<CallMethod>>,
    /// Paths of the calls it may make through the proxy, one of which must match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paths: Option<BTreeSet<PathPattern>>,
    /// When it stops working.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Requests a minute, counted by each server by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<NonZeroU32>,
    /// It uses credentials and is never shown any.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub use_only: bool,
}

/// Limits that break a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// No integration can have this key.
    #[error("`{0}` cannot be the key of an integration")]
    IntegrationKey(String),
    /// A limit names nothing, so that the key could do nothing.
    #[error("`{0}` is empty: name at least one, or leave it out")]
    Empty(&'static str),
    /// A limit names more than is allowed.
    #[error("`{name}` has more than {most} entries")]
    TooMany {
        /// The limit.
        name: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// The rate is beyond what is counted.
    #[error("`requests_per_minute` is larger than {MAX_KEY_RATE}")]
    Rate,
}

impl KeyLimits {
    /// What holds for everybody in a sealed environment.
    pub const SEALED: Self = Self {
        integrations: None,
        tags: Tags::NONE,
        methods: None,
        paths: None,
        expires_at: None,
        requests_per_minute: None,
        use_only: true,
    };

    /// Whether nothing is limited.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether anything but time and rate is limited: such a key does not reach all of its environment.
    pub fn narrows_reach(&self) -> bool {
        self.integrations.is_some() || !self.tags.is_empty() || self.hides_secrets()
    }

    /// Whether secrets stay hidden. Limits of calls would be worth nothing to whoever can read the credentials and
    /// call the service without Dovetail.
    pub fn hides_secrets(&self) -> bool {
        self.use_only || self.methods.is_some() || self.paths.is_some()
    }

    /// Whether its time is over.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Checks what the types alone do not say.
    pub fn validated(self) -> Result<Self, LimitError> {
        let sizes = [
            ("integrations", self.integrations.as_ref().map(BTreeSet::len), MAX_KEY_INTEGRATIONS),
            ("methods", self.methods.as_ref().map(BTreeSet::len), CallMethod::ALL.len()),
            ("paths", self.paths.as_ref().map(BTreeSet::len), MAX_KEY_PATHS),
        ];
        for (name, size, most) in sizes {
            match size {
                Some(0) => return Err(LimitError::Empty(name)),
                Some(size) if size > most => return Err(LimitError::TooMany { name, most }),
                _ => {}
            }
        }
        if let Some(bad) = self.integrations.iter().flatten().find(|key| !is_integration_key(key)) {
            return Err(LimitError::IntegrationKey(bad.clone()));
        }
        if self.requests_per_minute.is_some_and(|rate| rate.get() > MAX_KEY_RATE) {
            return Err(LimitError::Rate);
        }
        Ok(self)
    }

    /// What both allow: the limits of a key that was made with a key.
    #[must_use]
    pub fn narrowed(&self, other: &Self) -> Self {
        let (tags, contradict) = match self.tags.united(&other.tags) {
            Some(tags) => (tags, false),
            None => (self.tags.clone(), true),
        };
        Self {
            // No connection has two values of one tag.
            integrations: if contradict {
                Some(BTreeSet::new())
            } else {
                meet(self.integrations.as_ref(), other.integrations.as_ref(), |a, b| a & b)
            },
            tags,
            methods: meet(self.methods.as_ref(), other.methods.as_ref(), |a, b| a & b),
            paths: meet(self.paths.as_ref(), other.paths.as_ref(), |a, b| {
                a.iter().flat_map(|a| b.iter().filter_map(|b| a.narrowed(b))).collect()
            }),
            expires_at: [self.expires_at, other.expires_at].into_iter().flatten().min(),
            requests_per_minute: [self.requests_per_minute, other.requests_per_minute]
                .into_iter()
                .flatten()
                .min(),
            use_only: self.use_only || other.use_only,
        }
    }
}

fn meet<T: Clone>(a: Option<&T>, b: Option<&T>, of_both: impl Fn(&T, &T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(of_both(a, b)),
        (one, other) => one.or(other).cloned(),
    }
}

#[cfg(test)]
mod tests;
