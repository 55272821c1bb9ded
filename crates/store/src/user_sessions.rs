//! Signed-in browsers, found by the hash of their cookie.

use std::time::Duration;

use dovetail_model::{Random, Secret, Timestamp, UserId, UserSessionId};
use dovetail_vault::HashPurpose;

use crate::row::Columns;
use crate::users::{self, User};
use crate::{Change, Db, StoreError, Tx};

const TABLE: &str = "user_sessions";

/// A signed-in browser and its person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSession {
    /// Row id.
    pub id: UserSessionId,
    /// Who.
    pub user: User,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last seen, as far as written down.
    pub last_seen_at: Timestamp,
}

/// Begins a session of `span`. The returned token (64 hexadecimal digits) goes into the cookie.
pub async fn create(
    tx: &mut Tx,
    user: UserId,
    user_agent: Option<&str>,
    span: Duration,
) -> Result<Secret, StoreError> {
    let id = tx.next_id(TABLE).await?;
    let now = tx.now();
    let token = Secret::new(Random::hex(tx.store.random(), 32));
    let hash = tx.store.ring().lookup_hash(HashPurpose::UserSession, &token);
    sqlx::query(
        "INSERT INTO user_sessions (id, user_id, token_hash, user_agent, created_at, expires_at, last_seen_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $5)",
    )
    .bind(id)
    .bind(user.0)
    .bind(hash.as_str())
    .bind(user_agent)
    .bind(now.0)
    .bind(now.plus(span).0)
    .execute(tx.conn())
    .await?;
    Ok(token)
}

/// The live session with this token.
pub async fn lookup(db: &mut impl Db, token: &Secret) -> Result<Option<UserSession>, StoreError> {
    let now = db.now();
    for hash in db.store().ring().lookup_hashes(HashPurpose::UserSession, token) {
        let row = sqlx::query(
            "SELECT s.id AS session_id, s.created_at AS session_created_at, s.expires_at, s.last_seen_at, u.id, \
             u.email, u.name, u.password_hash, u.role, u.created_at \
             FROM user_sessions s JOIN users u ON u.id = s.user_id \
             WHERE s.token_hash = $1 AND s.expires_at > $2",
        )
        .bind(hash.as_str())
        .bind(now.0)
        .fetch_optional(db.conn())
        .await?;
        if let Some(row) = row {
            return Ok(Some(UserSession {
                id: UserSessionId(row.int("session_id")?),
                user: users::read(&row)?,
                created_at: row.time("session_created_at")?,
                expires_at: row.time("expires_at")?,
                last_seen_at: row.time("last_seen_at")?,
            }));
        }
    }
    Ok(None)
}

/// Moves the end of a session to `span` from now. False when it is gone.
pub async fn extend(tx: &mut Tx, id: UserSessionId, span: Duration) -> Result<bool, StoreError> {
    let now = tx.now();
    let done = sqlx::query("UPDATE user_sessions SET last_seen_at = $1, expires_at = $2 WHERE id = $3")
        .bind(now.0)
        .bind(now.plus(span).0)
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends a session.
pub async fn delete(tx: &mut Tx, id: UserSessionId) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM user_sessions WHERE id = $1").bind(id.0).execute(tx.conn()).await?;
    tx.changed(Change::Users);
    Ok(done.rows_affected() == 1)
}
