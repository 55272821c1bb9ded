//! What a test of credentials found out, in words fit for the person who typed them.

use std::fmt;

use crate::obtain::ObtainError;

/// A test that did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestFailure {
    /// Display name of the provider, for sentences.
    pub provider: String,
    /// What went wrong.
    pub reason: Reason,
    /// Short extract of the provider's own sentence, without secrets; `None` when it gave none.
    pub detail: Option<String>,
}

impl TestFailure {
    /// Of credentials that could not be got from the provider, called `provider` in sentences.
    pub fn of_obtain(provider: &str, error: &ObtainError) -> Self {
        let (reason, detail) = match error {
            ObtainError::Refused { status, code, detail } => {
                let reason = Reason::of_status(*status).unwrap_or(Reason::Unexpected(*status));
                (reason, detail.clone().or_else(|| code.clone()))
            }
            ObtainError::Unavailable { status: Some(429), detail, .. } => (Reason::Busy, detail.clone()),
            ObtainError::Unavailable { status: Some(status), detail, .. } => {
                (Reason::Broken(*status), detail.clone())
            }
            // What went wrong on the way is no sentence of the provider's.
            ObtainError::Unavailable { status: None, .. } => (Reason::Unreachable, None),
            ObtainError::Unreadable(_) => (Reason::Unexpected(200), None),
            ObtainError::Unbuildable(_) | ObtainError::NotRenewable => (Reason::NotBuildable, None),
        };
        Self { provider: provider.to_owned(), reason, detail }
    }
}

/// Why a test did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The provider answered 401 or 403: the credentials are not valid.
    Refused(u16),
    /// The provider answered, with a success status, that the credentials are not valid.
    Denied,
    /// The provider answered another 3xx or 4xx status, often because of a wrong account name or address.
    Unexpected(u16),
    /// The provider answered 429: too many requests right now.
    Busy,
    /// The provider answered 5xx: it is not working right now.
    Broken(u16),
    /// The provider sent the request elsewhere, where the credentials do not go along.
    SentAway,
    /// There is no host of this name: often a mistyped account name or address.
    UnknownHost,
    /// No connection could be made: port or certificate.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// The address is one that this server must not call.
    Blocked,
    /// The request could not be built from the definition and the fields of the form.
    NotBuildable,
}

impl Reason {
    /// What the status of an answer says about the credentials. `None` when it is a success.
    pub fn of_status(status: u16) -> Option<Self> {
        match status {
            200..=299 => None,
            401 | 403 => Some(Self::Refused(status)),
            429 => Some(Self::Busy),
            500..=599 => Some(Self::Broken(status)),
            other => Some(Self::Unexpected(other)),
        }
    }

    /// The provider's status, when it answered.
    pub fn status(self) -> Option<u16> {
        match self {
            Self::Refused(status) | Self::Unexpected(status) | Self::Broken(status) => Some(status),
            Self::Busy => Some(429),
            Self::Denied
            | Self::SentAway
            | Self::UnknownHost
            | Self::Unreachable
            | Self::Timeout
            | Self::Blocked
            | Self::NotBuildable => None,
        }
    }

    /// Whether the same credentials may pass later: the provider said nothing about them
    /// (auth-modes.md section 22).
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Busy | Self::Broken(_) | Self::Unreachable | Self::Timeout)
    }

    /// The word for logs, metrics and the `payload.reason` of an answer.
    pub fn word(self) -> &'static str {
        match self {
            Self::Refused(_) | Self::Denied => "refused",
            Self::Unexpected(_) => "unexpected_status",
            Self::Busy => "rate_limited",
            Self::Broken(_) => "provider_error",
            Self::SentAway => "redirected",
            Self::UnknownHost => "unknown_host",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Blocked => "blocked",
            Self::NotBuildable => "not_buildable",
        }
    }
}

impl fmt::Display for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let provider = &self.provider;
        match self.reason {
            Reason::Refused(401) => write!(f, "{provider} answered 401: these credentials are not valid."),
            Reason::Refused(status) => {
                write!(f, "{provider} answered {status}: these credentials lack the needed permission.")
            }
            Reason::Denied => write!(f, "{provider} answered that these credentials are not valid."),
            Reason::Unexpected(404) => write!(
                f,
                "{provider} answered 404: check the account name or address, and that the credentials belong to it."
            ),
            Reason::Unexpected(status) => {
                write!(f, "{provider} answered {status} instead of accepting the credentials.")
            }
            Reason::Busy => write!(
                f,
                "{provider} answered 429: it takes no more requests right now. Try again in a minute."
            ),
            Reason::Broken(status) => {
                write!(f, "{provider} answered {status}: it is not working right now. Try again in a minute.")
            }
            Reason::SentAway => {
                write!(
                    f,
                    "{provider} redirected the test instead of answering it. Check the account name or address."
                )
            }
            Reason::UnknownHost => {
                write!(f, "There is no {provider} at this address. Check the account name or address.")
            }
            Reason::Unreachable => {
                write!(f, "{provider} could not be reached. Check the address, or try again in a minute.")
            }
            Reason::Timeout => write!(f, "{provider} did not answer in time. Try again in a minute."),
            Reason::Blocked => write!(f, "The address for {provider} is one that this server does not call."),
            Reason::NotBuildable => {
                write!(
                    f,
                    "No request to {provider} can be made from these values. Check every field of the form."
                )
            }
        }?;
        match &self.detail {
            Some(detail) => write!(f, " {provider} wrote: “{detail}”"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TestFailure {}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(reason: Reason) -> TestFailure {
        TestFailure { provider: "Coda".to_owned(), reason, detail: None }
    }

    #[test]
    fn a_refusal_names_the_provider_and_its_status() {
        assert_eq!(
            failure(Reason::Refused(401)).to_string(),
            "Coda answered 401: these credentials are not valid."
        );
    }

    #[test]
    fn the_providers_own_words_follow() {
        let failure =
            TestFailure { detail: Some("Unauthorized".to_owned()), ..failure(Reason::Refused(403)) };
        assert!(failure.to_string().ends_with("Coda wrote: “Unauthorized”"));
    }

    #[test]
    fn only_reasons_that_say_nothing_about_the_credentials_are_temporary() {
        for status in [400, 401, 403, 404, 422, 302] {
            assert!(!Reason::of_status(status).expect("a failure").is_temporary(), "{status}");
        }
        for status in [429, 500, 502, 503, 504] {
            assert!(Reason::of_status(status).expect("a failure").is_temporary(), "{status}");
        }
        assert_eq!(Reason::of_status(204), None);
    }
}
