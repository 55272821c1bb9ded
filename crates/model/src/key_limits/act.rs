//! The one judgement: whether limits permit an act.

use super::path_pattern::{UnclearPath, segments};
use super::{CallMethod, KeyLimits};
use crate::{Tags, Timestamp};

/// What somebody wants to do, as far as limits care. A request may be several acts; all must be permitted.
#[derive(Clone, Copy, Debug)]
pub enum Act<'a> {
    /// Something that touches no integration, connection or secret.
    Plain,
    /// See an integration without its secrets, or link an account of it.
    Integration {
        /// Its key.
        key: &'a str,
    },
    /// Create an integration, or delete one with all of its connections.
    OwnIntegration {
        /// Its key.
        key: &'a str,
    },
    /// Change an integration: what all of its connections do, and where their credentials go.
    ChangeIntegration {
        /// Its key.
        key: &'a str,
    },
    /// See, make, change, delete or use a connection, without its secrets.
    Connection {
        /// Its integration.
        integration: &'a str,
        /// The tags it has, or is to have.
        tags: &'a Tags,
    },
    /// Send a request to the service with a connection's credentials.
    Send {
        /// The method.
        method: &'a str,
        /// The path as it is sent, percent-encoded.
        path: &'a str,
    },
    /// Steer a proxied call beyond method and path.
    Steer(Steering),
    /// See secret material: credentials, client secrets, environment variables, signing keys.
    Secrets,
    /// Something that concerns the whole environment.
    Environment,
}

/// A way to steer a proxied call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steering {
    /// Another base URL: credentials go where the caller says.
    BaseUrl,
    /// All fields, credentials among them, to foreign hosts that the service redirects to.
    ForeignHeaders,
    /// Values of the connection's configuration in the path.
    Placeholder,
    /// A field or parameter by which services take another method than that of the request.
    Method,
    /// A field by which services take another path than that of the request.
    Path,
}

/// Why an act is not permitted, as the holder of the key is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its time is over.
    #[error("This key expired at {0}.")]
    Expired(Timestamp),
    /// Another integration.
    #[error("This key does not reach the integration {0}.")]
    Integration(String),
    /// A connection that has not the tags.
    #[error("This key reaches only connections with the tags {0}.")]
    Tags(String),
    /// Another method.
    #[error("This key may not make {0} calls.")]
    Method(String),
    /// Another path.
    #[error("This key may not call {0}.")]
    Path(String),
    /// A path of which it is not clear what it names.
    #[error(
        "This key is limited to certain paths, and the path of this call can be read in more than one way: {0}."
    )]
    UnclearPath(UnclearPath),
    /// The call is steered past the limits.
    #[error("This key is limited, so it may not {}.", match .0 {
        Steering::BaseUrl => "choose a base URL",
        Steering::ForeignHeaders => "send credentials on to hosts that the service redirects to",
        Steering::Placeholder => "put values of the connection's configuration into a path",
        Steering::Method => "ask the service to take another method than that of the call",
        Steering::Path => "ask the service to take another path than that of the call",
    })]
    Steering(Steering),
    /// It is shown no secrets.
    #[error("This key uses credentials and is never shown secrets.")]
    Secrets,
    /// It does not reach the whole environment.
    #[error("This key is limited, and this concerns more than it reaches.")]
    Environment,
}

impl KeyLimits {
    /// Whether these limits permit `act` at the moment `at`. This is the only place that says what a limit means.
    pub fn permits(&self, at: Timestamp, act: Act<'_>) -> Result<(), Refusal> {
        if let Some(end) = self.expires_at
            && self.is_expired(at)
        {
            return Err(Refusal::Expired(end));
        }
        match act {
            Act::Plain => Ok(()),
            Act::Integration { key } => self.reaches_integration(key),
            Act::OwnIntegration { key } => {
                self.reaches_integration(key)?;
                refuse_if(!self.tags.is_empty(), Refusal::Environment)
            }
            Act::ChangeIntegration { key } => {
                self.reaches_integration(key)?;
                refuse_if(!self.tags.is_empty() || self.hides_secrets(), Refusal::Environment)
            }
            Act::Connection { integration, tags } => {
                self.reaches_integration(integration)?;
                refuse_if(!tags.contain(&self.tags), Refusal::Tags(self.tags.to_string()))
            }
            Act::Send { method, path } => {
                self.permits_method(method)?;
                self.permits_path(path)
            }
            Act::Steer(steering) => {
                let past = match steering {
                    Steering::BaseUrl | Steering::ForeignHeaders => self.narrows_reach(),
                    Steering::Placeholder => self.hides_secrets(),
                    Steering::Method => self.methods.is_some(),
                    Steering::Path => self.paths.is_some(),
                };
                refuse_if(past, Refusal::Steering(steering))
            }
            Act::Secrets => refuse_if(self.hides_secrets(), Refusal::Secrets),
            Act::Environment => refuse_if(self.narrows_reach(), Refusal::Environment),
        }
    }

    fn reaches_integration(&self, key: &str) -> Result<(), Refusal> {
        match &self.integrations {
            Some(reached) if !reached.contains(key) => Err(Refusal::Integration(key.to_owned())),
            _ => Ok(()),
        }
    }

    fn permits_method(&self, method: &str) -> Result<(), Refusal> {
        let Some(allowed) = &self.methods else { return Ok(()) };
        // Methods are told apart by case (RFC 9110 9.1).
        let known = CallMethod::ALL.into_iter().find(|known| known.as_str() == method);
        refuse_if(known.is_none_or(|known| !allowed.contains(&known)), Refusal::Method(method.to_owned()))
    }

    fn permits_path(&self, path: &str) -> Result<(), Refusal> {
        let Some(allowed) = &self.paths else { return Ok(()) };
        let segments = segments(path).map_err(Refusal::UnclearPath)?;
        let matches = allowed.iter().any(|pattern| pattern.matches(&segments));
        refuse_if(!matches, Refusal::Path(path.to_owned()))
    }
}

fn refuse_if(refused: bool, why: Refusal) -> Result<(), Refusal> {
    if refused { Err(why) } else { Ok(()) }
}
