//! Refreshing: one at a time between replicas, and what became of it.

use std::time::Duration;

use dovetail_model::{ConnectionRowId, EnvironmentId, OperationId};

use crate::row::Columns;
use crate::{Change, Db, StoreError, Tx};

/// The right to refresh one connection, until it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Fences off holders whose lease has ended.
    pub token: i64,
}

/// Takes the right to refresh a connection for `span`. `None` while another holds it, or when the connection
/// is gone. Successful replacement of the credentials ends it.
pub async fn lease_refresh(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    span: Duration,
) -> Result<Option<Lease>, StoreError> {
    let now = tx.now();
    let row = sqlx::query(
        "UPDATE connections SET refresh_lease_until = $1, refresh_lease_token = refresh_lease_token + 1 \
         WHERE id = $2 AND environment_id = $3 AND deleted_at IS NULL \
         AND (refresh_lease_until IS NULL OR refresh_lease_until <= $4) RETURNING refresh_lease_token",
    )
    .bind(now.plus(span).0)
    .bind(id.0)
    .bind(environment.0)
    .bind(now.0)
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| Ok(Lease { token: row.int("refresh_lease_token")? })).transpose()
}

/// Gives the right back. False when it had ended and another took it.
pub async fn release_refresh(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    lease: Lease,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE connections SET refresh_lease_until = NULL \
         WHERE id = $1 AND environment_id = $2 AND refresh_lease_token = $3",
    )
    .bind(id.0)
    .bind(environment.0)
    .bind(lease.token)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Records that refreshing credentials of this version failed; `exhausted` gives up. False when they were
/// replaced meanwhile.
pub async fn record_refresh_failure(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    version: i64,
    operation: &OperationId,
    exhausted: bool,
) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let done = sqlx::query(
        "UPDATE connections SET refresh_failures = refresh_failures + 1, \
         refresh_failing_since = COALESCE(refresh_failing_since, $1), refresh_failed_at = $1, \
         refresh_exhausted_at = COALESCE(refresh_exhausted_at, $2), refresh_lease_until = NULL, \
         auth_error = $3 WHERE id = $4 AND environment_id = $5 AND version = $6 AND deleted_at IS NULL",
    )
    .bind(now)
    .bind(exhausted.then_some(now))
    .bind(operation.as_str())
    .bind(id.0)
    .bind(environment.0)
    .bind(version)
    .execute(tx.conn())
    .await?;
    tx.changed(Change::Connection { environment, connection: id });
    Ok(done.rows_affected() == 1)
}

/// Sets the active problem of the credentials, or clears it.
pub async fn set_auth_error(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    operation: Option<&OperationId>,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE connections SET auth_error = $1 WHERE id = $2 AND environment_id = $3 AND deleted_at IS NULL",
    )
    .bind(operation.map(OperationId::as_str))
    .bind(id.0)
    .bind(environment.0)
    .execute(tx.conn())
    .await?;
    tx.changed(Change::Connection { environment, connection: id });
    Ok(done.rows_affected() == 1)
}
