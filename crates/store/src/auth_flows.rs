//! Attempts to link an account through a provider's own pages. A row is found by the hash of its `state`, is used
//! once, and keeps what came of the attempt for whoever asks: the socket of any replica, or a poll.

use std::time::Duration;

use dovetail_model::{
    AuthFlowId, ConnectSessionId, EnvironmentId, IntegrationId, OperationId, Secret, Timestamp,
};
use dovetail_vault::{Context, HashPurpose};
use serde_json::Value;
use sqlx::any::AnyRow;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::row::{Columns, from_json, to_json};
use crate::{Change, Db, StoreError, Tx, keys};

const TABLE: &str = "auth_flows";

/// What a flow is begun with.
#[derive(Debug)]
pub struct NewAuthFlow<'a> {
    /// The connect session that it belongs to.
    pub session: ConnectSessionId,
    /// The name by which its browser asks for the outcome: the id of its socket.
    pub attempt: Option<Uuid>,
    /// The `state` parameter, at least 128 random bits.
    pub state: &'a Secret,
    /// The value of the cookie that the browser has to bring along; `None` where the product receives the callback.
    pub binding: Option<&'a Secret>,
    /// What is to be linked.
    pub integration: IntegrationId,
    /// Public id of the connection to come, or to be linked again.
    pub connection_id: &'a str,
    /// The operation that it is logged under.
    pub operation: &'a OperationId,
    /// Where the browser goes afterwards, when there is no page that waits.
    pub return_url: Option<&'a str>,
    /// What the callback needs: sealed, and wiped when it is taken.
    pub progress: &'a [u8],
    /// How long the flow can be finished.
    pub lifetime: Duration,
}

/// A flow as it is stored.
#[derive(Clone, Debug)]
pub struct AuthFlow {
    /// Row id.
    pub id: AuthFlowId,
    /// Where.
    pub environment: EnvironmentId,
    /// The connect session that it belongs to.
    pub session: ConnectSessionId,
    /// The name by which its browser asks for the outcome.
    pub attempt: Option<Uuid>,
    /// What is to be linked.
    pub integration: IntegrationId,
    /// Public id of the connection.
    pub connection_id: String,
    /// The operation that it is logged under.
    pub operation: OperationId,
    /// Where the browser goes afterwards.
    pub return_url: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// Until when it can be finished.
    pub expires_at: Timestamp,
    /// When its state was used.
    pub taken_at: Option<Timestamp>,
    binding_hash: Option<String>,
}

/// What is known of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Where.
    pub environment: EnvironmentId,
    /// The connect session that it belongs to.
    pub session: ConnectSessionId,
    /// What came of it, as whoever ended it wrote it; `None` while it is under way.
    pub outcome: Option<Value>,
}

/// Begins a flow.
pub async fn begin(
    tx: &mut Tx,
    environment: EnvironmentId,
    new: NewAuthFlow<'_>,
) -> Result<AuthFlowId, StoreError> {
    let id = tx.next_id(TABLE).await?;
    let ring = tx.store.ring();
    let state = ring.lookup_hash(HashPurpose::AuthState, new.state);
    let binding = new.binding.map(|binding| ring.lookup_hash(HashPurpose::AuthBinding, binding));
    let progress = keys::seal(tx, place(id, environment), new.progress).await?;
    let now = tx.now();
    sqlx::query(
        "INSERT INTO auth_flows (id, environment_id, session_id, attempt, state_hash, binding_hash, integration_id, \
         connection_id, operation_id, return_url, progress, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(id)
    .bind(environment.0)
    .bind(new.session.0)
    .bind(new.attempt.map(|attempt| attempt.to_string()))
    .bind(state.as_str())
    .bind(binding.as_ref().map(|hash| hash.as_str()))
    .bind(new.integration.0)
    .bind(new.connection_id)
    .bind(new.operation.as_str())
    .bind(new.return_url)
    .bind(progress.into_bytes())
    .bind(now.0)
    .bind(now.plus(new.lifetime).0)
    .execute(tx.conn())
    .await?;
    Ok(AuthFlowId(id))
}

/// The flow with this `state`, whether it was used already or not. The state is all that a callback brings: the
/// environment is that of the row.
pub async fn by_state(db: &mut impl Db, state: &Secret) -> Result<Option<AuthFlow>, StoreError> {
    for hash in db.store().ring().lookup_hashes(HashPurpose::AuthState, state) {
        let row = sqlx::query(
            "SELECT id, environment_id, session_id, attempt, binding_hash, integration_id, connection_id, \
             operation_id, return_url, created_at, expires_at, taken_at FROM auth_flows WHERE state_hash = $1",
        )
        .bind(hash.as_str())
        .fetch_optional(db.conn())
        .await?;
        if let Some(row) = row {
            return read(&row).map(Some);
        }
    }
    Ok(None)
}

/// Uses the flow's state: opens what the callback needs and wipes it. `None` when another callback was first, or
/// when its time is over. Commit before the code is redeemed: a state that was seen is gone.
pub async fn take(
    tx: &mut Tx,
    environment: EnvironmentId,
    flow: AuthFlowId,
) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    let now = tx.now();
    let row = sqlx::query("SELECT progress FROM auth_flows WHERE id = $1 AND environment_id = $2")
        .bind(flow.0)
        .bind(environment.0)
        .fetch_optional(tx.conn())
        .await?;
    let Some(sealed) = row.map(|row| row.opt_sealed("progress")).transpose()?.flatten() else {
        return Ok(None);
    };
    let done = sqlx::query(
        "UPDATE auth_flows SET taken_at = $1, progress = NULL \
         WHERE id = $2 AND environment_id = $3 AND taken_at IS NULL AND expires_at > $1",
    )
    .bind(now.0)
    .bind(flow.0)
    .bind(environment.0)
    .execute(tx.conn())
    .await?;
    if done.rows_affected() != 1 {
        return Ok(None);
    }
    keys::open(tx, place(flow.0, environment), &sealed).await.map(Some)
}

/// Writes down what came of a flow, once: a later word changes nothing. Whoever waits is told at commit.
pub async fn end(
    tx: &mut Tx,
    environment: EnvironmentId,
    flow: AuthFlowId,
    attempt: Option<Uuid>,
    outcome: &Value,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query(
        "UPDATE auth_flows SET outcome = $1, ended_at = $2 \
         WHERE id = $3 AND environment_id = $4 AND ended_at IS NULL",
    )
    .bind(to_json(outcome))
    .bind(now.0)
    .bind(flow.0)
    .bind(environment.0)
    .execute(tx.conn())
    .await?;
    if let Some(attempt) = attempt {
        tx.changed(Change::Attempt { attempt });
    }
    Ok(())
}

/// Writes down what has gone wrong with a flow that can still be finished, and tells whoever waits: [`end`] has the
/// last word.
pub async fn note(
    tx: &mut Tx,
    environment: EnvironmentId,
    flow: &AuthFlow,
    outcome: &Value,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE auth_flows SET outcome = $1 WHERE id = $2 AND environment_id = $3 AND ended_at IS NULL",
    )
    .bind(to_json(outcome))
    .bind(flow.id.0)
    .bind(environment.0)
    .execute(tx.conn())
    .await?;
    if let Some(attempt) = flow.attempt {
        tx.changed(Change::Attempt { attempt });
    }
    Ok(())
}

/// What came of a flow that was used already; `None` while that is under way.
pub async fn outcome(
    db: &mut impl Db,
    environment: EnvironmentId,
    flow: AuthFlowId,
) -> Result<Option<Value>, StoreError> {
    let row = sqlx::query(
        "SELECT outcome FROM auth_flows WHERE id = $1 AND environment_id = $2 AND ended_at IS NOT NULL",
    )
    .bind(flow.0)
    .bind(environment.0)
    .fetch_optional(db.conn())
    .await?;
    let Some(text) = row.map(|row| row.opt_text("outcome")).transpose()?.flatten() else { return Ok(None) };
    from_json(TABLE, flow.0, "outcome", &text).map(Some)
}

/// Writes down an attempt that failed before the browser was sent anywhere.
pub async fn refuse(
    tx: &mut Tx,
    environment: EnvironmentId,
    session: ConnectSessionId,
    attempt: Uuid,
    outcome: &Value,
    lifetime: Duration,
) -> Result<(), StoreError> {
    let id = tx.next_id(TABLE).await?;
    let now = tx.now();
    sqlx::query(
        "INSERT INTO auth_flows (id, environment_id, session_id, attempt, outcome, created_at, expires_at, ended_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $6)",
    )
    .bind(id)
    .bind(environment.0)
    .bind(session.0)
    .bind(attempt.to_string())
    .bind(to_json(outcome))
    .bind(now.0)
    .bind(now.plus(lifetime).0)
    .execute(tx.conn())
    .await?;
    tx.changed(Change::Attempt { attempt });
    Ok(())
}

/// What is known of the newest flow of an attempt. Its name is a secret of the browser's: who knows it may ask, after
/// comparing the session where the caller has one.
pub async fn attempt(db: &mut impl Db, attempt: Uuid) -> Result<Option<Attempt>, StoreError> {
    let row = sqlx::query(
        "SELECT id, environment_id, session_id, outcome FROM auth_flows WHERE attempt = $1 ORDER BY id DESC LIMIT 1",
    )
    .bind(attempt.to_string())
    .fetch_optional(db.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let id = row.int("id")?;
    let outcome = row.opt_text("outcome")?.map(|text| from_json(TABLE, id, "outcome", &text)).transpose()?;
    Ok(Some(Attempt {
        environment: EnvironmentId(row.int("environment_id")?),
        session: ConnectSessionId(row.int("session_id")?),
        outcome,
    }))
}

impl AuthFlow {
    /// Whether a browser has to prove that it began the flow.
    pub const fn is_bound(&self) -> bool {
        self.binding_hash.is_some()
    }

    /// Whether this cookie is that of the browser which began the flow.
    pub fn began_with(&self, db: &impl Db, cookie: &Secret) -> bool {
        let hashes = db.store().ring().lookup_hashes(HashPurpose::AuthBinding, cookie);
        hashes.iter().any(|hash| self.binding_hash.as_deref() == Some(hash.as_str()))
    }
}

fn read(row: &AnyRow) -> Result<AuthFlow, StoreError> {
    let id = row.int("id")?;
    let broken = |column: &'static str| StoreError::inconsistent(TABLE, id, column);
    Ok(AuthFlow {
        id: AuthFlowId(id),
        environment: EnvironmentId(row.int("environment_id")?),
        session: ConnectSessionId(row.int("session_id")?),
        attempt: row
            .opt_text("attempt")?
            .map(|text| text.parse())
            .transpose()
            .map_err(|_| broken("attempt"))?,
        integration: IntegrationId(row.int("integration_id")?),
        connection_id: row.text("connection_id")?,
        operation: row.text("operation_id")?.parse().map_err(|_| broken("operation_id"))?,
        return_url: row.opt_text("return_url")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        taken_at: row.opt_time("taken_at")?,
        binding_hash: row.opt_text("binding_hash")?,
    })
}

fn place(row: i64, environment: EnvironmentId) -> Context {
    Context { table: TABLE, row, column: "progress", environment }
}
