//! Who did something, and how it ended (observability.md 9).

use serde::{Deserialize, Serialize};

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Actor {
    /// A person in the dashboard.
    User {
        /// Row id.
        id: i64,
        /// Name to show.
        display: String,
    },
    /// A backend with an API key.
    ApiKey {
        /// Row id.
        id: i64,
        /// Name to show.
        display: String,
    },
    /// An end user in the Connect page.
    ConnectSession {
        /// Row id.
        id: i64,
        /// Name to show.
        display: String,
    },
    /// Nobody known.
    Anonymous,
    /// Dovetail itself.
    System,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// It was done.
    Success,
    /// It was tried and failed.
    Failure,
    /// It was not allowed.
    Denied,
}

impl AuditOutcome {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Denied => "denied",
        }
    }
}
