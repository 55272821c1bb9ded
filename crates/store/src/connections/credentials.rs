//! Replacing credentials: compare and swap.

use dovetail_model::{ConnectionRowId, CredentialState, Credentials, EnvironmentId};
use dovetail_vault::Sealed;

use super::lookup::{by_row, lock};
use super::row::state_columns;
use super::upsert::{ConfigUpdate, merge_config, seal_config, seal_credentials};
use crate::row::to_json;
use crate::{Change, Db, StoreError, Tx};

/// What a compare-and-swap did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// The new credentials are in place.
    Done {
        /// Their version.
        version: i64,
    },
    /// Someone replaced them first, or the connection is gone: read it again.
    Stale,
}

/// Replaces credentials of version `old_version`, after a refresh. Problems are cleared, and the refresh
/// state is healthy again.
pub async fn replace_credentials(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    old_version: i64,
    credentials: &Credentials,
) -> Result<Swap, StoreError> {
    let sealed = seal_credentials(tx, environment, id.0, credentials).await?;
    let done = sqlx::query(
        "UPDATE connections SET credentials = $1, version = version + 1, credentials_expire_at = $2, \
         refresh_failures = 0, refresh_failing_since = NULL, refresh_failed_at = NULL, \
         refresh_exhausted_at = NULL, refresh_failed_days = NULL, refresh_next_at = NULL, \
         refresh_problem = NULL, refresh_at = NULL, refresh_lease_until = NULL, refresh_lease_owner = NULL, \
         credentials_issued_at = $3, auth_error = NULL, updated_at = $3 \
         WHERE id = $4 AND environment_id = $5 AND version = $6 AND deleted_at IS NULL",
    )
    .bind(sealed.into_bytes())
    .bind(credentials.expires_at().map(|at| at.0))
    .bind(tx.now().0)
    .bind(id.0)
    .bind(environment.0)
    .bind(old_version)
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(Swap::Stale);
    }
    tx.changed(Change::Connection { environment, connection: id });
    Ok(Swap::Done { version: old_version + 1 })
}

/// Records whether the service accepted the credentials of this version. Accepted ones clear the problems.
/// False when they were replaced meanwhile: then the answer says nothing about the new ones.
pub async fn set_state(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    version: i64,
    state: CredentialState,
) -> Result<bool, StoreError> {
    let (name, at, status) = state_columns(state);
    let done = sqlx::query(
        "UPDATE connections SET verified_state = $1, verified_at = $2, verified_status = $3, \
         auth_error = CASE WHEN $1 = 'verified' THEN NULL ELSE auth_error END \
         WHERE id = $4 AND environment_id = $5 AND version = $6 AND deleted_at IS NULL",
    )
    .bind(name)
    .bind(at)
    .bind(status)
    .bind(id.0)
    .bind(environment.0)
    .bind(version)
    .execute(tx.conn())
    .await?;
    tx.changed(Change::Connection { environment, connection: id });
    Ok(done.rows_affected() == 1)
}

/// Lays new configuration values over the ones that are there. False when the connection is gone.
pub async fn replace_config(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    update: &ConfigUpdate,
) -> Result<bool, StoreError> {
    if !lock(tx, environment, id).await? {
        return Ok(false);
    }
    let Some(stored) = by_row(tx, environment, id).await? else { return Ok(false) };
    let config = merge_config(&stored, update)?;
    write_config(tx, environment, id, &config).await?;
    Ok(true)
}

async fn write_config(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    config: &ConfigUpdate,
) -> Result<(), StoreError> {
    let sealed = seal_config(tx, environment, id.0, &config.secret).await?;
    sqlx::query("UPDATE connections SET config = $1, config_secret = $2, updated_at = $3 WHERE id = $4")
        .bind(to_json(&config.public))
        .bind(sealed.map(Sealed::into_bytes))
        .bind(tx.now().0)
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    tx.changed(Change::Connection { environment, connection: id });
    Ok(())
}

/// Changes configuration on account of what credentials of this `version` let us find out: lays
/// values over the ones that are there, then removes keys. False, and nothing is written, when the credentials were replaced meanwhile or
/// the connection is gone.
pub async fn amend_config(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    version: i64,
    update: &ConfigUpdate,
    remove: &[String],
) -> Result<bool, StoreError> {
    if !lock(tx, environment, id).await? {
        return Ok(false);
    }
    let Some(stored) = by_row(tx, environment, id).await? else { return Ok(false) };
    if stored.version != version {
        return Ok(false);
    }
    let mut config = merge_config(&stored, update)?;
    for key in remove {
        config.public.shift_remove(key);
        config.secret.shift_remove(key);
    }
    write_config(tx, environment, id, &config).await?;
    Ok(true)
}
