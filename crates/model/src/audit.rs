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

    /// Reads the name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Success, Self::Failure, Self::Denied].into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// What a person may do in the dashboard (observability.md 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Administrator,
    /// Everything outside production; in production reading without secrets.
    ProductionSupport,
    /// Everything outside production; production is not shown.
    DevelopmentFullAccess,
}

impl Role {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::ProductionSupport => "production_support",
            Self::DevelopmentFullAccess => "development_full_access",
        }
    }

    /// Reads the name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Administrator, Self::ProductionSupport, Self::DevelopmentFullAccess]
            .into_iter()
            .find(|role| role.as_str() == text)
    }
}
