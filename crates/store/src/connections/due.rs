//! Connections whose refresh is due: the queue of the background worker.

use std::time::Duration;

use dovetail_model::{ConnectionRowId, EnvironmentId, Timestamp};
use sqlx::AssertSqlSafe;

use crate::row::Columns;
use crate::{Db, StoreError, Tx};

/// A connection whose planned refresh is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its environment.
    pub environment: EnvironmentId,
    /// Its row.
    pub id: ConnectionRowId,
    /// The version of the credentials that was planned for.
    pub version: i64,
    /// Its provider.
    pub provider: String,
}

/// Whether any connection is due, none of the providers named in `busy` counted.
pub async fn any_due(db: &mut impl Db, now: Timestamp, busy: &[&str]) -> Result<bool, StoreError> {
    let excluded = (0..busy.len()).map(|at| format!(" AND i.provider <> ${}", at + 2));
    let sql = format!(
        "SELECT c.id FROM connections c JOIN integrations i ON i.id = c.integration_id AND i.deleted_at IS NULL \
         WHERE c.refresh_at <= $1 AND c.deleted_at IS NULL AND c.refresh_exhausted_at IS NULL{} LIMIT 1",
        excluded.collect::<Vec<_>>().concat(),
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(now.0);
    for provider in busy {
        query = query.bind(*provider);
    }
    Ok(query.fetch_optional(db.conn()).await?.is_some())
}

/// Takes up to `limit` due connections out of the queue for `span`; none of the providers named in `busy`. Workers of
/// other replicas get others. A worker that dies leaves them to be due again after that time.
pub async fn claim_due(
    tx: &mut Tx,
    limit: i64,
    span: Duration,
    busy: &[&str],
) -> Result<Vec<Due>, StoreError> {
    let now = tx.now();
    let excluded = (0..busy.len()).map(|at| format!(" AND i.provider <> ${}", at + 4));
    let excluded = excluded.collect::<Vec<_>>().concat();
    // The conditions are repeated on the outside: on PostgreSQL a row may have changed since it was chosen.
    let sql = format!(
        "UPDATE connections SET refresh_at = $1 WHERE refresh_at <= $2 AND deleted_at IS NULL AND id IN (\
         SELECT c.id FROM connections c JOIN integrations i ON i.id = c.integration_id \
         AND i.deleted_at IS NULL WHERE c.refresh_at <= $2 AND c.deleted_at IS NULL \
         AND c.refresh_exhausted_at IS NULL{excluded} ORDER BY c.refresh_at LIMIT $3{}) \
         RETURNING id, environment_id, version, \
         (SELECT i.provider FROM integrations i WHERE i.id = connections.integration_id) AS provider",
        if tx.store.dialect().skip_locked().is_empty() { "" } else { " FOR UPDATE OF c SKIP LOCKED" },
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(now.plus(span).0).bind(now.0).bind(limit);
    for provider in busy {
        query = query.bind(*provider);
    }
    let rows = query.fetch_all(tx.conn()).await?;
    rows.iter()
        .map(|row| {
            Ok(Due {
                environment: EnvironmentId(row.int("environment_id")?),
                id: ConnectionRowId(row.int("id")?),
                version: row.int("version")?,
                provider: row.text("provider")?,
            })
        })
        .collect()
}
