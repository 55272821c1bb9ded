//! Who is calling, once that is known.

use std::sync::Arc;

use dovetail_model::{Actor, ConnectSession, Environment, EnvironmentId, Scope, Scopes};

/// A caller bound to one environment: the holder of one of its keys, or of a session where the route takes both.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The environment it acts in.
    pub environment: Arc<Environment>,
    /// What it may do.
    pub scopes: Arc<Scopes>,
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

    /// Whether it holds a scope beyond those the route required.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.allows(scope)
    }
}

/// A caller that acts on the account as a whole.
#[derive(Clone, Debug)]
pub struct AccountCaller {
    /// What it may do.
    pub scopes: Arc<Scopes>,
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
