//! Signed-in browsers. The cookie holds a random token; the store keeps its hash.

use dovetail_model::{Actor, Environment, Secret, Timestamp, UserId};
use dovetail_store::user_sessions::{self, NewUserSession};
use dovetail_store::users::User;
use http::HeaderMap;
use http::HeaderValue;
use http::header::USER_AGENT;

use super::cookies;
use super::door::random_token;
use super::error::PageError;
use super::limits::{SESSION_ABSOLUTE_MS, SESSION_IDLE_MS, SESSION_TOUCH_MS, USER_AGENT_CHARS};
use crate::state::AppState;

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Row id.
    pub id: UserId,
    /// E-mail address, the name to sign in with.
    pub email: String,
}

impl Person {
    /// Whether the person may see secrets of an environment. There is one role so far, the owner; pages ask here, so
    /// that others can be told apart in one place.
    #[expect(clippy::unused_self, reason = "roles come with more accounts")]
    pub fn may_read_secrets(&self, _environment: &Environment) -> Result<(), PageError> {
        Ok(())
    }
}

/// As the audit trail names an account.
pub fn actor_of(user: &User) -> Actor {
    Actor::User { id: user.id.0, display: user.email.clone() }
}

/// Begins a session and gives its cookie.
pub async fn begin(app: &AppState, user: UserId, headers: &HeaderMap) -> Result<HeaderValue, PageError> {
    let token = random_token(app);
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    let new = NewUserSession {
        user,
        token: Secret::new(token.clone()),
        user_agent: agent.map(|text| text.chars().take(USER_AGENT_CHARS).collect()),
        expires_at: Timestamp(app.now().0 + SESSION_ABSOLUTE_MS),
    };
    let mut tx = app.store.begin().await?;
    user_sessions::create(&mut tx, new).await?;
    tx.commit().await?;
    let https = app.config.public_url.scheme() == "https";
    cookies::set(cookies::SESSION, &token, SESSION_ABSOLUTE_MS, https).ok_or(PageError::Malformed)
}

/// Who holds a token; `None` when it is unknown, too old, or has not been used for too long.
pub async fn find(app: &AppState, token: &str) -> Result<Option<Person>, PageError> {
    let token = Secret::new(token);
    let now = app.now();
    let mut db = app.store.read().await?;
    let Some((session, user)) = user_sessions::by_token(&mut db, &token).await? else { return Ok(None) };
    drop(db);
    let idle = now.0 - session.last_seen_at.0;
    if now >= session.expires_at || idle >= SESSION_IDLE_MS {
        end(app, token.expose()).await?;
        return Ok(None);
    }
    if idle >= SESSION_TOUCH_MS {
        let mut tx = app.store.begin().await?;
        user_sessions::touch(&mut tx, session.id).await?;
        tx.commit().await?;
    }
    Ok(Some(Person { id: user.id, email: user.email }))
}

/// Ends a session.
pub async fn end(app: &AppState, token: &str) -> Result<(), PageError> {
    let mut tx = app.store.begin().await?;
    user_sessions::delete(&mut tx, &Secret::new(token)).await?;
    Ok(tx.commit().await?)
}
