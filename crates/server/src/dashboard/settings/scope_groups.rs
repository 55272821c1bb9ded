//! The scopes of an API key as a person chooses them.

use dovetail_model::Scope;

/// Scopes about one thing.
#[derive(Debug)]
pub(crate) struct ScopeGroup {
    /// What they are about.
    pub label: &'static str,
    /// The scopes, each with a few words.
    pub scopes: &'static [(Scope, &'static str)],
}

/// Every scope of an environment that opens a route of this server, the widest last.
pub(crate) const GROUPS: &[ScopeGroup] = &[
    ScopeGroup {
        label: "Linking and calling",
        scopes: &[
            (Scope::CONNECT_SESSIONS_WRITE, "Create connect sessions"),
            (Scope::PROXY, "Call services through the proxy"),
        ],
    },
    ScopeGroup {
        label: "Connections",
        scopes: &[
            (Scope::CONNECTIONS_LIST, "List connections"),
            (Scope::CONNECTIONS_LIST_CREDENTIALS, "List with credentials"),
            (Scope::CONNECTIONS_READ, "Read one connection"),
            (Scope::CONNECTIONS_READ_CREDENTIALS, "Read one with credentials"),
            (Scope::CONNECTIONS_CREATE, "Import connections"),
            (Scope::CONNECTIONS_UPDATE, "Change tags, metadata, end user"),
            (Scope::CONNECTIONS_DELETE, "Delete connections"),
        ],
    },
    ScopeGroup {
        label: "Integrations",
        scopes: &[
            (Scope::INTEGRATIONS_LIST, "List integrations"),
            (Scope::INTEGRATIONS_READ, "Read one integration"),
            (Scope::INTEGRATIONS_READ_CREDENTIALS, "Read one with its client secret"),
            (Scope::INTEGRATIONS_CREATE, "Create integrations"),
            (Scope::INTEGRATIONS_UPDATE, "Change integrations"),
            (Scope::INTEGRATIONS_DELETE, "Delete integrations"),
        ],
    },
    ScopeGroup {
        label: "Environment",
        scopes: &[
            (Scope::VARIABLES_READ, "Read environment variables"),
            (Scope::WEBHOOK_SIGNING_KEY_ROTATE, "Rotate the signing key"),
            (Scope::LOGS_READ, "Read the activity log"),
            (Scope::MCP, "Use the MCP endpoint"),
        ],
    },
    ScopeGroup {
        label: "Functions, syncs, records",
        scopes: &[
            (Scope::ACTIONS_EXECUTE, "Run actions"),
            (Scope::SYNCS_READ, "Read syncs"),
            (Scope::SYNCS_EXECUTE, "Run syncs"),
            (Scope::SYNCS_UPDATE, "Change syncs"),
            (Scope::RECORDS_READ, "Read records"),
            (Scope::RECORDS_WRITE, "Change records"),
            (Scope::FUNCTIONS, "Everything about functions"),
            (Scope::DEPLOY, "Deploy functions"),
        ],
    },
];

/// The scope of a ticked box; only what the form offers.
pub(crate) fn offered(value: &str) -> Option<Scope> {
    GROUPS
        .iter()
        .flat_map(|group| group.scopes)
        .map(|(scope, _)| *scope)
        .find(|scope| scope.as_str() == value)
}

/// A scope in a few words; its name when the form does not offer it.
pub(crate) fn label_of(scope: Scope) -> String {
    let known = GROUPS.iter().flat_map(|group| group.scopes).find(|(offered, _)| *offered == scope);
    known.map_or_else(|| scope.as_str().to_owned(), |(_, label)| (*label).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scopes_of_an_environment_are_offered_and_each_once() {
        let all: Vec<_> = GROUPS.iter().flat_map(|group| group.scopes).map(|(scope, _)| *scope).collect();
        assert!(all.iter().all(|scope| scope.needs_environment()));
        let mut unique = all.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), all.len());
        assert_eq!(offered("environment:proxy"), Some(Scope::PROXY));
        assert_eq!(offered("account:*"), None);
        assert_eq!(offered("environment:*"), None);
    }
}
