//! Moving an environment's values from a replaced data key to the active one.

use dovetail_model::EnvironmentId;
use dovetail_vault::Context;
use sqlx::AssertSqlSafe;

use crate::limits::RESEAL_BATCH;
use crate::row::Columns;
use crate::{Change, Db, Store, StoreError, keys};

/// Every sealed column: table, column, and the column that names the environment.
const SEALED: &[(&str, &str, &str)] = &[
    ("environments", "private_settings", "id"),
    ("environment_variables", "value", "environment_id"),
    ("signing_keys", "value", "environment_id"),
    ("integrations", "secrets", "environment_id"),
    ("connect_sessions", "token", "environment_id"),
    ("connect_sessions", "defaults", "environment_id"),
    ("auth_flows", "progress", "environment_id"),
    ("registered_clients", "client", "environment_id"),
    ("revocations", "material", "environment_id"),
    ("connections", "credentials", "environment_id"),
    ("connections", "config_secret", "environment_id"),
];

/// Seals every value of an environment that is under a replaced data key again, under the active one, in
/// short transactions. Requests go on meanwhile: a value that changed since it was read is left for the next
/// run. Returns how many were sealed again; run until it is 0. Replaced keys stay able to open.
pub async fn reseal(store: &Store, environment: EnvironmentId) -> Result<u64, StoreError> {
    let mut total = 0;
    for (table, column, owner) in SEALED {
        let mut after = 0;
        while let Some((last, count)) = batch(store, environment, (table, column, owner), after).await? {
            after = last;
            total += count;
        }
    }
    Ok(total)
}

/// One batch of rows after a row id: the last row id, and how many were sealed again.
async fn batch(
    store: &Store,
    environment: EnvironmentId,
    (table, column, owner): (&'static str, &'static str, &str),
    after: i64,
) -> Result<Option<(i64, u64)>, StoreError> {
    let mut tx = store.begin().await?;
    let select = format!(
        "SELECT id, {column} AS value FROM {table} WHERE {owner} = $1 AND id > $2 AND {column} IS NOT NULL \
         ORDER BY id LIMIT $3"
    );
    let update = format!("UPDATE {table} SET {column} = $1 WHERE id = $2 AND {column} = $3");
    let rows = sqlx::query(AssertSqlSafe(select))
        .bind(environment.0)
        .bind(after)
        .bind(RESEAL_BATCH)
        .fetch_all(tx.conn())
        .await?;
    let Some(last) = rows.last() else { return Ok(None) };
    let last = last.int("id")?;
    let mut count = 0;
    for row in &rows {
        let (id, old) = (row.int("id")?, row.sealed("value")?);
        let current = keys::of(&mut tx, environment).await?;
        // Values of deleted rows were wiped: nothing is left to seal.
        if old.as_bytes().is_empty() || !current.is_stale(&old) {
            continue;
        }
        let place = Context { table, row: id, column, environment };
        let value = keys::open(&mut tx, place, &old).await?;
        let new = keys::seal(&mut tx, place, &value).await?;
        let done = sqlx::query(AssertSqlSafe(update.clone()))
            .bind(new.into_bytes())
            .bind(id)
            .bind(old.into_bytes())
            .execute(tx.conn())
            .await?;
        count += done.rows_affected();
    }
    if count > 0 {
        tx.changed(Change::DataKeys { environment });
    }
    tx.commit().await?;
    Ok(Some((last, count)))
}
