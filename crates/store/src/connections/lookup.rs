//! Finding one connection.

use dovetail_model::{Connection, ConnectionInfo, ConnectionRowId, EnvironmentId, IntegrationId};
use serde_json::{Map, Value};
use sqlx::Row;

use super::row::{read_info, select};
use super::sealed::SealedConnection;
use crate::row::{Columns, to_json};
use crate::sql::holding;
use crate::{Db, StoreError};

/// What a lookup by both keys finds: the wire tells the two kinds of absence apart.
#[derive(Debug)]
pub enum Found {
    /// The connection.
    Connection(Box<SealedConnection>),
    /// The integration exists, but has no such connection.
    NoConnection,
    /// There is no such integration.
    NoIntegration,
}

/// The connection of an integration by its public id, in one query: the path of every proxied call.
pub async fn find(
    db: &mut impl Db,
    environment: EnvironmentId,
    provider_config_key: &str,
    connection_id: &str,
) -> Result<Found, StoreError> {
    let row =
        sqlx::query(select!("AND i.environment_id = $1 AND i.unique_key = $2 AND c.connection_id = $3"))
            .bind(environment.0)
            .bind(provider_config_key)
            .bind(connection_id)
            .fetch_optional(db.conn())
            .await?;
    if let Some(row) = row {
        return Ok(Found::Connection(Box::new(SealedConnection::read(db, &row).await?)));
    }
    let row = sqlx::query(
        "SELECT COUNT(*) AS n FROM integrations \
         WHERE environment_id = $1 AND unique_key = $2 AND deleted_at IS NULL",
    )
    .bind(environment.0)
    .bind(provider_config_key)
    .fetch_one(db.conn())
    .await?;
    Ok(if row.try_get::<i64, _>("n")? > 0 { Found::NoConnection } else { Found::NoIntegration })
}

/// Like [`find`], for callers to whom both kinds of absence are the same.
pub async fn by_key(
    db: &mut impl Db,
    environment: EnvironmentId,
    provider_config_key: &str,
    connection_id: &str,
) -> Result<Option<SealedConnection>, StoreError> {
    Ok(match find(db, environment, provider_config_key, connection_id).await? {
        Found::Connection(connection) => Some(*connection),
        Found::NoConnection | Found::NoIntegration => None,
    })
}

/// A connection by its row id.
pub async fn by_row(
    db: &mut impl Db,
    environment: EnvironmentId,
    id: ConnectionRowId,
) -> Result<Option<SealedConnection>, StoreError> {
    let row = sqlx::query(select!("AND c.environment_id = $1 AND c.id = $2"))
        .bind(environment.0)
        .bind(id.0)
        .fetch_optional(db.conn())
        .await?;
    match row {
        Some(row) => SealedConnection::read(db, &row).await.map(Some),
        None => Ok(None),
    }
}

/// Connections of one integration after this row id, in the order of their ids; at most `limit`.
pub async fn page_of(
    db: &mut impl Db,
    environment: EnvironmentId,
    integration: IntegrationId,
    after: ConnectionRowId,
    limit: i64,
) -> Result<Vec<SealedConnection>, StoreError> {
    let sql =
        select!("AND c.environment_id = $1 AND c.integration_id = $2 AND c.id > $3 ORDER BY c.id LIMIT $4");
    let query = sqlx::query(sql).bind(environment.0).bind(integration.0).bind(after.0).bind(limit);
    let rows = query.fetch_all(db.conn()).await?;
    let mut page = Vec::with_capacity(rows.len());
    for row in &rows {
        page.push(SealedConnection::read(db, row).await?);
    }
    Ok(page)
}

/// A connection by its row id, opened.
pub async fn open(
    db: &mut impl Db,
    environment: EnvironmentId,
    id: ConnectionRowId,
) -> Result<Option<Connection>, StoreError> {
    by_row(db, environment, id).await?.map(|sealed| sealed.open()).transpose()
}

/// Connections of an integration that are configured so, newest first, at most `limit`. Secret values are not looked at.
pub async fn by_config(
    db: &mut impl Db,
    environment: EnvironmentId,
    integration: IntegrationId,
    key: &str,
    value: &Value,
    limit: i64,
) -> Result<Vec<SealedConnection>, StoreError> {
    // The stored text is compact JSON: what it holds, it holds in this spelling.
    let member = to_json(&Map::from_iter([(key.to_owned(), value.clone())]));
    let pattern = holding(member.trim_start_matches('{').trim_end_matches('}'));
    let rows = sqlx::query(select!(
        "AND c.environment_id = $1 AND c.integration_id = $2 AND c.config LIKE $3 ESCAPE '!' \
         ORDER BY c.id DESC LIMIT $4"
    ))
    .bind(environment.0)
    .bind(integration.0)
    .bind(pattern)
    .bind(limit)
    .fetch_all(db.conn())
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let connection = SealedConnection::read(db, &row).await?;
        // One of the two databases does not tell large letters from small ones, and neither tells depth.
        if connection.public_config.get(key) == Some(value) {
            found.push(connection);
        }
    }
    Ok(found)
}

/// What is known of the live connections among these ids of one integration, and the ids that are missing.
pub(super) async fn info_by_ids(
    db: &mut impl Db,
    environment: EnvironmentId,
    provider_config_key: &str,
    connection_ids: &[String],
) -> Result<(Vec<ConnectionInfo>, Option<String>), StoreError> {
    let mut found = Vec::with_capacity(connection_ids.len());
    for id in connection_ids {
        let row =
            sqlx::query(select!("AND i.environment_id = $1 AND i.unique_key = $2 AND c.connection_id = $3"))
                .bind(environment.0)
                .bind(provider_config_key)
                .bind(id.as_str())
                .fetch_optional(db.conn())
                .await?;
        match row {
            Some(row) => found.push(read_info(&row)?),
            None => return Ok((found, Some(id.clone()))),
        }
    }
    Ok((found, None))
}

/// Locks a live connection until the end of the transaction and says whether it is there.
pub(super) async fn lock(
    tx: &mut crate::Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
) -> Result<bool, StoreError> {
    // An update that changes nothing locks the row on both databases.
    let row = sqlx::query(
        "UPDATE connections SET version = version \
         WHERE id = $1 AND environment_id = $2 AND deleted_at IS NULL RETURNING id",
    )
    .bind(id.0)
    .bind(environment.0)
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| row.int("id")).transpose().map(|id| id.is_some())
}
