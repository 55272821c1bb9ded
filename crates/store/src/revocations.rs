//! Revocations: services that are to be told that a connection was deleted. A row is made in the transaction that
//! deletes the connection, and keeps, sealed, what is needed to tell; it is wiped when the row ends.

use std::time::Duration;

use dovetail_model::{ConnectionRowId, EnvironmentId, IntegrationId, OperationId, RevocationId, Timestamp};
use dovetail_vault::Context;
use sqlx::AssertSqlSafe;
use zeroize::Zeroizing;

use crate::row::Columns;
use crate::{Db, StoreError, Tx, keys};

const TABLE: &str = "revocations";

/// A service that is to be told.
#[derive(Debug)]
pub struct NewRevocation<'a> {
    /// The integration, with its client.
    pub integration: IntegrationId,
    /// The connection that was deleted.
    pub connection: ConnectionRowId,
    /// The operation that attempts are logged under.
    pub operation: &'a OperationId,
    /// What is needed to tell.
    pub material: &'a [u8],
}

/// A service that a worker has to tell now.
#[derive(Debug)]
pub struct Revocation {
    /// Row id.
    pub id: RevocationId,
    /// Where.
    pub environment: EnvironmentId,
    /// The integration, with its client.
    pub integration: IntegrationId,
    /// The connection that was deleted.
    pub connection: ConnectionRowId,
    /// The operation that attempts are logged under.
    pub operation: OperationId,
    /// Attempts before this one.
    pub attempts: i64,
    /// What is needed to tell.
    pub material: Zeroizing<Vec<u8>>,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The service knows.
    Done,
    /// Try again then.
    Retry {
        /// Not before.
        at: Timestamp,
    },
    /// Give up.
    GivenUp,
}

/// Queues a revocation, due at once.
pub async fn enqueue(
    tx: &mut Tx,
    environment: EnvironmentId,
    new: NewRevocation<'_>,
) -> Result<RevocationId, StoreError> {
    let id = tx.next_id(TABLE).await?;
    let material = keys::seal(tx, place(id, environment), new.material).await?;
    let now = tx.now().0;
    sqlx::query(
        "INSERT INTO revocations (id, environment_id, integration_id, connection_row, operation_id, material, \
         attempts, next_attempt_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7)",
    )
    .bind(id)
    .bind(environment.0)
    .bind(new.integration.0)
    .bind(new.connection.0)
    .bind(new.operation.as_str())
    .bind(material.into_bytes())
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(RevocationId(id))
}

/// Whether any is due.
pub async fn any_due(db: &mut impl Db) -> Result<bool, StoreError> {
    let now = db.now().0;
    let row = sqlx::query("SELECT id FROM revocations WHERE next_attempt_at <= $1 LIMIT 1")
        .bind(now)
        .fetch_optional(db.conn())
        .await?;
    Ok(row.is_some())
}

/// Takes up to `limit` due revocations for `span`; a worker that dies leaves them to be due again.
pub async fn claim_due(tx: &mut Tx, limit: i64, span: Duration) -> Result<Vec<Revocation>, StoreError> {
    let now = tx.now();
    let sql = format!(
        "UPDATE revocations SET next_attempt_at = $1, attempts = attempts + 1 WHERE id IN (\
         SELECT id FROM revocations WHERE next_attempt_at <= $2 ORDER BY next_attempt_at, id LIMIT $3{}) \
         RETURNING id, environment_id, integration_id, connection_row, operation_id, attempts, material",
        tx.store.dialect().skip_locked(),
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(now.plus(span).0)
        .bind(now.0)
        .bind(limit)
        .fetch_all(tx.conn())
        .await?;
    let mut claimed = Vec::with_capacity(rows.len());
    for row in &rows {
        let (id, environment) = (row.int("id")?, EnvironmentId(row.int("environment_id")?));
        let operation = row.text("operation_id")?;
        claimed.push(Revocation {
            id: RevocationId(id),
            environment,
            integration: IntegrationId(row.int("integration_id")?),
            connection: ConnectionRowId(row.int("connection_row")?),
            operation: operation.parse().map_err(|_| StoreError::inconsistent(TABLE, id, "operation_id"))?,
            attempts: row.int("attempts")? - 1,
            material: keys::open(tx, place(id, environment), &row.sealed("material")?).await?,
        });
    }
    Ok(claimed)
}

/// Says what came of an attempt.
pub async fn finish(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: RevocationId,
    outcome: Outcome,
) -> Result<(), StoreError> {
    let (word, next) = match outcome {
        Outcome::Done => (Some("done"), None),
        Outcome::GivenUp => (Some("given_up"), None),
        Outcome::Retry { at } => (None, Some(at.0)),
    };
    sqlx::query(
        "UPDATE revocations SET next_attempt_at = $1, outcome = $2, \
         ended_at = CASE WHEN $2 IS NULL THEN NULL ELSE $3 END, \
         material = CASE WHEN $2 IS NULL THEN material ELSE NULL END \
         WHERE id = $4 AND environment_id = $5",
    )
    .bind(next)
    .bind(word)
    .bind(tx.now().0)
    .bind(id.0)
    .bind(environment.0)
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn place(id: i64, environment: EnvironmentId) -> Context {
    Context { table: TABLE, row: id, column: "material", environment }
}
