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
    Failing {
        /// Failures in a row, at least 1.
        failures: u32,
        /// The first failure of the row.
        since: Timestamp,
        /// The last failure: within its backoff nothing is tried.
        last: Timestamp,
    },
    /// Refreshing was given up; only the end user can mend it.
    Exhausted {
        /// When it was given up.
        at: Timestamp,
    },
}
