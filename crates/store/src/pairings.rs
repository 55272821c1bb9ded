//! Codes that pair a device without a browser with the browser of another device. A session has one at most. The
//! browser that brings the code gets a session of its own, made after the first and ending with it.

use std::time::Duration;

use dovetail_model::{ConnectSession, ConnectSessionId, EnvironmentId, Secret, Timestamp};
use dovetail_vault::HashPurpose;
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::row::{Columns, from_json, to_json};
use crate::{Db, StoreError, Tx, connect_sessions};

const TABLE: &str = "pairings";

/// A pairing as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairing {
    /// The session of the device that shows the code.
    pub session: ConnectSessionId,
    /// Where.
    pub environment: EnvironmentId,
    /// What the device calls itself: its own word.
    pub client_name: Option<String>,
    /// The session of the browser that brought the code.
    pub visitor: Option<ConnectSessionId>,
    /// When somebody said that they had not asked for it.
    pub refused_at: Option<Timestamp>,
    /// What came of it, as whoever ended it wrote it.
    pub outcome: Option<Value>,
    /// When the code was made.
    pub created_at: Timestamp,
    /// Until when the code can be brought.
    pub expires_at: Timestamp,
}

/// Gives a session a code that lives for `lifetime`, and never longer than the session. A code that it had before
/// ends, and with it the session of the browser that brought it.
pub async fn begin(
    tx: &mut Tx,
    session: &ConnectSession,
    code: &Secret,
    client_name: Option<&str>,
    lifetime: Duration,
) -> Result<Pairing, StoreError> {
    end(tx, session.environment, session.id).await?;
    let hash = tx.store.ring().lookup_hash(HashPurpose::PairingCode, code);
    let created_at = tx.now();
    let expires_at = created_at.plus(lifetime).min(session.expires_at);
    sqlx::query(
        "INSERT INTO pairings (session_id, environment_id, code_hash, client_name, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(session.id.0)
    .bind(session.environment.0)
    .bind(hash.as_str())
    .bind(client_name)
    .bind(created_at.0)
    .bind(expires_at.0)
    .execute(tx.conn())
    .await?;
    Ok(Pairing {
        session: session.id,
        environment: session.environment,
        client_name: client_name.map(str::to_owned),
        visitor: None,
        refused_at: None,
        outcome: None,
        created_at,
        expires_at,
    })
}

/// Ends the pairing of a session, and the session of the browser that brought its code.
pub async fn end(
    tx: &mut Tx,
    environment: EnvironmentId,
    session: ConnectSessionId,
) -> Result<(), StoreError> {
    if let Some(Pairing { visitor: Some(visitor), .. }) = of_session(tx, environment, session).await? {
        connect_sessions::delete(tx, environment, visitor).await?;
    }
    sqlx::query("DELETE FROM pairings WHERE session_id = $1 AND environment_id = $2")
        .bind(session.0)
        .bind(environment.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The pairing whose code this is, while nobody has brought it and its time is not over. The code is all that a
/// visitor brings: the environment is that of the row.
pub async fn by_code(db: &mut impl Db, code: &Secret) -> Result<Option<Pairing>, StoreError> {
    let now = db.now();
    for hash in db.store().ring().lookup_hashes(HashPurpose::PairingCode, code) {
        let row = sqlx::query(
            "SELECT session_id, environment_id, client_name, visitor_session_id, refused_at, outcome, created_at, \
             expires_at FROM pairings WHERE code_hash = $1 AND expires_at > $2",
        )
        .bind(hash.as_str())
        .bind(now.0)
        .fetch_optional(db.conn())
        .await?;
        if let Some(row) = row {
            return read(&row).map(Some);
        }
    }
    Ok(None)
}

/// How the pairing of a session stands.
pub async fn of_session(
    db: &mut impl Db,
    environment: EnvironmentId,
    session: ConnectSessionId,
) -> Result<Option<Pairing>, StoreError> {
    let row = sqlx::query(
        "SELECT session_id, environment_id, client_name, visitor_session_id, refused_at, outcome, created_at, \
         expires_at FROM pairings WHERE session_id = $1 AND environment_id = $2",
    )
    .bind(session.0)
    .bind(environment.0)
    .fetch_optional(db.conn())
    .await?;
    row.as_ref().map(read).transpose()
}

/// Uses the code for the browser that brought it. False when somebody else was first: roll back then.
pub async fn confirm(tx: &mut Tx, pairing: &Pairing, visitor: ConnectSessionId) -> Result<bool, StoreError> {
    let now = tx.now();
    let done = sqlx::query(
        "UPDATE pairings SET code_hash = NULL, visitor_session_id = $1 \
         WHERE session_id = $2 AND environment_id = $3 AND created_at = $4 AND code_hash IS NOT NULL \
         AND expires_at > $5",
    )
    .bind(visitor.0)
    .bind(pairing.session.0)
    .bind(pairing.environment.0)
    .bind(pairing.created_at.0)
    .bind(now.0)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the code because whoever read it had not asked for it. False when it was used meanwhile.
pub async fn refuse(tx: &mut Tx, pairing: &Pairing) -> Result<bool, StoreError> {
    let now = tx.now();
    let done = sqlx::query(
        "UPDATE pairings SET code_hash = NULL, refused_at = $1 \
         WHERE session_id = $2 AND environment_id = $3 AND created_at = $4 AND code_hash IS NOT NULL",
    )
    .bind(now.0)
    .bind(pairing.session.0)
    .bind(pairing.environment.0)
    .bind(pairing.created_at.0)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A session has linked an account: if it is that of a browser that brought a code, the device hears of it. The first
/// account counts: the device asks no further.
pub async fn linked(
    tx: &mut Tx,
    environment: EnvironmentId,
    visitor: ConnectSessionId,
    outcome: &Value,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE pairings SET outcome = $1 WHERE visitor_session_id = $2 AND environment_id = $3 AND outcome IS NULL",
    )
    .bind(to_json(outcome))
    .bind(visitor.0)
    .bind(environment.0)
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Pairing, StoreError> {
    let id = row.int("session_id")?;
    Ok(Pairing {
        session: ConnectSessionId(id),
        environment: EnvironmentId(row.int("environment_id")?),
        client_name: row.opt_text("client_name")?,
        visitor: row.opt_int("visitor_session_id")?.map(ConnectSessionId),
        refused_at: row.opt_time("refused_at")?,
        outcome: row.opt_text("outcome")?.map(|text| from_json(TABLE, id, "outcome", &text)).transpose()?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}
