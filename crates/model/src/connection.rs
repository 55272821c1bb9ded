//! A linked account.

use serde_json::{Map, Value};

use crate::{
    ConnectionRowId, CredentialState, Credentials, EndUser, EnvironmentId, IntegrationId, OperationId,
    RefreshState, Tags, Timestamp,
};

/// What is known of a connection without opening anything sealed.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionInfo {
    /// Row id, `id` on the wire.
    pub id: ConnectionRowId,
    /// The environment it belongs to.
    pub environment: EnvironmentId,
    /// Its integration.
    pub integration: IntegrationId,
    /// The integration's key.
    pub provider_config_key: String,
    /// The provider's name.
    pub provider: String,
    /// The id callers know it by, unique in its integration.
    pub connection_id: String,
    /// Active problems; empty when all is well.
    pub errors: Vec<ConnectionProblem>,
    /// Who linked it.
    pub end_user: Option<EndUser>,
    /// Its tags.
    pub tags: Tags,
    /// The product's own data; `None` when never set.
    pub metadata: Option<Map<String, Value>>,
    /// Its own webhook target.
    pub webhook_url: Option<String>,
    /// Whether the service accepted the credentials.
    pub state: CredentialState,
    /// Whether refreshing works.
    pub refresh: RefreshState,
    /// When the current access token expires; `None` when it does not, or it is unknown.
    pub credentials_expire_at: Option<Timestamp>,
    /// When the current credentials were received; `None` of rows older than that knowledge.
    pub credentials_issued_at: Option<Timestamp>,
    /// When they are to be renewed without being asked for; `None` when never.
    pub refresh_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When its credentials were last read, to the minute.
    pub last_fetched_at: Option<Timestamp>,
}

/// A connection with its credentials in the open.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// All that is not sealed.
    pub info: ConnectionInfo,
    /// Its configuration, public and secret values together.
    pub config: Map<String, Value>,
    /// Its credentials.
    pub credentials: Credentials,
    /// Counts replacements of the credentials: what a compare-and-swap compares.
    pub version: i64,
}

/// An active problem of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionProblem {
    /// What kind.
    pub kind: ProblemKind,
    /// The operation that tells more, `log_id` on the wire.
    pub operation: OperationId,
}

/// What kind of problem a connection has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// Its credentials do not work.
    Auth,
    /// A sync fails.
    Sync,
}

impl ProblemKind {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Sync => "sync",
        }
    }
}
