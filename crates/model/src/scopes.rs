//! What an API key may do (http-api 1.7).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $wire:literal),+ $(,)?) => {
        impl Scope {
            $($(#[$doc])* pub const $name: Self = Self($wire);)+

            /// Every scope and every family that may be granted.
            pub const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

/// A permission, or a family of them (`environment:connections:*`). Only the listed ones exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Scope(&'static str);

scopes! {
    /// Everything in one environment.
    ENVIRONMENT = "environment:*",
    /// Everything about integrations.
    INTEGRATIONS = "environment:integrations:*",
    /// List integrations.
    INTEGRATIONS_LIST = "environment:integrations:list",
    /// List integrations with their credentials.
    INTEGRATIONS_LIST_CREDENTIALS = "environment:integrations:list_credentials",
    /// List an integration's functions.
    INTEGRATIONS_LIST_FUNCTIONS = "environment:integrations:list_functions",
    /// Read one integration.
    INTEGRATIONS_READ = "environment:integrations:read",
    /// Read one integration with its credentials.
    INTEGRATIONS_READ_CREDENTIALS = "environment:integrations:read_credentials",
    /// Create integrations.
    INTEGRATIONS_CREATE = "environment:integrations:create",
    /// Change integrations.
    INTEGRATIONS_UPDATE = "environment:integrations:update",
    /// Delete integrations.
    INTEGRATIONS_DELETE = "environment:integrations:delete",
    /// Everything about connections.
    CONNECTIONS = "environment:connections:*",
    /// List connections.
    CONNECTIONS_LIST = "environment:connections:list",
    /// List connections with their credentials.
    CONNECTIONS_LIST_CREDENTIALS = "environment:connections:list_credentials",
    /// Read one connection.
    CONNECTIONS_READ = "environment:connections:read",
    /// Read one connection with its credentials.
    CONNECTIONS_READ_CREDENTIALS = "environment:connections:read_credentials",
    /// Create connections.
    CONNECTIONS_CREATE = "environment:connections:create",
    /// Change connections.
    CONNECTIONS_UPDATE = "environment:connections:update",
    /// Delete connections.
    CONNECTIONS_DELETE = "environment:connections:delete",
    /// Open connect sessions.
    CONNECT_SESSIONS_WRITE = "environment:connect_sessions:write",
    /// Everything about syncs.
    SYNCS = "environment:syncs:*",
    /// Read syncs.
    SYNCS_READ = "environment:syncs:read",
    /// Run syncs.
    SYNCS_EXECUTE = "environment:syncs:execute",
    /// Change syncs.
    SYNCS_UPDATE = "environment:syncs:update",
    /// Create sync variants.
    SYNCS_VARIANT_CREATE = "environment:syncs:variant:create",
    /// Delete sync variants.
    SYNCS_VARIANT_DELETE = "environment:syncs:variant:delete",
    /// Everything about functions.
    FUNCTIONS = "environment:functions:*",
    /// List functions.
    FUNCTIONS_LIST = "environment:functions:list",
    /// Read functions.
    FUNCTIONS_READ = "environment:functions:read",
    /// Delete functions.
    FUNCTIONS_DELETE = "environment:functions:delete",
    /// Compile functions.
    FUNCTIONS_COMPILE = "environment:functions:compile",
    /// Try functions.
    FUNCTIONS_DRYRUN = "environment:functions:dryrun",
    /// Read the invocations of functions.
    FUNCTIONS_INVOCATIONS = "environment:functions:invocations",
    /// Deploy functions.
    DEPLOY = "environment:deploy",
    /// Everything about records.
    RECORDS = "environment:records:*",
    /// Read records.
    RECORDS_READ = "environment:records:read",
    /// Change records.
    RECORDS_WRITE = "environment:records:write",
    /// Read the activity log.
    LOGS_READ = "environment:logs:read",
    /// Everything about actions.
    ACTIONS = "environment:actions:*",
    /// Run actions.
    ACTIONS_EXECUTE = "environment:actions:execute",
    /// Call services through the proxy.
    PROXY = "environment:proxy",
    /// Read environment variables.
    VARIABLES_READ = "environment:variables:read",
    /// Rotate the webhook signing key.
    WEBHOOK_SIGNING_KEY_ROTATE = "environment:webhook_signing_key:rotate",
    /// Use the MCP endpoint.
    MCP = "environment:mcp",
    /// Everything about the account.
    ACCOUNT = "account:*",
    /// Create environments.
    ACCOUNT_ENVIRONMENTS_CREATE = "account:environments:create",
    /// Delete environments.
    ACCOUNT_ENVIRONMENTS_DELETE = "account:environments:delete",
    /// Make an environment a production one.
    ACCOUNT_ENVIRONMENTS_SET_PRODUCTION = "account:environments:set_production",
    /// Create API keys of environments.
    ACCOUNT_ENVIRONMENTS_API_KEYS_CREATE = "account:environments:api_keys:create",
    /// Delete API keys of environments.
    ACCOUNT_ENVIRONMENTS_API_KEYS_DELETE = "account:environments:api_keys:delete",
}

impl Scope {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether the holder must be bound to an environment.
    pub fn needs_environment(self) -> bool {
        self.0.starts_with("environment:")
    }

    /// Whether its holder is shown secrets.
    pub fn shows_secrets(self) -> bool {
        self.0.ends_with("_credentials")
            || self == Self::VARIABLES_READ
            || self == Self::WEBHOOK_SIGNING_KEY_ROTATE
    }

    /// Whether a grant of this scope covers `required`: the same one, or a family it belongs to.
    pub fn covers(self, required: Self) -> bool {
        self == required || self.0.strip_suffix('*').is_some_and(|family| required.0.starts_with(family))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|scope| scope.0 == text);
        found.copied().ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that is no scope.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope `{0}`")]
pub struct UnknownScope(pub String);

/// The grants of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// These grants, each once.
    pub fn new(grants: impl IntoIterator<Item = Scope>) -> Self {
        let mut scopes = Vec::new();
        for grant in grants {
            if !scopes.contains(&grant) {
                scopes.push(grant);
            }
        }
        Self(scopes)
    }

    /// Everything in one environment: the grant of a default key.
    pub fn full_environment() -> Self {
        Self(vec![Scope::ENVIRONMENT])
    }

    /// Whether `required` is granted.
    pub fn allows(&self, required: Scope) -> bool {
        self.0.iter().any(|grant| grant.covers(required))
    }

    /// Whether one of `alternatives` is granted.
    pub fn allows_any(&self, alternatives: &[Scope]) -> bool {
        alternatives.iter().any(|required| self.allows(*required))
    }

    /// The grants.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }

    /// Whether nothing is granted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_family_covers_its_members_only() {
        assert!(Scope::CONNECTIONS.covers(Scope::CONNECTIONS_READ));
        assert!(Scope::ENVIRONMENT.covers(Scope::CONNECTIONS));
        assert!(!Scope::CONNECTIONS.covers(Scope::CONNECT_SESSIONS_WRITE));
        assert!(!Scope::CONNECTIONS_READ_CREDENTIALS.covers(Scope::CONNECTIONS_READ));
        assert!(!Scope::ENVIRONMENT.covers(Scope::ACCOUNT_ENVIRONMENTS_CREATE));
        assert!(!Scope::ACCOUNT.covers(Scope::PROXY));
    }

    #[test]
    fn an_unknown_scope_is_refused() {
        assert_eq!("environment:nothing".parse::<Scope>(), Err(UnknownScope("environment:nothing".into())));
        assert!("*".parse::<Scope>().is_err());
    }

    fn any_scope() -> impl Strategy<Value = Scope> {
        prop::sample::select(Scope::ALL)
    }

    proptest! {
        #[test]
        fn a_scope_reads_back_and_covers_itself(scope in any_scope()) {
            prop_assert_eq!(scope.as_str().parse::<Scope>(), Ok(scope));
            prop_assert!(scope.covers(scope));
        }

        #[test]
        fn covering_is_transitive(a in any_scope(), b in any_scope(), c in any_scope()) {
            prop_assert!(!(a.covers(b) && b.covers(c)) || a.covers(c));
        }

        #[test]
        fn more_grants_never_take_a_permission_away(grants in prop::collection::vec(any_scope(), 0..5), more in any_scope(), required in any_scope()) {
            let fewer = Scopes::new(grants.clone());
            let wider = Scopes::new(grants.into_iter().chain([more]));
            prop_assert!(!fewer.allows(required) || wider.allows(required));
        }

        #[test]
        fn families_do_not_cross(required in any_scope()) {
            let environment = Scopes::full_environment().allows(required);
            prop_assert_eq!(environment, required.needs_environment());
        }
    }
}
