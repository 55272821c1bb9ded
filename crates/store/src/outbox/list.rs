//! The delivery log, and sending again.

use std::time::Duration;

use dovetail_model::{EnvironmentId, OutboxId, Timestamp};

use super::{Delivery, TABLE, columns, read};
use crate::row::Columns;
use crate::sql::Statement;
use crate::{Change, Db, StoreError, Tx};

/// One attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRecord {
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, to the millisecond.
    pub took: Duration,
    /// The target's status; `None` when it did not answer.
    pub status: Option<u16>,
    /// Why it did not answer, in a sentence without secrets.
    pub error: Option<String>,
    /// The beginning of its answer.
    pub answer: Option<String>,
}

/// Which deliveries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// Those on their way.
    Open,
    /// Those that arrived.
    Delivered,
    /// Those that were given up.
    Dead,
}

/// Deliveries of an environment, newest first, older than `before`.
pub async fn list(
    db: &mut impl Db,
    environment: EnvironmentId,
    filter: Filter,
    before: Option<OutboxId>,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    let mut statement = Statement::new(concat!("SELECT ", columns!(), " FROM outbox WHERE 1 = 1"));
    statement.and_int("environment_id =", environment.0)?;
    match filter {
        Filter::All => {}
        Filter::Open => statement.and("next_attempt_at IS NOT NULL"),
        Filter::Delivered => statement.and("delivered_at IS NOT NULL"),
        Filter::Dead => statement.and("dead_at IS NOT NULL"),
    }
    if let Some(before) = before {
        statement.and_int("id <", before.0)?;
    }
    let limit = statement.int(limit)?;
    statement.push(&format!(" ORDER BY id DESC LIMIT {limit}"));
    statement.query().fetch_all(db.conn()).await?.iter().map(read).collect()
}

/// One delivery.
pub async fn get(
    db: &mut impl Db,
    environment: EnvironmentId,
    id: OutboxId,
) -> Result<Option<Delivery>, StoreError> {
    let row =
        sqlx::query(concat!("SELECT ", columns!(), " FROM outbox WHERE environment_id = $1 AND id = $2"))
            .bind(environment.0)
            .bind(id.0)
            .fetch_optional(db.conn())
            .await?;
    row.as_ref().map(read).transpose()
}

/// The attempts of a delivery, oldest first.
pub async fn attempts(
    db: &mut impl Db,
    environment: EnvironmentId,
    id: OutboxId,
) -> Result<Vec<AttemptRecord>, StoreError> {
    let rows = sqlx::query(
        "SELECT a.id, a.started_at, a.duration_ms, a.status, a.error, a.answer FROM delivery_attempts a \
         JOIN outbox o ON o.id = a.outbox_id WHERE o.environment_id = $1 AND o.id = $2 ORDER BY a.id",
    )
    .bind(environment.0)
    .bind(id.0)
    .fetch_all(db.conn())
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
        let status = row.opt_int("status")?.map(u16::try_from).transpose();
        Ok(AttemptRecord {
            started_at: row.time("started_at")?,
            took: Duration::from_millis(row.int("duration_ms")?.unsigned_abs()),
            status: status.map_err(|_| StoreError::inconsistent(TABLE, id, "status of an attempt"))?,
            error: row.opt_text("error")?,
            answer: row.opt_text("answer")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Queues a delivery again, whatever became of it; the count of attempts begins anew. False when there is
/// none, or a worker has it in hand.
pub async fn replay(tx: &mut Tx, environment: EnvironmentId, id: OutboxId) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let done = sqlx::query(
        "UPDATE outbox SET attempts = 0, next_attempt_at = $1, lease_until = NULL, delivered_at = NULL, \
         dead_at = NULL, dead_reason = NULL WHERE environment_id = $2 AND id = $3 \
         AND (lease_until IS NULL OR lease_until <= $1)",
    )
    .bind(now)
    .bind(environment.0)
    .bind(id.0)
    .execute(tx.conn())
    .await?;
    tx.changed(Change::Outbox);
    Ok(done.rows_affected() == 1)
}
