//! Deleting what nobody needs any more, in small steps.

use dovetail_model::Timestamp;

use crate::limits::{
    DELIVERED_RETENTION, FLOW_RETENTION, OPERATION_RETENTION, PURGE_BATCH, SESSION_RETENTION,
};
use crate::{Db, Store, StoreError};

/// What one purge deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Connect sessions.
    pub connect_sessions: u64,
    /// Attempts to link an account.
    pub auth_flows: u64,
    /// Codes that paired a device with a browser, or were meant to.
    pub pairings: u64,
    /// Services that were told of a deletion, or will not be.
    pub revocations: u64,
    /// Sessions of the dashboard.
    pub user_sessions: u64,
    /// Operations, with their messages.
    pub operations: u64,
    /// Delivered webhooks, with their attempts.
    pub deliveries: u64,
}

/// Deletes old connect sessions, ended dashboard sessions, old operations and webhooks delivered long ago.
/// Each step is its own short transaction. Safe to run on several replicas at once.
pub async fn run(store: &Store) -> Result<Purged, StoreError> {
    let now = store.clock().now();
    Ok(Purged {
        connect_sessions: batches(
            store,
            "DELETE FROM connect_sessions WHERE id IN \
             (SELECT id FROM connect_sessions WHERE expires_at <= $1 LIMIT $2)",
            now.minus(SESSION_RETENTION),
        )
        .await?,
        auth_flows: batches(
            store,
            "DELETE FROM auth_flows WHERE id IN (SELECT id FROM auth_flows WHERE expires_at <= $1 LIMIT $2)",
            now.minus(FLOW_RETENTION),
        )
        .await?,
        pairings: batches(
            store,
            "DELETE FROM pairings WHERE session_id IN \
             (SELECT session_id FROM pairings WHERE expires_at <= $1 LIMIT $2)",
            now.minus(FLOW_RETENTION),
        )
        .await?,
        revocations: batches(
            store,
            "DELETE FROM revocations WHERE id IN (SELECT id FROM revocations WHERE ended_at <= $1 LIMIT $2)",
            now.minus(OPERATION_RETENTION),
        )
        .await?,
        user_sessions: batches(
            store,
            "DELETE FROM user_sessions WHERE id IN \
             (SELECT id FROM user_sessions WHERE expires_at <= $1 LIMIT $2)",
            now,
        )
        .await?,
        operations: batches(
            store,
            "DELETE FROM operations WHERE id IN (SELECT id FROM operations WHERE created_at <= $1 LIMIT $2)",
            now.minus(OPERATION_RETENTION),
        )
        .await?,
        deliveries: batches(
            store,
            "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE delivered_at <= $1 LIMIT $2)",
            now.minus(DELIVERED_RETENTION),
        )
        .await?,
    })
}

async fn batches(store: &Store, sql: &'static str, until: Timestamp) -> Result<u64, StoreError> {
    let mut total = 0;
    loop {
        let mut tx = store.begin().await?;
        let done = sqlx::query(sql).bind(until.0).bind(PURGE_BATCH).execute(tx.conn()).await?;
        tx.commit().await?;
        total += done.rows_affected();
        if done.rows_affected() < PURGE_BATCH.unsigned_abs() {
            return Ok(total);
        }
    }
}
