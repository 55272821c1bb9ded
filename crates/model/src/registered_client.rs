//! An OAuth client of ours at an authorization server (RFC 7591).

use serde::{Deserialize, Serialize};

use crate::secret::exposed;
use crate::{Secret, Timestamp};

/// The client; serialised only to be sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegisteredClient {
    /// Its id.
    pub id: String,
    /// Its secret; empty for a public client.
    #[serde(with = "exposed")]
    pub secret: Secret,
    /// How it proves itself (`token_endpoint_auth_method`), when the server said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// When its secret expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}
