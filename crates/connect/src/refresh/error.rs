//! Why a caller gets no credentials, and what a provider's answer means to the machine.

use dovetail_model::{OperationId, RefreshProblem, RefreshState, Timestamp};

use super::machine::Answer;
use super::policy::is_dead_grant;
use crate::obtain::ObtainError;

/// Why there are no fresh credentials.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RefreshError {
    /// The connection was deleted.
    #[error("the connection is gone")]
    Gone,
    /// The credentials have expired, and the service gave nothing to renew them with.
    #[error("the credentials have expired and cannot be renewed; the account has to be linked again")]
    Expired,
    /// A refresh failed a moment ago; nothing was asked this time.
    #[error("a refresh failed a moment ago; the next one is possible at {until}")]
    HeldBack {
        /// When it is tried again.
        until: Timestamp,
        /// What went wrong.
        problem: RefreshProblem,
    },
    /// Refreshing was given up.
    #[error("refreshing was given up; the account has to be linked again")]
    Exhausted {
        /// What went wrong at last.
        problem: RefreshProblem,
    },
    /// The provider was asked, and gave none.
    #[error("{sentence}")]
    Failed {
        /// What went wrong.
        problem: RefreshProblem,
        /// Whether this was the failure that made refreshing be given up.
        exhausted: bool,
        /// A sentence without secrets.
        sentence: String,
        /// The operation that tells more.
        operation: Option<OperationId>,
    },
    /// Another refresh of the connection takes long, or there are too many at once.
    #[error("a refresh of these credentials is under way and takes long")]
    Busy,
    /// The database fails.
    #[error("the credentials could not be read or stored")]
    Store,
}

impl RefreshError {
    /// Whether credentials that have not expired yet may be used all the same.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::HeldBack { .. } | Self::Busy | Self::Store => true,
            Self::Failed { exhausted, .. } => !exhausted,
            Self::Gone | Self::Expired | Self::Exhausted { .. } => false,
        }
    }

    pub(super) fn failed(
        state: RefreshState,
        problem: RefreshProblem,
        sentence: String,
        operation: Option<OperationId>,
    ) -> Self {
        let exhausted = matches!(state, RefreshState::Exhausted { .. });
        Self::Failed { problem, exhausted, sentence, operation }
    }
}

/// What an error of a mode means to the machine.
pub(super) fn answer_of(error: &ObtainError) -> Answer {
    match error {
        ObtainError::Refused { code, .. } => {
            Answer::Refused { dead: code.as_deref().is_some_and(is_dead_grant) }
        }
        ObtainError::Unavailable { status, retry_after, .. } => Answer::Unavailable {
            retry_after: *retry_after,
            // "Too many requests" and "service unavailable" are said instead of working, everything else perhaps after.
            unknown: !matches!(status, Some(429 | 503)),
        },
        ObtainError::Unreadable(_) => Answer::Unreadable,
        ObtainError::Unbuildable(_) | ObtainError::NotRenewable => Answer::Unbuildable,
    }
}

/// The kind of a failure as webhooks name it (auth-modes.md 25).
pub fn problem_of(problem: RefreshProblem) -> &'static str {
    match problem {
        RefreshProblem::Revoked | RefreshProblem::Rejected | RefreshProblem::Unavailable => {
            "refresh_token_external_error"
        }
        RefreshProblem::Unreadable => "refresh_token_parsing_error",
        RefreshProblem::Unbuildable => "refresh_token_request_error",
    }
}
