//! What came of an attempt.

use dovetail_connect::flow::FlowError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::wire::{ApiError, ErrorCode};

/// The end of an attempt. This is how it is stored; what clients read is made from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The account is linked.
    Success {
        /// Key of the integration.
        provider_config_key: String,
        /// Public id of the connection.
        connection_id: String,
        /// Whether somebody has to approve it first.
        is_pending: bool,
    },
    /// It is not.
    Error {
        /// Key of the integration, as far as it is known.
        provider_config_key: Option<String>,
        /// Public id that the connection would have had.
        connection_id: Option<String>,
        /// Word of the popup protocol.
        error_type: String,
        /// Sentence.
        error_desc: String,
    },
}

impl Outcome {
    /// A failure before anything is known but why.
    pub(crate) fn refused(error_type: &str, error_desc: impl Into<String>) -> Self {
        Self::Error {
            provider_config_key: None,
            connection_id: None,
            error_type: error_type.to_owned(),
            error_desc: error_desc.into(),
        }
    }

    /// A failure of the pipeline that all auth endpoints share, in the popup's words.
    pub(crate) fn of_api_error(error: &ApiError) -> Self {
        let code = error.code();
        let issues: Vec<&str> = error.issues().iter().map(|issue| issue.message.as_str()).collect();
        let (word, default) = match code {
            ErrorCode::UnknownProviderConfigNotFound => ("provider_config_err", ""),
            ErrorCode::UnknownProviderTemplate => ("unknown_config_key", ""),
            ErrorCode::InvalidAuthMode => {
                ("auth_mode_err", "Accounts of this integration are not linked in a window of the provider.")
            }
            ErrorCode::IntegrationNotAllowed => {
                ("integration_not_allowed", "This session may not link accounts of this integration.")
            }
            ErrorCode::InvalidConnection => {
                ("invalid_connection", "The connection to be linked again no longer exists.")
            }
            ErrorCode::GenericErrorSupport => {
                ("unknown_err", "The server could not link the account. Try again.")
            }
            _ => (code.row().wire, ""),
        };
        let text = match (issues.is_empty(), default, error.text()) {
            (false, ..) => issues.join(" "),
            (true, "", "") => code.row().wire.to_owned(),
            (true, "", text) => text.to_owned(),
            (true, default, _) => default.to_owned(),
        };
        Self::refused(word, text)
    }

    /// A failure of the flow.
    pub(crate) fn of_flow_error(error: &FlowError) -> Self {
        Self::refused(error.kind.as_str(), error.message.clone())
    }

    /// Names what it was about.
    pub(crate) fn about(self, key: &str, id: &str) -> Self {
        match self {
            Self::Error { error_type, error_desc, .. } => Self::Error {
                provider_config_key: Some(key.to_owned()),
                connection_id: Some(id.to_owned()),
                error_type,
                error_desc,
            },
            success @ Self::Success { .. } => success,
        }
    }

    /// Names the integration that was asked for.
    pub(crate) fn keyed(self, key: &str) -> Self {
        match self {
            Self::Error { connection_id, error_type, error_desc, .. } => Self::Error {
                provider_config_key: Some(key.to_owned()),
                connection_id,
                error_type,
                error_desc,
            },
            success @ Self::Success { .. } => success,
        }
    }

    /// As it is stored.
    pub(crate) fn to_stored(&self) -> Value {
        json!(self)
    }

    /// From the stored form; one that a newer version wrote is a failure of a kind that nobody knows.
    pub(crate) fn from_stored(value: &Value) -> Self {
        Self::deserialize(value)
            .unwrap_or_else(|_| Self::refused("unknown_err", "What came of the attempt cannot be read."))
    }

    /// The frame that clients of the socket read.
    pub(crate) fn frame(&self) -> Value {
        match self {
            Self::Success { provider_config_key, connection_id, is_pending } => json!({
                "message_type": "success",
                "provider_config_key": provider_config_key,
                "connection_id": connection_id,
                "is_pending": is_pending,
            }),
            Self::Error { provider_config_key, connection_id, error_type, error_desc } => {
                let mut frame = json!({ "message_type": "error" });
                if let Some(key) = provider_config_key {
                    frame["provider_config_key"] = json!(key);
                }
                if let Some(id) = connection_id {
                    frame["connection_id"] = json!(id);
                }
                frame["error_type"] = json!(error_type);
                frame["error_desc"] = json!(error_desc);
                frame
            }
        }
    }

    /// The answer to a poll.
    pub(crate) fn answer(&self) -> Value {
        match self {
            Self::Success { provider_config_key, connection_id, is_pending } => json!({
                "status": "success",
                "providerConfigKey": provider_config_key,
                "connectionId": connection_id,
                "isPending": is_pending,
            }),
            Self::Error { error_type, error_desc, .. } => json!({
                "status": "error",
                "errorType": error_type,
                "errorMessage": error_desc,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_read_back_and_have_the_frames_of_the_protocol() {
        let success = Outcome::Success {
            provider_config_key: "ordinal-prod".to_owned(),
            connection_id: "c-1".to_owned(),
            is_pending: false,
        };
        assert_eq!(Outcome::from_stored(&success.to_stored()), success);
        assert_eq!(
            success.frame().to_string(),
            r#"{"message_type":"success","provider_config_key":"ordinal-prod","connection_id":"c-1","is_pending":false}"#
        );
        let error = Outcome::refused("callback_err", "No.").about("ordinal-prod", "c-1");
        assert_eq!(Outcome::from_stored(&error.to_stored()), error);
        assert_eq!(
            error.frame().to_string(),
            r#"{"message_type":"error","provider_config_key":"ordinal-prod","connection_id":"c-1","error_type":"callback_err","error_desc":"No."}"#
        );
        assert_eq!(Outcome::from_stored(&json!({"status": "later"})).answer()["errorType"], "unknown_err");
    }
}
