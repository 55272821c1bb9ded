//! Who is calling, once that is known.

use std::sync::Arc;

use dovetail_model::{Act, Actor, ConnectSession, Environment, EnvironmentId, Scope, Scopes};

use super::reach::Reach;
use crate::wire::ApiResult;

/// A caller bound to one environment: the holder of one of its keys, or of a session where the route takes both.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The environment it acts in.
    pub environment: Arc<Environment>,
    /// What it may do.
    pub scopes: Arc<Scopes>,
    /// How far.
    pub reach: Reach,
    /// The session, when a session token was sent.
    pub session: Option<ConnectSession>,
    /// Its name in the audit trail.
    pub actor: Actor,
}

impl Caller {
    /// The environment's id: the first argument of every repository method.
    pub fn environment_id(&self) -> EnvironmentId {
        self.environment.id
    }

    /// Whether it holds a scope beyond those the route required. A scope to see secrets is worth nothing to a key that
    /// is never shown any, nor in a sealed environment.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.allows(scope) && (!scope.shows_secrets() || self.reach.permits(Act::Secrets).is_ok())
    }

    /// The error of whoever asks for secrets: for want of the scope, or because there are none to be shown.
    pub fn secrets_refused(&self, scope: Scope) -> crate::wire::ApiError {
        match self.reach.permits(Act::Secrets) {
            Err(error) if self.scopes.allows(scope) => error,
            _ => super::refusal::insufficient(&[scope]),
        }
    }

    /// Whether an act is within the limits of its key.
    ///
    /// Errors: `key_limited`, `environment_sealed`.
    pub fn permits(&self, act: Act<'_>) -> ApiResult<()> {
        self.reach.permits(act)
    }
}

/// A caller that acts on the account as a whole.
#[derive(Clone, Debug)]
pub struct AccountCaller {
    /// What it may do.
    pub scopes: Arc<Scopes>,
    /// How far: the limits of whatever it makes.
    pub reach: Reach,
    /// Its name in the audit trail.
    pub actor: Actor,
}

impl AccountCaller {
    /// Whether it holds a scope beyond those the route required.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.allows(scope)
    }
}

/// The holder of a connect session token.
#[derive(Clone, Debug)]
pub struct SessionCaller {
    /// The session.
    pub session: ConnectSession,
    /// The environment it acts in.
    pub environment: Arc<Environment>,
    /// Its name in the audit trail.
    pub actor: Actor,
}

impl SessionCaller {
    /// The environment's id: the first argument of every repository method.
    pub fn environment_id(&self) -> EnvironmentId {
        self.environment.id
    }
}
