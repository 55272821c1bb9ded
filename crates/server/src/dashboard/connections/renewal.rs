//! How the credentials of a connection are renewed, and how that went.

use dovetail_connect::renew::is_renewable;
use dovetail_model::{
    ConnectionInfo, Credentials, OperationKind, OperationState, RefreshProblem, RefreshState,
};
use dovetail_store::operations::Operation;

use super::timeline::sentence;
use crate::dashboard::activity;
use crate::dashboard::format::{When, count};
use crate::dashboard::visit::Visit;

/// The part of the page about renewal.
pub(super) struct Renewal {
    /// Whether these credentials can be renewed without the end user.
    pub(super) renewable: bool,
    /// The last refresh that worked.
    pub(super) last: Option<When>,
    /// When the next one is planned.
    pub(super) next: Option<When>,
    /// What is wrong now: a title, a sentence, and the operation that tells more.
    pub(super) trouble: Option<Trouble>,
}

/// A refresh that fails.
pub(super) struct Trouble {
    pub(super) tone: &'static str,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) href: Option<String>,
}

impl Renewal {
    /// From what is stored, and the newest operations.
    pub(super) fn of(
        visit: &Visit,
        info: &ConnectionInfo,
        credentials: &Credentials,
        operations: &[Operation],
    ) -> Self {
        let refreshes = || operations.iter().filter(|one| one.kind == OperationKind::AuthRefreshToken);
        let worked = refreshes().find(|one| one.state == OperationState::Success);
        let failed = refreshes().find(|one| one.state == OperationState::Failed);
        let said = failed.map(|one| sentence(&one.details)).unwrap_or_default();
        let (tone, title, advice) = match info.refresh {
            RefreshState::Healthy => ("", String::new(), String::new()),
            RefreshState::Failing(failure) => (
                "warn",
                format!(
                    "Refreshing has failed {}, first {}",
                    count(u64::from(failure.failures), "time"),
                    visit.when(failure.since).relative
                ),
                format!("Dovetail tries again {}.", visit.when(failure.next.max(visit.now())).relative),
            ),
            RefreshState::Exhausted { at, .. } => (
                "bad",
                format!("Refreshing was given up {}", visit.when(at).relative),
                "Send the end user a reconnect link.".to_owned(),
            ),
        };
        let said = match info.refresh.failure() {
            Some(failure) if said.is_empty() => in_words(failure.problem).to_owned(),
            _ => said,
        };
        let trouble = (!tone.is_empty()).then(|| Trouble {
            tone,
            title,
            text: format!("{said} {advice}"),
            href: failed.map(|one| activity::href(visit, one.id.as_str())),
        });
        Self {
            renewable: is_renewable(
                visit.app().catalog.current().shared(&info.provider).as_deref(),
                credentials,
            ),
            next: info.refresh_at.map(|at| visit.when(at)),
            last: worked.map(|one| visit.when(one.ended_at.unwrap_or(one.created_at))),
            trouble,
        }
    }
}

fn in_words(problem: RefreshProblem) -> &'static str {
    match problem {
        RefreshProblem::Revoked => "The service says that the grant is no longer valid.",
        RefreshProblem::Rejected => "The service refused to renew the credentials.",
        RefreshProblem::Unavailable => "The service did not answer, or could not.",
        RefreshProblem::Unreadable => "The service answered without credentials.",
        RefreshProblem::Unbuildable => {
            "The request cannot be made: the integration or the connection lacks a value."
        }
    }
}

/// Scopes that the service granted, where it said so (RFC 6749 section 5.1).
pub(super) fn granted_scopes(credentials: &Credentials) -> Vec<String> {
    let Credentials::Oauth2(tokens) = credentials else { return Vec::new() };
    let raw = tokens.raw.expose();
    let scope = raw.get("scope").and_then(|scope| scope.as_str()).unwrap_or_default();
    scope.split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}
