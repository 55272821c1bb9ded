//! `/dashboard/{environment}/account`: the person, the people, account keys and the audit trail. They belong to the
//! server as a whole; the environment of the address is where the person came from.

mod audit_export;
mod audit_list;
mod key_new;
mod keys;
mod password;
mod people;
mod person_new;
mod trail;

use axum::Router;
use axum::routing::{get, post};

use super::session::Person;
use crate::state::AppState;

/// Routes of this area.
pub(super) fn routes() -> Router<AppState> {
    const ACCOUNT: &str = "/dashboard/{environment}/account";
    Router::new()
        .route(ACCOUNT, get(password::show).post(password::change))
        .route(&format!("{ACCOUNT}/people"), get(people::list))
        .route(&format!("{ACCOUNT}/people/new"), get(person_new::show).post(person_new::add))
        .route(&format!("{ACCOUNT}/people/{{id}}"), post(people::change))
        .route(&format!("{ACCOUNT}/people/{{id}}/remove"), get(people::ask).post(people::remove))
        .route(&format!("{ACCOUNT}/keys"), get(keys::list))
        .route(&format!("{ACCOUNT}/keys/new"), get(key_new::show).post(key_new::create))
        .route(&format!("{ACCOUNT}/keys/{{id}}/revoke"), get(keys::ask).post(keys::revoke))
        .route(&format!("{ACCOUNT}/audit"), get(audit_list::list))
        .route(&format!("{ACCOUNT}/audit.csv"), get(audit_export::export))
}

/// The tabs of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Profile,
    People,
    Keys,
    Audit,
}

impl Tab {
    /// The tabs that a person may open (observability.md 12).
    pub(super) fn of(person: &Person) -> Vec<Self> {
        let all = [
            (Self::Profile, true),
            (Self::People, person.is_administrator()),
            (Self::Keys, person.is_administrator()),
            (Self::Audit, person.may_audit()),
        ];
        all.into_iter().filter(|(_, may)| *may).map(|(tab, _)| tab).collect()
    }

    /// Below `/dashboard/{environment}/account`.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Profile => "",
            Self::People => "/people",
            Self::Keys => "/keys",
            Self::Audit => "/audit",
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Profile => "Password",
            Self::People => "People",
            Self::Keys => "Account keys",
            Self::Audit => "Audit trail",
        }
    }
}
