//! Getting credentials from a provider: what the modes that exchange something have in common.
//!
//! A mode builds a request from a [`Party`], sends it through `egress`, and answers [`Obtained`] or an
//! [`ObtainError`]. Linking (`modes/`) and renewing (`renew.rs`) speak the same two words, so whoever stores the
//! outcome need not know the mode.

use std::fmt;
use std::time::Duration;

use dovetail_catalog::Provider;
use dovetail_egress::Client;
use dovetail_model::{Credentials, Integration, Random, Timestamp};
use serde_json::{Map, Value};

/// Whose credentials are to be got, and with what.
#[derive(Clone, Copy)]
pub struct Party<'a> {
    /// The door to the network.
    pub egress: &'a Client,
    /// The time that the request is made at.
    pub now: Timestamp,
    /// Nonces and JWT ids.
    pub random: &'a dyn Random,
    /// The definition.
    pub provider: &'a Provider,
    /// The integration, with its client.
    pub integration: &'a Integration,
    /// Public id of the connection, also of one that is still to come.
    pub connection_id: &'a str,
    /// Its configuration.
    pub connection_config: &'a Map<String, Value>,
}

impl fmt::Debug for Party<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party")
            .field("provider", &self.provider.id())
            .field("integration", &self.integration.unique_key)
            .field("connection_id", &self.connection_id)
            .finish_non_exhaustive()
    }
}

/// What a provider gave.
#[derive(Clone, Debug)]
pub struct Obtained {
    /// The credentials, complete: what the provider left out (a refresh token that stays) is carried over.
    pub credentials: Credentials,
    /// Configuration found in the answer, laid over the connection's (`token_response_metadata`).
    pub config: Map<String, Value>,
}

/// Why there are no credentials. Texts hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObtainError {
    /// The provider refused for good: asking again with the same credentials cannot help.
    #[error("the provider refused with HTTP {status}{}", note(.code.as_deref(), .detail.as_deref()))]
    Refused {
        /// Its HTTP status.
        status: u16,
        /// Its error code, such as `invalid_grant` (RFC 6749 section 5.2).
        code: Option<String>,
        /// Its own sentence, cut out and masked.
        detail: Option<String>,
    },
    /// The provider did not answer, or said that it cannot now (429, 5xx). The request may have been carried out.
    #[error("the provider is not available{}", note(None, .detail.as_deref()))]
    Unavailable {
        /// Its HTTP status, when it answered.
        status: Option<u16>,
        /// When it asked to come back.
        retry_after: Option<Duration>,
        /// Its own sentence, or what went wrong on the way.
        detail: Option<String>,
    },
    /// The provider said yes, in an answer without the credentials.
    #[error("the provider's answer is not understood: {0}")]
    Unreadable(String),
    /// The request cannot be built or must not be sent: the integration, the definition or the connection's
    /// configuration lacks something, or the address policy forbids the target.
    #[error("{0}")]
    Unbuildable(String),
    /// Nothing of this kind can be had: credentials of this mode do not expire.
    #[error("these credentials cannot be renewed")]
    NotRenewable,
}

impl ObtainError {
    /// Whether the same request may succeed later.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// The provider's OAuth error code, when it gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => code.as_deref(),
            _ => None,
        }
    }
}

fn note(code: Option<&str>, detail: Option<&str>) -> String {
    match (code, detail) {
        (None, None) => String::new(),
        (Some(one), None) | (None, Some(one)) => format!(": {one}"),
        (Some(code), Some(detail)) => format!(": {code}: {detail}"),
    }
}
