//! Operations begin, learn more, and end. What ended stays as it is.

use dovetail_model::{
    ConnectionRowId, EnvironmentId, IntegrationId, Level, OperationId, OperationState, Timestamp,
};
use serde_json::{Map, Value};

use super::{Operation, TABLE, columns, get_any};
use crate::row::{Columns, to_json};
use crate::{Db, StoreError, Tx};

/// Facts about an operation that were not known when it began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Enrichment {
    /// The environment.
    pub environment: Option<EnvironmentId>,
    /// The integration.
    pub integration: Option<(IntegrationId, String)>,
    /// The provider.
    pub provider: Option<String>,
    /// The connection: row and public id.
    pub connection: Option<(Option<ConnectionRowId>, String)>,
    /// Details; top-level keys are laid over the ones that are there.
    pub details: Map<String, Value>,
}

/// Writes an operation down, as it stands. One with this id that is there already stays.
pub async fn create(tx: &mut Tx, operation: &Operation) -> Result<(), StoreError> {
    let connection_row = operation.connection.as_ref().and_then(|(row, _)| *row);
    sqlx::query(concat!(
        "INSERT INTO operations (",
        columns!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) \
         ON CONFLICT DO NOTHING"
    ))
    .bind(operation.id.as_str())
    .bind(operation.environment.map(|environment| environment.0))
    .bind(operation.kind.kind())
    .bind(operation.kind.action())
    .bind(operation.state.as_str())
    .bind(operation.level.as_str())
    .bind(operation.message.as_str())
    .bind(operation.integration.as_ref().map(|(id, _)| id.0))
    .bind(operation.integration.as_ref().map(|(_, key)| key.as_str()))
    .bind(operation.provider.as_deref())
    .bind(connection_row.map(|row| row.0))
    .bind(operation.connection.as_ref().map(|(_, id)| id.as_str()))
    .bind(to_json(&operation.details))
    .bind(operation.created_at.0)
    .bind(operation.updated_at.0)
    .bind(operation.started_at.map(|at| at.0))
    .bind(operation.ended_at.map(|at| at.0))
    .bind(operation.expires_at.map(|at| at.0))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// From waiting to running. False when it is not waiting.
pub async fn start(tx: &mut Tx, id: &OperationId, at: Timestamp) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE operations SET state = 'running', started_at = $1, updated_at = $1 \
         WHERE id = $2 AND state = 'waiting'",
    )
    .bind(at.0)
    .bind(id.as_str())
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends an operation; failures and time-outs become loud. False when it had ended before, or is not there.
pub async fn finish(
    tx: &mut Tx,
    id: &OperationId,
    state: OperationState,
    at: Timestamp,
) -> Result<bool, StoreError> {
    if !state.is_final() {
        return Err(StoreError::inconsistent(TABLE, id, "finished into a state that is not final"));
    }
    let level = match state {
        OperationState::Failed | OperationState::Timeout => Level::Error,
        _ => Level::Info,
    };
    let done = sqlx::query(
        "UPDATE operations SET state = $1, level = $2, started_at = COALESCE(started_at, $3), ended_at = $3, \
         updated_at = $3 WHERE id = $4 AND ended_at IS NULL",
    )
    .bind(state.as_str())
    .bind(level.as_str())
    .bind(at.0)
    .bind(id.as_str())
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Adds facts. False when it is not there.
pub async fn enrich(
    tx: &mut Tx,
    id: &OperationId,
    more: &Enrichment,
    at: Timestamp,
) -> Result<bool, StoreError> {
    // Locks the row on PostgreSQL, so that details are not lost to a concurrent merge.
    let locked = sqlx::query("UPDATE operations SET updated_at = $1 WHERE id = $2")
        .bind(at.0)
        .bind(id.as_str())
        .execute(tx.conn())
        .await?;
    if locked.rows_affected() == 0 {
        return Ok(false);
    }
    let Some(stored) = get_any(tx, id).await? else { return Ok(false) };
    let integration = more.integration.clone().or(stored.integration);
    let connection = more.connection.clone().or(stored.connection);
    let mut details = stored.details;
    details.extend(more.details.clone());
    sqlx::query(
        "UPDATE operations SET environment_id = $1, integration_id = $2, integration_key = $3, provider = $4, \
         connection_row = $5, connection_id = $6, details = $7 WHERE id = $8",
    )
    .bind(more.environment.or(stored.environment).map(|environment| environment.0))
    .bind(integration.as_ref().map(|(id, _)| id.0))
    .bind(integration.as_ref().map(|(_, key)| key.as_str()))
    .bind(more.provider.clone().or(stored.provider))
    .bind(connection.as_ref().and_then(|(row, _)| row.map(|row| row.0)))
    .bind(connection.as_ref().map(|(_, id)| id.as_str()))
    .bind(to_json(&details))
    .bind(id.as_str())
    .execute(tx.conn())
    .await?;
    Ok(true)
}

/// Ends what is overdue: abandoned linkings are cancelled, everything else timed out. Returns how many.
pub async fn expire(tx: &mut Tx) -> Result<u64, StoreError> {
    let now = tx.now().0;
    let mut count = 0;
    for sql in [
        "UPDATE operations SET state = 'cancelled', ended_at = $1, updated_at = $1 \
         WHERE ended_at IS NULL AND expires_at <= $1 AND kind = 'auth' AND action = 'create_connection'",
        "UPDATE operations SET state = 'timeout', level = 'error', ended_at = $1, updated_at = $1 \
         WHERE ended_at IS NULL AND expires_at <= $1",
    ] {
        count += sqlx::query(sql).bind(now).execute(tx.conn()).await?.rows_affected();
    }
    Ok(count)
}

/// Whether an operation is there.
pub(super) async fn exists(tx: &mut Tx, id: &OperationId) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM operations WHERE id = $1")
        .bind(id.as_str())
        .fetch_one(tx.conn())
        .await?;
    Ok(row.int("n")? > 0)
}
