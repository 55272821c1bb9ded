//! What a routine came to.

use serde_json::{Map, Value};

use crate::limits::ROUTINE_TOTAL;
use crate::obtain::ObtainError;
use crate::verify::Reason;

/// What a routine wants changed in the configuration of a connection.
#[derive(Clone, Default)]
pub struct Changes {
    /// Values to be set; later told apart into public ones and sealed ones by [`crate::config::split`].
    pub set: Map<String, Value>,
    /// Keys to be removed.
    pub remove: Vec<String>,
}

impl Changes {
    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }
}

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changes")
            .field("set", &self.set.keys().collect::<Vec<_>>())
            .field("remove", &self.remove)
            .finish()
    }
}

/// Why a routine did not get to its end. Texts hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoutineError {
    /// A request cannot be built: a value is missing.
    #[error("A request could not be made: {0}.")]
    Unbuildable(String),
    /// The provider did not answer with success.
    #[error("It answered {status}{}", sentence(.detail.as_deref()))]
    Refused {
        /// HTTP status.
        status: u16,
        /// Its own sentence.
        detail: Option<String>,
    },
    /// There was no answer.
    #[error("It did not answer: {}.", .0.word())]
    NoAnswer(Reason),
    /// The answer is not what it should be.
    #[error("Its answer holds no {0}.")]
    Missing(String),
    /// A token could not be got.
    #[error("A token could not be got: {0}.")]
    Obtain(#[from] ObtainError),
    /// The time for the whole routine is up.
    #[error("It did not answer within {} seconds.", ROUTINE_TOTAL.as_secs())]
    Late,
}

fn sentence(detail: Option<&str>) -> String {
    detail.map_or_else(|| ".".to_owned(), |detail| format!(": “{detail}”"))
}
