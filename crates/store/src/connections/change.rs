//! Changes of a connection that leave its credentials alone.

use dovetail_model::{ConnectionRowId, EndUser, EnvironmentId, Tags, UrlOverride};
use serde_json::{Map, Value};

use super::filter::search_text;
use super::lookup::{by_row, info_by_ids, lock};
use super::upsert::save_end_user;
use crate::row::to_json;
use crate::{Change, Db, StoreError, Tx};

/// How new metadata meets what is there.
pub use metadata::{MetadataChange, set_metadata};

/// Deletes a connection: it is no longer found, and its credentials and tags are wiped. False when it is not
/// there.
pub async fn delete(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE connections SET deleted_at = $1, credentials = $4, config_secret = NULL, refresh_at = NULL \
         WHERE id = $2 AND environment_id = $3 AND deleted_at IS NULL",
    )
    .bind(tx.now().0)
    .bind(id.0)
    .bind(environment.0)
    .bind(Vec::<u8>::new())
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("DELETE FROM connection_tags WHERE connection_row = $1")
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    tx.changed(Change::Connection { environment, connection: id });
    Ok(true)
}

/// Replaces the tags.
pub async fn set_tags(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    tags: &Tags,
) -> Result<bool, StoreError> {
    if !lock(tx, environment, id).await? {
        return Ok(false);
    }
    sqlx::query("UPDATE connections SET tags = $1, updated_at = $2 WHERE id = $3")
        .bind(to_json(tags))
        .bind(tx.now().0)
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    write_tags(tx, environment, id, tags).await?;
    tx.changed(Change::Connection { environment, connection: id });
    Ok(true)
}

/// Sets or clears the connection's own webhook target.
pub async fn set_webhook_url(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    url: UrlOverride,
) -> Result<bool, StoreError> {
    let url = match url {
        UrlOverride::Keep => return lock(tx, environment, id).await,
        other => other.apply(None),
    };
    let done = sqlx::query(
        "UPDATE connections SET webhook_url = $1, updated_at = $2 \
         WHERE id = $3 AND environment_id = $4 AND deleted_at IS NULL",
    )
    .bind(url)
    .bind(tx.now().0)
    .bind(id.0)
    .bind(environment.0)
    .execute(tx.conn())
    .await?;
    tx.changed(Change::Connection { environment, connection: id });
    Ok(done.rows_affected() == 1)
}

/// Replaces who the connection belongs to.
pub async fn update_end_user(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    user: &EndUser,
) -> Result<bool, StoreError> {
    if !lock(tx, environment, id).await? {
        return Ok(false);
    }
    let Some(stored) = by_row(tx, environment, id).await? else { return Ok(false) };
    save_end_user(tx, environment, id, user).await?;
    sqlx::query("UPDATE connections SET search_text = $1, updated_at = $2 WHERE id = $3")
        .bind(search_text(&stored.info.connection_id, Some(user)))
        .bind(tx.now().0)
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    tx.changed(Change::Connection { environment, connection: id });
    Ok(true)
}

/// Replaces the rows that tag filters look at.
pub(super) async fn write_tags(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    tags: &Tags,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM connection_tags WHERE connection_row = $1")
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    for (name, value) in tags.iter() {
        sqlx::query(
            "INSERT INTO connection_tags (connection_row, environment_id, name, value) VALUES ($1, $2, $3, $4)",
        )
        .bind(id.0)
        .bind(environment.0)
        .bind(name)
        .bind(value)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

mod metadata {
    use super::*;

    /// How new metadata meets what is there.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum MetadataChange {
        /// It replaces all.
        Replace,
        /// Its top-level keys are laid over the ones that are there.
        Merge,
    }

    /// Changes the metadata of connections of one integration, all or none: the first id that is not there is
    /// returned, and then nothing was written.
    pub async fn set_metadata(
        tx: &mut Tx,
        environment: EnvironmentId,
        provider_config_key: &str,
        connection_ids: &[String],
        metadata: &Map<String, Value>,
        change: MetadataChange,
    ) -> Result<Option<String>, StoreError> {
        let (found, missing) = info_by_ids(tx, environment, provider_config_key, connection_ids).await?;
        if missing.is_some() {
            return Ok(missing);
        }
        for info in found {
            if !lock(tx, environment, info.id).await? {
                return Ok(Some(info.connection_id));
            }
            let mut value = Map::new();
            if change == MetadataChange::Merge {
                let stored = by_row(tx, environment, info.id).await?;
                value = stored.and_then(|stored| stored.info.metadata).unwrap_or_default();
            }
            value.extend(metadata.clone());
            sqlx::query("UPDATE connections SET metadata = $1, updated_at = $2 WHERE id = $3")
                .bind(to_json(&value))
                .bind(tx.now().0)
                .bind(info.id.0)
                .execute(tx.conn())
                .await?;
            tx.changed(Change::Connection { environment, connection: info.id });
        }
        Ok(None)
    }
}
