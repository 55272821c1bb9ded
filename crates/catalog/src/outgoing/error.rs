//! Why a request cannot be built.

use crate::template::UrlError;

/// Why a request cannot be built. Each has the wire code of [`OutgoingError::code`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingError {
    /// Neither endpoint nor base override.
    #[error("an endpoint is needed, or a base URL override")]
    MissingApiUrl,
    /// The connection's provider is not in the catalogue.
    #[error("the provider is not in the catalogue")]
    UnknownProvider,
    /// The definition has no base URL and the caller gave none.
    #[error("the provider has no base URL; pass a base URL override")]
    UnsupportedProvider,
    /// The connection lacks a value that the URL needs.
    #[error("the connection config has no `{name}`, which the URL needs")]
    MissingConnectionConfig {
        /// Name of the value.
        name: String,
    },
    /// The URL needs a value that is not of the connection config.
    #[error("`{name}` has no value, and the URL needs it")]
    MissingValue {
        /// Name in the template.
        name: String,
    },
    /// A value may not stand where it would land in the URL.
    #[error("the value of `{name}` {reason}")]
    UnsafeValue {
        /// Name of the value.
        name: String,
        /// Predicate.
        reason: &'static str,
    },
    /// The result is not an http(s) URL.
    #[error("the URL is not valid")]
    InvalidUrl,
    /// The credentials' type cannot authenticate a request, or lacks what it needs.
    #[error("{reason}")]
    UnsupportedAuth {
        /// One sentence.
        reason: String,
    },
}

impl OutgoingError {
    /// The wire code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingApiUrl => "missing_api_url",
            Self::UnknownProvider => "unknown_provider",
            Self::UnsupportedProvider => "unsupported_provider",
            Self::MissingConnectionConfig { .. } | Self::MissingValue { .. } => "missing_connection_config",
            Self::UnsafeValue { .. } | Self::InvalidUrl => "invalid_url",
            Self::UnsupportedAuth { .. } => "unsupported_auth",
        }
    }
}

impl From<UrlError> for OutgoingError {
    fn from(error: UrlError) -> Self {
        match error {
            UrlError::Missing { name, connection_config: true } => Self::MissingConnectionConfig { name },
            UrlError::Missing { name, connection_config: false } => Self::MissingValue { name },
            UrlError::Unsafe { name, reason } => Self::UnsafeValue { name, reason },
            UrlError::Invalid => Self::InvalidUrl,
        }
    }
}
