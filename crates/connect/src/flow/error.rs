//! Why an account could not be linked through a provider's pages.

use dovetail_model::AuthMode;

use crate::obtain::ObtainError;

/// Why, in a word that clients know and a sentence for people. Neither holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FlowError {
    /// The word.
    pub kind: FlowErrorKind,
    /// The sentence.
    pub message: String,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $wire:literal => $webhook:literal),+ $(,)?) => {
        /// `error_type` of the popup protocol (auth-modes.md 3.5).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum FlowErrorKind {$( $(#[$doc])* $variant, )+}

        impl FlowErrorKind {
            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire),+ }
            }

            /// `error.type` of the webhook that tells of it (auth-modes.md section 27).
            pub const fn webhook(self) -> &'static str {
                match self { $(Self::$variant => $webhook),+ }
            }
        }
    };
}

kinds! {
    /// The mode is not linked this way.
    AuthMode = "auth_mode_err" => "unknown",
    /// The integration lacks its client, or its owner has not allowed what the attempt needs.
    Integration = "provider_config_err" => "unknown",
    /// A URL or parameter needs a value that the connection's configuration does not have.
    UrlParam = "url_param_err" => "unknown",
    /// The definition asks for another grant than a code's.
    GrantType = "grant_type_err" => "unknown",
    /// The provider gave no request token (OAuth 1).
    Token = "token_err" => "unknown",
    /// The callback does not bring what it has to.
    Callback = "callback_err" => "invalid_callback",
    /// The state is unknown, used, or over; or the callback is somebody else's answer.
    State = "state_err" => "invalid_callback",
    /// The provider's answer holds no tokens.
    Unreadable = "unknown_err" => "unable_to_parse_token_response",
    /// The provider does not accept the credentials.
    Test = "connection_test_failed" => "unknown",
    /// The provider refused the exchange, or could not be asked.
    Exchange = "unknown_err" => "unknown",
}

impl FlowError {
    /// An error of this kind.
    pub fn new(kind: FlowErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn mode(mode: AuthMode) -> Self {
        Self::new(
            FlowErrorKind::AuthMode,
            format!("{mode} accounts are not linked in a window of the provider."),
        )
    }

    /// The failure of a request that exchanges something, said of `provider`.
    pub(crate) fn exchange(provider: &str, error: &ObtainError) -> Self {
        match error {
            ObtainError::Unbuildable(reason) => Self::new(FlowErrorKind::UrlParam, sentence(reason)),
            ObtainError::Unreadable(reason) => {
                let message =
                    format!("{provider} answered the exchange of the code, but not with tokens: {reason}.");
                Self::new(FlowErrorKind::Unreadable, message)
            }
            ObtainError::Unavailable { .. } => Self::new(
                FlowErrorKind::Exchange,
                format!("{provider} could not be asked for tokens: {error}. Try again."),
            ),
            ObtainError::Refused { .. } | ObtainError::NotRenewable => {
                Self::new(FlowErrorKind::Exchange, format!("{provider} gave no tokens: {error}."))
            }
        }
    }

    /// What had to be found out before the browser could be sent away, said of `provider`.
    pub(crate) fn client(provider: &str, error: &ObtainError) -> Self {
        match error {
            ObtainError::Unbuildable(reason) => Self::new(FlowErrorKind::UrlParam, sentence(reason)),
            ObtainError::Unavailable { .. } => Self::new(
                FlowErrorKind::Exchange,
                format!("{provider} could not be asked how to connect: {error}. Try again."),
            ),
            other => Self::new(
                FlowErrorKind::Exchange,
                format!("{provider} does not let Dovetail connect: {other}."),
            ),
        }
    }

    /// A request or URL of the first step that cannot be built.
    pub(crate) fn unbuildable(error: &ObtainError) -> Self {
        Self::new(FlowErrorKind::UrlParam, sentence(&error.to_string()))
    }
}

/// A clause as a sentence: first letter large, full stop.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
