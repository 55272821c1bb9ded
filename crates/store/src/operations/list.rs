//! Looking operations up.

use dovetail_model::{ConnectionRowId, EnvironmentId, OperationId, OperationState, Timestamp};

use super::{Operation, columns, read};
use crate::sql::{Statement, contains};
use crate::{Db, StoreError};

/// Which operations; all conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// One of these states; empty = any.
    pub states: Vec<OperationState>,
    /// One of these types (`auth`, `proxy` ...); empty = any.
    pub kinds: Vec<String>,
    /// One of these integrations, by key; empty = any.
    pub integrations: Vec<String>,
    /// Of this connection.
    pub connection: Option<ConnectionRowId>,
    /// One of these connections, by public id; empty = any.
    pub connection_ids: Vec<String>,
    /// Part of the label, the integration's key, the connection's id or the operation's id; in any case.
    pub search: Option<String>,
    /// Made not before.
    pub from: Option<Timestamp>,
    /// Made before.
    pub to: Option<Timestamp>,
    /// Older than this one: the last of the page before.
    pub before: Option<(Timestamp, OperationId)>,
}

/// Operations of an environment, newest first.
pub async fn list(
    db: &mut impl Db,
    environment: EnvironmentId,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Operation>, StoreError> {
    let mut statement = Statement::new(concat!("SELECT ", columns!(), " FROM operations WHERE 1 = 1"));
    statement.and_int("environment_id =", environment.0)?;
    let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
    statement.and_any_of("state", &states)?;
    statement.and_any_of("kind", &filter.kinds)?;
    statement.and_any_of("integration_key", &filter.integrations)?;
    statement.and_any_of("connection_id", &filter.connection_ids)?;
    if let Some(connection) = filter.connection {
        statement.and_int("connection_row =", connection.0)?;
    }
    if let Some(from) = filter.from {
        statement.and_int("created_at >=", from.0)?;
    }
    if let Some(to) = filter.to {
        statement.and_int("created_at <", to.0)?;
    }
    if let Some((at, id)) = &filter.before {
        let (at, id) = (statement.int(at.0)?, statement.text(id.as_str())?);
        statement.and(&format!("(created_at < {at} OR (created_at = {at} AND id < {id}))"));
    }
    if let Some(search) = &filter.search {
        let pattern = statement.text(&contains(search))?;
        statement.and(&format!(
            "LOWER(message || ' ' || COALESCE(integration_key, '') || ' ' || COALESCE(connection_id, '') || ' ' \
             || id) LIKE {pattern} ESCAPE '!'"
        ));
    }
    let limit = statement.int(limit)?;
    statement.push(&format!(" ORDER BY created_at DESC, id DESC LIMIT {limit}"));
    statement.query().fetch_all(db.conn()).await?.iter().map(read).collect()
}

/// An operation of an environment.
pub async fn get(
    db: &mut impl Db,
    environment: EnvironmentId,
    id: &OperationId,
) -> Result<Option<Operation>, StoreError> {
    let found = get_any(db, id).await?;
    Ok(found.filter(|operation| operation.environment == Some(environment)))
}

/// An operation of any environment: its writer knows where it is.
pub(super) async fn get_any(db: &mut impl Db, id: &OperationId) -> Result<Option<Operation>, StoreError> {
    let row = sqlx::query(concat!("SELECT ", columns!(), " FROM operations WHERE id = $1"))
        .bind(id.as_str())
        .fetch_optional(db.conn())
        .await?;
    row.as_ref().map(read).transpose()
}
