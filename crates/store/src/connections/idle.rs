//! Connections that are to be tested because nobody uses them: the queue of the background worker.

use std::time::Duration;

use dovetail_model::{ConnectionRowId, EnvironmentId, Timestamp};
use sqlx::AssertSqlSafe;

use crate::row::Columns;
use crate::{Db, StoreError, Tx};

/// A connection whose test is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdleDue {
    /// Its environment.
    pub environment: EnvironmentId,
    /// Its row.
    pub id: ConnectionRowId,
    /// Its provider.
    pub provider: String,
    /// When its credentials were last read, to the minute.
    pub last_fetched_at: Option<Timestamp>,
}

/// Whether any test is due.
pub async fn any_check_due(db: &mut impl Db) -> Result<bool, StoreError> {
    let now = db.now().0;
    let row = sqlx::query("SELECT id FROM connections WHERE check_at <= $1 AND deleted_at IS NULL LIMIT 1")
        .bind(now)
        .fetch_optional(db.conn())
        .await?;
    Ok(row.is_some())
}

/// Takes up to `limit` due connections for `span`; a worker that dies leaves them to be due again.
pub async fn claim_checks(tx: &mut Tx, limit: i64, span: Duration) -> Result<Vec<IdleDue>, StoreError> {
    let now = tx.now();
    let sql = format!(
        "UPDATE connections SET check_at = $1 WHERE check_at <= $2 AND deleted_at IS NULL AND id IN (\
         SELECT id FROM connections WHERE check_at <= $2 AND deleted_at IS NULL ORDER BY check_at, id LIMIT $3{}) \
         RETURNING id, environment_id, last_fetched_at, \
         (SELECT i.provider FROM integrations i WHERE i.id = connections.integration_id) AS provider",
        tx.store.dialect().skip_locked(),
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(now.plus(span).0)
        .bind(now.0)
        .bind(limit)
        .fetch_all(tx.conn())
        .await?;
    rows.iter()
        .map(|row| {
            Ok(IdleDue {
                environment: EnvironmentId(row.int("environment_id")?),
                id: ConnectionRowId(row.int("id")?),
                provider: row.text("provider")?,
                last_fetched_at: row.opt_time("last_fetched_at")?,
            })
        })
        .collect()
}

/// Plans the next test; `None`: never.
pub async fn plan_check(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    at: Option<Timestamp>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE connections SET check_at = $1 WHERE id = $2 AND environment_id = $3 AND deleted_at IS NULL",
    )
    .bind(at.map(|at| at.0))
    .bind(id.0)
    .bind(environment.0)
    .execute(tx.conn())
    .await?;
    Ok(())
}
