//! How far a queued webhook has come.

use crate::Timestamp;

/// The state of one queued delivery to one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Waits for its next attempt.
    Pending {
        /// Not before this instant.
        next_attempt_at: Timestamp,
    },
    /// A worker has it; when the lease ends unfinished, another may take it.
    Leased {
        /// When the lease ends.
        until: Timestamp,
        /// Fences off workers whose lease has ended.
        token: i64,
    },
    /// The target answered 2xx.
    Delivered {
        /// When it did.
        at: Timestamp,
    },
    /// Given up; a person may replay it.
    Dead {
        /// When it was given up.
        at: Timestamp,
        /// Why, in a sentence without secrets.
        reason: String,
    },
}
