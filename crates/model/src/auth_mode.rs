//! How an account at a service is linked.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! auth_modes {
    ($($(#[$doc:meta])* $name:ident = $wire:literal => $credentials:literal),+ $(,)?) => {
        /// The authentication mode of a provider (http-api 1.12); serialises as its wire name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum AuthMode {$(
            $(#[$doc])*
            #[serde(rename = $wire)]
            $name,
        )+}

        impl AuthMode {
            /// Every mode.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $wire),+ }
            }

            /// The `type` of the credentials that a connection of this mode holds.
            pub const fn credentials_type(self) -> &'static str {
                match self { $(Self::$name => $credentials),+ }
            }
        }

        impl FromStr for AuthMode {
            type Err = UnknownAuthMode;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($wire => Ok(Self::$name),)+
                    other => Err(UnknownAuthMode(other.to_owned())),
                }
            }
        }
    };
}

auth_modes! {
    /// OAuth 1.0a (RFC 5849).
    Oauth1 = "OAUTH1" => "OAUTH1",
    /// OAuth 2 authorization code (RFC 6749 4.1).
    Oauth2 = "OAUTH2" => "OAUTH2",
    /// OAuth 2 client credentials (RFC 6749 4.4).
    Oauth2Cc = "OAUTH2_CC" => "OAUTH2_CC",
    /// HTTP Basic (RFC 7617).
    Basic = "BASIC" => "BASIC",
    /// A key the end user pastes.
    ApiKey = "API_KEY" => "API_KEY",
    /// An app installation and a user's grant together.
    Custom = "CUSTOM" => "CUSTOM",
    /// An app installation that signs its own JWT.
    App = "APP" => "APP",
    /// No authentication.
    None = "NONE" => "NONE",
    /// Token-based authentication: OAuth 1 signatures with permanent tokens.
    Tba = "TBA" => "TBA",
    /// A JWT signed from submitted fields.
    Jwt = "JWT" => "JWT",
    /// Session login with organisation and developer key.
    Bill = "BILL" => "BILL",
    /// Submitted fields exchanged for a token.
    TwoStep = "TWO_STEP" => "TWO_STEP",
    /// WS-Security style signatures.
    Signature = "SIGNATURE" => "SIGNATURE",
    /// OAuth 2 of an MCP server.
    McpOauth2 = "MCP_OAUTH2" => "OAUTH2",
    /// OAuth 2 of any MCP server whose address the end user gives.
    McpOauth2Generic = "MCP_OAUTH2_GENERIC" => "OAUTH2",
    /// A plugin the end user installs at the service.
    InstallPlugin = "INSTALL_PLUGIN" => "BASIC",
    /// AWS Signature Version 4 with an assumed role.
    AwsSigv4 = "AWS_SIGV4" => "AWS_SIGV4",
}

impl fmt::Display for AuthMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no authentication mode.
#[derive(Debug, thiserror::Error)]
#[error("unknown auth mode `{0}`")]
pub struct UnknownAuthMode(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_seventeen_modes_and_each_reads_back() {
        assert_eq!(AuthMode::ALL.len(), 17);
        for mode in AuthMode::ALL {
            assert_eq!(mode.as_str().parse::<AuthMode>().unwrap(), *mode);
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.as_str());
        }
        assert!("oauth2".parse::<AuthMode>().is_err());
    }
}
