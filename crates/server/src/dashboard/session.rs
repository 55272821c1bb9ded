//! Signed-in browsers. The cookie holds a random token; the store keeps its hash.

use std::time::Duration;

use dovetail_model::{Environment, Role, Secret, UserId};
use dovetail_store::user_sessions;
use dovetail_store::users::User;
use http::HeaderValue;

use super::cookies;
use super::error::PageError;
use super::limits::{SESSION_ABSOLUTE, SESSION_IDLE, SESSION_TOUCH};
use crate::state::AppState;

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// Row id.
    pub id: UserId,
    /// E-mail address, the name to sign in with.
    pub email: String,
    /// What the person may do (observability.md 12).
    pub role: Role,
}

impl Person {
    /// Whether an environment is shown at all.
    pub(crate) fn may_see(&self, environment: &Environment) -> bool {
        self.role != Role::DevelopmentFullAccess || !environment.is_production
    }

    /// Whether anything of an environment may be changed, and its secrets shown.
    pub(crate) fn may_change(&self, environment: &Environment) -> bool {
        self.role == Role::Administrator || !environment.is_production
    }

    /// Whether the audit trail may be read.
    pub(crate) fn may_audit(&self) -> bool {
        self.role != Role::DevelopmentFullAccess
    }

    /// Whether environments may be made.
    pub(crate) fn is_administrator(&self) -> bool {
        self.role == Role::Administrator
    }
}

impl From<&User> for Person {
    fn from(user: &User) -> Self {
        Self { id: user.id, email: user.email.clone(), role: user.role }
    }
}

/// Begins a session and gives its cookie.
pub(crate) async fn begin(app: &AppState, user: UserId, agent: &str) -> Result<HeaderValue, PageError> {
    let mut tx = app.store.begin().await?;
    let token =
        user_sessions::create(&mut tx, user, Some(agent).filter(|agent| !agent.is_empty()), SESSION_IDLE)
            .await?;
    tx.commit().await?;
    let https = app.config.public_url.scheme() == "https";
    cookies::set(cookies::SESSION, token.expose(), SESSION_ABSOLUTE, https).ok_or(PageError::Malformed)
}

/// Who holds a token; `None` when it is unknown, too old, or has not been used for too long. Each use, noted once a
/// minute, moves the end of the session, but never beyond its absolute one.
pub(crate) async fn find(app: &AppState, token: &str) -> Result<Option<Person>, PageError> {
    let mut db = app.store.read().await?;
    let found = user_sessions::lookup(&mut db, &Secret::new(token)).await?;
    drop(db);
    let Some(session) = found else { return Ok(None) };
    let now = app.now();
    let left = session.created_at.plus(SESSION_ABSOLUTE).since(now);
    if left == Duration::ZERO {
        return Ok(None);
    }
    if now.since(session.last_seen_at) >= SESSION_TOUCH {
        let mut tx = app.store.begin().await?;
        user_sessions::extend(&mut tx, session.id, SESSION_IDLE.min(left)).await?;
        tx.commit().await?;
    }
    Ok(Some(Person::from(&session.user)))
}

/// Ends a session.
pub(crate) async fn end(app: &AppState, token: &str) -> Result<(), PageError> {
    let mut tx = app.store.begin().await?;
    if let Some(session) = user_sessions::lookup(&mut tx, &Secret::new(token)).await? {
        user_sessions::delete(&mut tx, session.id).await?;
    }
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use dovetail_model::{EnvironmentId, Timestamp, WebhookSettings};

    use super::*;

    fn environment(is_production: bool) -> Environment {
        Environment {
            id: EnvironmentId(1),
            uuid: "2f0d6a52-7f3f-4b1c-8a52-0f1f2a9d7c11".parse().unwrap(),
            name: "x".to_owned(),
            is_production,
            callback_url: None,
            slack_notifications: false,
            sealed_at: None,
            webhooks: WebhookSettings::default(),
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    #[test]
    fn production_is_closed_to_all_but_administrators() {
        let person = |role| Person { id: UserId(1), email: "pia@acme.test".to_owned(), role };
        let (dev, prod) = (environment(false), environment(true));
        for (role, sees, changes) in [
            (Role::Administrator, true, true),
            (Role::ProductionSupport, true, false),
            (Role::DevelopmentFullAccess, false, false),
        ] {
            let person = person(role);
            assert_eq!((person.may_see(&prod), person.may_change(&prod)), (sees, changes), "{role:?}");
            assert!(person.may_see(&dev) && person.may_change(&dev), "{role:?}");
        }
    }
}
