//! Connect sessions: found by the hash of their token, for 30 minutes.

use std::collections::BTreeMap;
use std::time::Duration;

use dovetail_model::{
    ConnectSession, ConnectSessionId, ConnectionRowId, EndUser, EnvironmentId, IntegrationDefaults,
    IntegrationOverrides, OperationId, Secret, SessionPurpose, Tags, Timestamp, UrlOverride,
    limits::CONNECT_SESSION_TTL_MS, new_session_token,
};
use dovetail_vault::{Context, HashPurpose};
use sqlx::any::AnyRow;

use crate::row::{Columns, from_json, to_json};
use crate::{Change, Db, StoreError, Tx, keys};

const TABLE: &str = "connect_sessions";

/// What a new session is made from.
#[derive(Clone, Debug)]
pub struct NewConnectSession {
    /// What it is for.
    pub purpose: SessionPurpose,
    /// Who visits.
    pub end_user: Option<EndUser>,
    /// Tags the connection will get.
    pub tags: Tags,
    /// Keys of the integrations that may be linked; `None` = all.
    pub allowed_integrations: Option<Vec<String>>,
    /// Prefilled or forced values.
    pub defaults: Option<BTreeMap<String, IntegrationDefaults>>,
    /// Other texts or links.
    pub overrides: Option<BTreeMap<String, IntegrationOverrides>>,
    /// The connection's own webhook target.
    pub webhook_url: UrlOverride,
    /// The operation its attempts append to.
    pub operation: Option<OperationId>,
}

/// A new session with its token, which is shown only now.
#[derive(Debug)]
pub struct Created {
    /// The session.
    pub session: ConnectSession,
    /// The token the Connect page acts with.
    pub token: Secret,
}

/// Makes a session.
pub async fn create(
    tx: &mut Tx,
    environment: EnvironmentId,
    new: NewConnectSession,
) -> Result<Created, StoreError> {
    let expires_at = tx.now().plus(Duration::from_millis(CONNECT_SESSION_TTL_MS.unsigned_abs()));
    insert(tx, environment, new, expires_at).await
}

/// Makes a session like another one, with a token of its own. It ends when the other one does.
pub async fn create_beside(tx: &mut Tx, other: &ConnectSession) -> Result<Created, StoreError> {
    let ConnectSession { environment, expires_at, purpose, webhook_url, operation, .. } = other.clone();
    let ConnectSession { end_user, tags, allowed_integrations, defaults, overrides, .. } = other.clone();
    let new = NewConnectSession {
        purpose,
        end_user,
        tags,
        allowed_integrations,
        defaults,
        overrides,
        webhook_url,
        operation,
    };
    insert(tx, environment, new, expires_at).await
}

async fn insert(
    tx: &mut Tx,
    environment: EnvironmentId,
    new: NewConnectSession,
    expires_at: Timestamp,
) -> Result<Created, StoreError> {
    let id = tx.next_id(TABLE).await?;
    let token = new_session_token(tx.store.random());
    let hash = tx.store.ring().lookup_hash(HashPurpose::ConnectSession, &token);
    let sealed = keys::seal(tx, place(id, environment, "token"), token.expose().as_bytes()).await?;
    // Sealed, because defaults may hold an end user's own client secret.
    let defaults = match &new.defaults {
        Some(defaults) => {
            Some(keys::seal(tx, place(id, environment, "defaults"), to_json(defaults).as_bytes()).await?)
        }
        None => None,
    };
    let created_at = tx.now();
    let session = ConnectSession {
        id: ConnectSessionId(id),
        environment,
        purpose: new.purpose,
        end_user: new.end_user,
        tags: new.tags,
        allowed_integrations: new.allowed_integrations.filter(|keys| !keys.is_empty()),
        defaults: new.defaults,
        overrides: new.overrides,
        webhook_url: new.webhook_url,
        operation: new.operation,
        created_at,
        expires_at,
    };
    let webhook_url = match &session.webhook_url {
        UrlOverride::Keep => None,
        UrlOverride::Clear => Some(""),
        UrlOverride::Set(url) => Some(url.as_str()),
    };
    sqlx::query(
        "INSERT INTO connect_sessions (id, environment_id, token_hash, token, connection_row, end_user, tags, \
         allowed_integrations, defaults, overrides, webhook_url, operation_id, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(id)
    .bind(environment.0)
    .bind(hash.as_str())
    .bind(sealed.into_bytes())
    .bind(session.reconnects().map(|connection| connection.0))
    .bind(session.end_user.as_ref().map(to_json))
    .bind(to_json(&session.tags))
    .bind(session.allowed_integrations.as_ref().map(to_json))
    .bind(defaults.map(dovetail_vault::Sealed::into_bytes))
    .bind(session.overrides.as_ref().map(to_json))
    .bind(webhook_url)
    .bind(session.operation.as_ref().map(OperationId::as_str))
    .bind(created_at.0)
    .bind(expires_at.0)
    .execute(tx.conn())
    .await?;
    Ok(Created { session, token })
}

/// The live session with this token. Expired ones, and those of deleted environments, are not found.
pub async fn lookup(db: &mut impl Db, token: &Secret) -> Result<Option<ConnectSession>, StoreError> {
    let now = db.now();
    for hash in db.store().ring().lookup_hashes(HashPurpose::ConnectSession, token) {
        let row = sqlx::query(
            "SELECT id, environment_id, connection_row, end_user, tags, allowed_integrations, defaults, overrides, \
             webhook_url, operation_id, created_at, expires_at FROM connect_sessions \
             WHERE token_hash = $1 AND expires_at > $2",
        )
        .bind(hash.as_str())
        .bind(now.0)
        .fetch_optional(db.conn())
        .await?;
        if let Some(row) = row {
            return read(db, &row).await.map(Some);
        }
    }
    Ok(None)
}

/// A session by its row, also when its time is over: a flow that it began may end later. Deleted ones are not found.
pub async fn by_id(
    db: &mut impl Db,
    environment: EnvironmentId,
    id: ConnectSessionId,
) -> Result<Option<ConnectSession>, StoreError> {
    let row = sqlx::query(
        "SELECT id, environment_id, connection_row, end_user, tags, allowed_integrations, defaults, overrides, \
         webhook_url, operation_id, created_at, expires_at FROM connect_sessions \
         WHERE id = $1 AND environment_id = $2",
    )
    .bind(id.0)
    .bind(environment.0)
    .fetch_optional(db.conn())
    .await?;
    match row {
        Some(row) => read(db, &row).await.map(Some),
        None => Ok(None),
    }
}

/// Ends a session. False when it is gone already.
pub async fn delete(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectSessionId,
) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM connect_sessions WHERE id = $1 AND environment_id = $2")
        .bind(id.0)
        .bind(environment.0)
        .execute(tx.conn())
        .await?;
    tx.changed(Change::ConnectSession { session: id });
    Ok(done.rows_affected() == 1)
}

fn place(row: i64, environment: EnvironmentId, column: &'static str) -> Context {
    Context { table: TABLE, row, column, environment }
}

async fn read(db: &mut impl Db, row: &AnyRow) -> Result<ConnectSession, StoreError> {
    let id = row.int("id")?;
    let environment = EnvironmentId(row.int("environment_id")?);
    let purpose = match row.opt_int("connection_row")? {
        None => SessionPurpose::Connect,
        Some(connection) => SessionPurpose::Reconnect { connection: ConnectionRowId(connection) },
    };
    let defaults = match row.opt_sealed("defaults")? {
        None => None,
        Some(sealed) => {
            let opened = keys::open(db, place(id, environment, "defaults"), &sealed).await?;
            let text = std::str::from_utf8(&opened).unwrap_or_default();
            Some(from_json(TABLE, id, "defaults", text)?)
        }
    };
    let operation = row.opt_text("operation_id")?.map(|text| text.parse()).transpose();
    Ok(ConnectSession {
        id: ConnectSessionId(id),
        environment,
        purpose,
        end_user: json_column(row, id, "end_user")?,
        tags: from_json(TABLE, id, "tags", &row.text("tags")?)?,
        allowed_integrations: json_column(row, id, "allowed_integrations")?,
        defaults,
        overrides: json_column(row, id, "overrides")?,
        webhook_url: UrlOverride::from_field(row.opt_text("webhook_url")?),
        operation: operation.map_err(|_| StoreError::inconsistent(TABLE, id, "operation_id"))?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}

fn json_column<T: serde::de::DeserializeOwned>(
    row: &AnyRow,
    id: i64,
    column: &str,
) -> Result<Option<T>, StoreError> {
    row.opt_text(column)?.map(|text| from_json(TABLE, id, column, &text)).transpose()
}
