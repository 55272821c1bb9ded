//! What is known about a connection's credentials.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Whether the service accepted the credentials when they were last tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CredentialState {
    /// Never tried: the provider declares no verification, or they were imported untested.
    #[default]
    Unverified,
    /// The service accepted them.
    Verified {
        /// When it did.
        at: Timestamp,
    },
    /// The service refused them.
    Refused {
        /// When it did.
        at: Timestamp,
        /// Its HTTP status; `None` when it could not be reached or answered no HTTP.
        status: Option<u16>,
    },
}

/// Whether refreshing the credentials works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefreshState {
    /// The last refresh succeeded, or none was needed yet.
    #[default]
    Healthy,
    /// The last refreshes failed; it is tried again.
    Failing(RefreshFailure),
    /// Refreshing was given up: a forced refresh that succeeds, or the end user, can mend it.
    Exhausted {
        /// When it was given up.
        at: Timestamp,
        /// The failures that led to it.
        failure: RefreshFailure,
    },
}

impl RefreshState {
    /// The failures in a row, when there are any.
    pub const fn failure(&self) -> Option<RefreshFailure> {
        match self {
            Self::Healthy => None,
            Self::Failing(failure) | Self::Exhausted { failure, .. } => Some(*failure),
        }
    }
}

/// Failed refreshes in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshFailure {
    /// How many, at least 1.
    pub failures: u32,
    /// On how many calendar days (UTC) a failure counted that asking again did not mend.
    pub days: u32,
    /// The first of the row.
    pub since: Timestamp,
    /// The last.
    pub last: Timestamp,
    /// Before this nothing is tried, unless forced.
    pub next: Timestamp,
    /// What went wrong at last.
    pub problem: RefreshProblem,
}

/// What went wrong with a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshProblem {
    /// The provider said that the grant is no longer valid.
    Revoked,
    /// The provider refused for another reason, such as a wrong client secret.
    Rejected,
    /// The provider did not answer, or said that it cannot now.
    Unavailable,
    /// The provider said yes, in an answer without credentials.
    Unreadable,
    /// The request could not be built, or the address policy forbids it.
    Unbuildable,
}

impl RefreshProblem {
    /// Every problem.
    pub const ALL: &[Self] =
        &[Self::Revoked, Self::Rejected, Self::Unavailable, Self::Unreadable, Self::Unbuildable];

    /// The word it is stored under and shown by in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
            Self::Unreadable => "unreadable",
            Self::Unbuildable => "unbuildable",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|problem| problem.as_str() == text)
    }
}
