//! Workers take due webhooks, and say what came of them.

use std::time::Duration;

use dovetail_model::{ConnectionRowId, DeliveryState, OperationId, Timestamp};
use sqlx::AssertSqlSafe;

use super::{Delivery, TABLE, columns, read};
use crate::row::Columns;
use crate::{Change, Db, StoreError, Tx};

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The target took it.
    Delivered,
    /// Try again then.
    Retry {
        /// Not before.
        at: Timestamp,
    },
    /// Give up.
    Dead {
        /// Why, in a sentence without secrets.
        reason: String,
    },
}

/// Takes up to `limit` due webhooks for `span`. Workers of this and other replicas never get the same one
/// before the lease ends. Ended leases are taken over: a worker that died loses nothing.
pub async fn lease_due(tx: &mut Tx, limit: i64, span: Duration) -> Result<Vec<Delivery>, StoreError> {
    let now = tx.now();
    let sql = format!(
        "UPDATE outbox SET lease_until = $1, lease_token = lease_token + 1 WHERE id IN (\
         SELECT id FROM outbox WHERE next_attempt_at <= $2 AND (lease_until IS NULL OR lease_until <= $2) \
         ORDER BY next_attempt_at, id LIMIT $3{}) RETURNING {}",
        tx.store.dialect().skip_locked(),
        columns!()
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(now.plus(span).0)
        .bind(now.0)
        .bind(limit)
        .fetch_all(tx.conn())
        .await?;
    let mut leased = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    leased.sort_by_key(|delivery| delivery.id);
    Ok(leased)
}

/// Gives a leased delivery back untried, due then: its target has enough under way. False when the lease had
/// ended and another worker took over.
pub async fn postpone(tx: &mut Tx, delivery: &Delivery, until: Timestamp) -> Result<bool, StoreError> {
    let DeliveryState::Leased { token, .. } = delivery.state else {
        return Err(StoreError::inconsistent(TABLE, delivery.id, "postponed without a lease"));
    };
    let sql = "UPDATE outbox SET lease_until = NULL, next_attempt_at = $1 WHERE id = $2 AND lease_token = $3";
    let done = sqlx::query(sql).bind(until.0).bind(delivery.id.0).bind(token).execute(tx.conn()).await?;
    Ok(done.rows_affected() == 1)
}

/// Moves the first attempt of the webhooks that tell of one connection under one operation: what they tell of is not
/// complete yet, or now it is. Those that a worker has in hand, or has tried, stay as they are.
pub async fn reschedule(
    tx: &mut Tx,
    connection: ConnectionRowId,
    operation: &OperationId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE outbox SET next_attempt_at = $1 WHERE connection_row = $2 AND operation_id = $3 \
         AND attempts = 0 AND next_attempt_at IS NOT NULL AND lease_until IS NULL",
    )
    .bind(at.0)
    .bind(connection.0)
    .bind(operation.as_str())
    .execute(tx.conn())
    .await?;
    tx.changed(Change::Outbox);
    Ok(())
}

/// When the next webhook is due that no worker has in hand; `None` when none is queued.
pub async fn next_due(db: &mut impl Db) -> Result<Option<Timestamp>, StoreError> {
    let row = sqlx::query(
        "SELECT MIN(CASE WHEN lease_until > next_attempt_at THEN lease_until ELSE next_attempt_at END) AS due \
         FROM outbox WHERE next_attempt_at IS NOT NULL",
    )
    .fetch_one(db.conn())
    .await?;
    row.opt_time("due")
}

/// Ends the lease of a delivery and writes its attempt down. False when the lease had ended and another
/// worker took over: then its word counts.
pub async fn complete(
    tx: &mut Tx,
    delivery: &Delivery,
    attempt: &super::AttemptRecord,
    outcome: &Outcome,
) -> Result<bool, StoreError> {
    let DeliveryState::Leased { token, .. } = delivery.state else {
        return Err(StoreError::inconsistent(TABLE, delivery.id, "completed without a lease"));
    };
    let now = tx.now().0;
    let (next, delivered, dead, reason) = match outcome {
        Outcome::Delivered => (None, Some(now), None, None),
        Outcome::Retry { at } => (Some(at.0), None, None, None),
        Outcome::Dead { reason } => (None, None, Some(now), Some(reason.as_str())),
    };
    let done = sqlx::query(
        "UPDATE outbox SET attempts = attempts + 1, lease_until = NULL, next_attempt_at = $1, \
         delivered_at = $2, dead_at = $3, dead_reason = $4 WHERE id = $5 AND lease_token = $6",
    )
    .bind(next)
    .bind(delivered)
    .bind(dead)
    .bind(reason)
    .bind(delivery.id.0)
    .bind(token)
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    let id = tx.next_id("delivery_attempts").await?;
    sqlx::query(
        "INSERT INTO delivery_attempts (id, outbox_id, started_at, duration_ms, status, error, answer) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(delivery.id.0)
    .bind(attempt.started_at.0)
    .bind(i64::try_from(attempt.took.as_millis()).unwrap_or(i64::MAX))
    .bind(attempt.status.map(i64::from))
    .bind(attempt.error.as_deref())
    .bind(attempt.answer.as_deref())
    .execute(tx.conn())
    .await?;
    tx.changed(Change::Outbox);
    Ok(true)
}
