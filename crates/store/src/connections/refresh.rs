//! Refreshing: one at a time between replicas, and what became of it.

use std::time::Duration;

use dovetail_model::{ConnectionRowId, EnvironmentId, OperationId, RefreshState, Timestamp};
use sqlx::any::AnyRow;

use crate::row::Columns;
use crate::{Change, Db, StoreError, Tx};

/// The right to refresh one connection, as its row shows it. It stands until it is ended: who finds it may not judge
/// by the clock whether its holder is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingLease {
    /// Counts the leases of the connection, and fences off their former holders.
    pub token: i64,
    /// Who took it; `None` when its holder left it standing on purpose.
    pub owner: Option<String>,
}

impl StandingLease {
    pub(super) fn read(row: &AnyRow) -> Result<Option<Self>, StoreError> {
        if row.opt_int("refresh_lease_until")?.is_none() {
            return Ok(None);
        }
        let (token, owner) = (row.int("refresh_lease_token")?, row.opt_text("refresh_lease_owner")?);
        Ok(Some(Self { token, owner }))
    }
}

/// A lease to be taken.
#[derive(Clone, Copy, Debug)]
pub struct NewLease<'a> {
    /// Only while the credentials have this version.
    pub version: i64,
    /// A name that nobody else takes.
    pub owner: &'a str,
    /// The number of a lease that was left behind; without it, only when none stands.
    pub over: Option<i64>,
    /// How long the holder means to take; for people who look at the row.
    pub span: Duration,
}

/// Takes the right to refresh a connection, and gives its number. `None` while another holds it, or when the
/// credentials were replaced, or the connection is gone. Successful replacement of the credentials ends it.
pub async fn lease_refresh(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    new: NewLease<'_>,
) -> Result<Option<i64>, StoreError> {
    let now = tx.now();
    let row = sqlx::query(
        "UPDATE connections SET refresh_lease_until = $1, refresh_lease_owner = $2, \
         refresh_lease_token = refresh_lease_token + 1 \
         WHERE id = $3 AND environment_id = $4 AND version = $5 AND deleted_at IS NULL \
         AND (refresh_lease_until IS NULL OR refresh_lease_token = $6) RETURNING refresh_lease_token",
    )
    .bind(now.plus(new.span).0)
    .bind(new.owner)
    .bind(id.0)
    .bind(environment.0)
    .bind(new.version)
    .bind(new.over)
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| row.int("refresh_lease_token")).transpose()
}

/// Gives the right back. False when another took it.
pub async fn release_refresh(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    token: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE connections SET refresh_lease_until = NULL, refresh_lease_owner = NULL \
         WHERE id = $1 AND environment_id = $2 AND refresh_lease_token = $3",
    )
    .bind(id.0)
    .bind(environment.0)
    .bind(token)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A refresh that failed.
#[derive(Clone, Copy, Debug)]
pub struct Failed<'a> {
    /// The version that was to be renewed.
    pub version: i64,
    /// The lease it was done under.
    pub token: i64,
    /// How refreshing stands from now on.
    pub state: RefreshState,
    /// The operation that tells more.
    pub operation: &'a OperationId,
    /// When it is tried again without being asked; `None` when never.
    pub plan: Option<Timestamp>,
    /// Whether the lease is left standing: the provider may still be at it.
    pub keep_lease: bool,
}

/// Records a failed refresh, and ends its lease. False when the credentials were replaced meanwhile, or another has
/// the lease, or this was recorded before.
pub async fn record_refresh_failure(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    failed: Failed<'_>,
) -> Result<bool, StoreError> {
    let Some(failure) = failed.state.failure() else { return Ok(false) };
    let exhausted = match failed.state {
        RefreshState::Exhausted { at, .. } => Some(at.0),
        RefreshState::Healthy | RefreshState::Failing(_) => None,
    };
    let done = sqlx::query(
        "UPDATE connections SET refresh_failures = $1, refresh_failing_since = $2, refresh_failed_at = $3, \
         refresh_next_at = $4, refresh_failed_days = $5, refresh_problem = $6, refresh_exhausted_at = $7, \
         refresh_at = $8, refresh_lease_owner = NULL, \
         refresh_lease_until = CASE WHEN $9 = 1 THEN refresh_lease_until ELSE NULL END, auth_error = $10 \
         WHERE id = $11 AND environment_id = $12 AND version = $13 AND refresh_lease_token = $14 \
         AND refresh_lease_owner IS NOT NULL AND deleted_at IS NULL",
    )
    .bind(i64::from(failure.failures))
    .bind(failure.since.0)
    .bind(failure.last.0)
    .bind(failure.next.0)
    .bind(i64::from(failure.days))
    .bind(failure.problem.as_str())
    .bind(exhausted)
    .bind(failed.plan.map(|at| at.0))
    .bind(i64::from(failed.keep_lease))
    .bind(failed.operation.as_str())
    .bind(id.0)
    .bind(environment.0)
    .bind(failed.version)
    .bind(failed.token)
    .execute(tx.conn())
    .await?;
    tx.changed(Change::Connection { environment, connection: id });
    Ok(done.rows_affected() == 1)
}

/// When credentials are to be renewed, and what is known of their life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefreshPlan {
    /// When; `None` when never.
    pub at: Option<Timestamp>,
    /// After what time the service refused credentials whose end it does not tell.
    pub learned_life: Option<Duration>,
}

/// Plans the next refresh of credentials of this version. False when they were replaced meanwhile.
pub async fn set_refresh_plan(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    version: i64,
    plan: RefreshPlan,
) -> Result<bool, StoreError> {
    let learned = plan.learned_life.map(|life| i64::try_from(life.as_millis()).unwrap_or(i64::MAX));
    let done = sqlx::query(
        "UPDATE connections SET refresh_at = $1, credentials_learned_life = $2 \
         WHERE id = $3 AND environment_id = $4 AND version = $5 AND deleted_at IS NULL",
    )
    .bind(plan.at.map(|at| at.0))
    .bind(learned)
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
