//! From a joined row to what is known of a connection.

use dovetail_model::{
    ConnectionInfo, ConnectionProblem, ConnectionRowId, CredentialState, EnvironmentId, IntegrationId,
    OperationId, ProblemKind, RefreshFailure, RefreshProblem, RefreshState,
};
use sqlx::any::AnyRow;

use super::TABLE;
use crate::row::{Columns, from_json};
use crate::{StoreError, end_users};

/// Columns and joins of every connection query; aliases `c`, `i`, `u`. Deleted integrations hide their
/// connections.
macro_rules! select {
    ($($rest:literal),* $(,)?) => {
        concat!(
            "SELECT c.id, c.environment_id, c.integration_id, c.connection_id, c.end_user_row, c.config, \
             c.config_secret, c.credentials, c.version, c.credentials_expire_at, c.metadata, c.tags, \
             c.webhook_url, c.verified_state, c.verified_at, c.verified_status, c.refresh_failures, \
             c.refresh_failing_since, c.refresh_failed_at, c.refresh_exhausted_at, c.refresh_next_at, \
             c.refresh_failed_days, c.refresh_problem, c.refresh_at, c.refresh_lease_until, \
             c.refresh_lease_owner, c.refresh_lease_token, c.credentials_issued_at, \
             c.credentials_learned_life, c.auth_error, \
             c.last_fetched_at, c.created_at, c.updated_at, i.unique_key, i.provider, \
             u.end_user_id AS user_id, u.display_name AS user_display_name, u.email AS user_email, \
             u.tags AS user_tags, u.organization_id AS user_organization_id, \
             u.organization_name AS user_organization_name \
             FROM connections c \
             JOIN integrations i ON i.id = c.integration_id AND i.deleted_at IS NULL \
             LEFT JOIN end_users u ON u.id = c.end_user_row \
             WHERE c.deleted_at IS NULL ",
            $($rest),*
        )
    };
}
pub(super) use select;

pub(super) fn read_info(row: &AnyRow) -> Result<ConnectionInfo, StoreError> {
    let id = row.int("id")?;
    let auth_error = row.opt_text("auth_error")?;
    let metadata = row.opt_text("metadata")?;
    Ok(ConnectionInfo {
        id: ConnectionRowId(id),
        environment: EnvironmentId(row.int("environment_id")?),
        integration: IntegrationId(row.int("integration_id")?),
        provider_config_key: row.text("unique_key")?,
        provider: row.text("provider")?,
        connection_id: row.text("connection_id")?,
        errors: auth_error.map(|text| problem(id, &text)).transpose()?.into_iter().collect(),
        end_user: end_users::read_joined(row)?,
        tags: from_json(TABLE, id, "tags", &row.text("tags")?)?,
        metadata: metadata.map(|text| from_json(TABLE, id, "metadata", &text)).transpose()?,
        webhook_url: row.opt_text("webhook_url")?,
        state: state(row, id)?,
        refresh: refresh(row, id)?,
        credentials_expire_at: row.opt_time("credentials_expire_at")?,
        credentials_issued_at: row.opt_time("credentials_issued_at")?,
        refresh_at: row.opt_time("refresh_at")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        last_fetched_at: row.opt_time("last_fetched_at")?,
    })
}

fn problem(row: i64, operation: &str) -> Result<ConnectionProblem, StoreError> {
    let operation: OperationId =
        operation.parse().map_err(|_| StoreError::inconsistent(TABLE, row, "auth_error"))?;
    Ok(ConnectionProblem { kind: ProblemKind::Auth, operation })
}

fn state(row: &AnyRow, id: i64) -> Result<CredentialState, StoreError> {
    let status = row.opt_int("verified_status")?.map(u16::try_from);
    match (row.text("verified_state")?.as_str(), row.opt_time("verified_at")?, status) {
        ("unverified", None, None) => Ok(CredentialState::Unverified),
        ("verified", Some(at), None) => Ok(CredentialState::Verified { at }),
        ("refused", Some(at), None) => Ok(CredentialState::Refused { at, status: None }),
        ("refused", Some(at), Some(Ok(status))) => Ok(CredentialState::Refused { at, status: Some(status) }),
        (state, ..) => Err(StoreError::inconsistent(TABLE, id, format!("verified_state `{state}`"))),
    }
}

fn refresh(row: &AnyRow, id: i64) -> Result<RefreshState, StoreError> {
    let wrong = || StoreError::inconsistent(TABLE, id, "refresh_* fit no state");
    let failures = u32::try_from(row.int("refresh_failures")?).map_err(|_| wrong())?;
    let (since, last) = (row.opt_time("refresh_failing_since")?, row.opt_time("refresh_failed_at")?);
    let exhausted = row.opt_time("refresh_exhausted_at")?;
    let (since, last) = match (failures, since, last) {
        (0, None, None) if exhausted.is_none() => return Ok(RefreshState::Healthy),
        (1.., Some(since), Some(last)) => (since, last),
        _ => return Err(wrong()),
    };
    let days = row.opt_int("refresh_failed_days")?.unwrap_or_default();
    let problem = row.opt_text("refresh_problem")?;
    let failure = RefreshFailure {
        failures,
        days: u32::try_from(days).map_err(|_| wrong())?,
        since,
        last,
        next: row.opt_time("refresh_next_at")?.unwrap_or(last),
        problem: problem.as_deref().and_then(RefreshProblem::parse).ok_or_else(wrong)?,
    };
    Ok(match exhausted {
        None => RefreshState::Failing(failure),
        Some(at) => RefreshState::Exhausted { at, failure },
    })
}

/// The columns of a verification state: name, time, status.
pub(super) fn state_columns(state: CredentialState) -> (&'static str, Option<i64>, Option<i64>) {
    match state {
        CredentialState::Unverified => ("unverified", None, None),
        CredentialState::Verified { at } => ("verified", Some(at.0), None),
        CredentialState::Refused { at, status } => ("refused", Some(at.0), status.map(i64::from)),
    }
}
