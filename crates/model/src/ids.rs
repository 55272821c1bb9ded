//! Row ids: one type a table, so that they cannot be mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// An environment (`dev`, `prod` ...): the boundary of every lookup.
    EnvironmentId,
    /// An integration of an environment.
    IntegrationId,
    /// A connection's row, the `id` of connection objects; callers know it by its `connection_id`.
    ConnectionRowId,
    /// An API key.
    ApiKeyId,
    /// An end user's row; callers know it by their own id.
    EndUserRowId,
    /// A connect session.
    ConnectSessionId,
    /// An attempt to link an account through a provider's own pages.
    AuthFlowId,
    /// A service that is to be told that a connection was deleted.
    RevocationId,
    /// An environment variable.
    EnvironmentVariableId,
    /// A webhook signing key.
    SigningKeyId,
    /// A data key of an environment.
    DataKeyId,
    /// A queued webhook.
    OutboxId,
    /// One attempt to deliver a queued webhook.
    DeliveryAttemptId,
    /// A person who signs in to the dashboard.
    UserId,
    /// A signed-in browser.
    UserSessionId,
    /// An entry of the audit trail.
    AuditEventId,
    /// An active problem of a connection.
    ConnectionErrorId,
    /// A message of an operation.
    MessageId,
}
