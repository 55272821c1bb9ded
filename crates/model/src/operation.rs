//! The activity log's words (observability.md 1).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Random, Timestamp};

/// The id of an operation: `<milliseconds>_<8 letters or digits>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(String);

impl OperationId {
    /// A fresh id.
    pub fn generate(now: Timestamp, random: &dyn Random) -> Self {
        Self(format!("{}_{}", now.0, random.alphanumeric(8)))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OperationId {
    type Err = InvalidOperationId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (20..=25).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidOperationId) }
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no operation id.
#[derive(Debug, thiserror::Error)]
#[error("not an operation id")]
pub struct InvalidOperationId;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $wire:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {$(
            $(#[$variant_doc])*
            #[serde(rename = $wire)]
            $variant,
        )+}

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire),+ }
            }

            /// Reads the name on the wire.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }
    };
}

words! {
    /// How loud an entry is.
    Level {
        /// For developers of Dovetail.
        Debug = "debug",
        /// It went as planned.
        Info = "info",
        /// It may need attention.
        Warn = "warn",
        /// It failed.
        Error = "error",
    }
}

words! {
    /// How an operation stands. The last four are final.
    OperationState {
        /// Not begun.
        Waiting = "waiting",
        /// Under way.
        Running = "running",
        /// Done.
        Success = "success",
        /// Failed.
        Failed = "failed",
        /// Did not end in time.
        Timeout = "timeout",
        /// Given up by whoever began it.
        Cancelled = "cancelled",
    }
}

impl OperationState {
    /// Whether nothing may change any more.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

words! {
    /// Who wrote a message.
    MessageSource {
        /// Dovetail.
        Internal = "internal",
        /// A function's code.
        User = "user",
    }
}

words! {
    /// What a message holds.
    MessageType {
        /// Text.
        Log = "log",
        /// A request and its response.
        Http = "http",
    }
}

words! {
    /// Which part wrote a message.
    MessageContext {
        /// Function code.
        Script = "script",
        /// The proxy.
        Proxy = "proxy",
        /// Webhooks.
        Webhook = "webhook",
        /// Linking and refreshing.
        Auth = "auth",
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $kind:literal : $action:literal => $label:literal),+ $(,)?) => {
        /// What kind of thing happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum OperationKind {$(
            $(#[$doc])*
            $variant,
        )+}

        impl OperationKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// `type` on the wire.
            pub const fn kind(self) -> &'static str {
                match self { $(Self::$variant => $kind),+ }
            }

            /// `action` on the wire.
            pub const fn action(self) -> &'static str {
                match self { $(Self::$variant => $action),+ }
            }

            /// The label people read.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }

            /// Reads `type` and `action`.
            pub fn parse(kind: &str, action: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.kind() == kind && known.action() == action)
            }
        }
    };
}

kinds! {
    /// An account is being linked.
    AuthCreateConnection = "auth" : "create_connection" => "Connection created",
    /// Credentials are refreshed.
    AuthRefreshToken = "auth" : "refresh_token" => "Token refreshed",
    /// Credentials are tried.
    AuthConnectionTest = "auth" : "connection_test" => "Connection test",
    /// Work after linking.
    AuthPostConnection = "auth" : "post_connection" => "Work after connecting",
    /// One call through the proxy.
    ProxyCall = "proxy" : "call" => "Proxy call",
    /// The backend is told about a new connection.
    WebhookConnectionCreate = "webhook" : "connection_create" => "Connection webhook",
    /// The backend is told about a changed connection.
    WebhookConnectionRefresh = "webhook" : "connection_refresh" => "Refresh webhook",
    /// The backend is told about a sync.
    WebhookSync = "webhook" : "sync" => "Sync webhook",
    /// A service's webhook arrived.
    WebhookIncoming = "webhook" : "incoming" => "Webhook received",
    /// A service's webhook is passed on.
    WebhookForward = "webhook" : "forward" => "Webhook forwarded",
    /// An action runs.
    ActionRun = "action" : "run" => "Action",
    /// A sync runs.
    SyncRun = "sync" : "run" => "Sync",
    /// A function is called.
    FunctionInvoke = "function" : "invoke" => "Function called",
    /// Work before a connection is deleted.
    EventsPreConnectionDeletion = "events" : "pre_connection_deletion" => "Work before deletion",
    /// Work after a connection was created.
    EventsPostConnectionCreation = "events" : "post_connection_creation" => "Work after creation",
    /// A function checks a connection.
    EventsValidateConnection = "events" : "validate_connection" => "Connection check",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    #[test]
    fn a_fresh_id_reads_back() {
        let id = OperationId::generate(Timestamp(1_767_225_600_000), &SeededRandom::new(3));
        assert_eq!(id.as_str().parse::<OperationId>().unwrap(), id);
        assert!(id.as_str().starts_with("1767225600000_"));
        assert!("x".parse::<OperationId>().is_err());
    }

    #[test]
    fn every_kind_reads_back() {
        for kind in OperationKind::ALL {
            assert_eq!(OperationKind::parse(kind.kind(), kind.action()), Some(*kind));
        }
    }
}
