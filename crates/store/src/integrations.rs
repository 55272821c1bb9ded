//! Integrations.

use dovetail_model::{EnvironmentId, Integration, IntegrationId, IntegrationSecrets};
use dovetail_vault::Context;
use sqlx::any::AnyRow;

use crate::row::Columns;
use crate::{Change, Db, StoreError, Tx, keys};

const TABLE: &str = "integrations";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, environment_id, unique_key, provider, display_name, forward_webhooks, secrets, created_at, \
             updated_at FROM integrations WHERE environment_id = $1 AND deleted_at IS NULL ",
            $rest
        )
    };
}

/// What a new integration is made from.
#[derive(Clone, Debug)]
pub struct NewIntegration {
    /// The key callers know it by.
    pub unique_key: String,
    /// The provider's name.
    pub provider: String,
    /// A name of its own to show.
    pub display_name: Option<String>,
    /// Whether webhooks of the service are passed on.
    pub forward_webhooks: bool,
    /// What is sealed.
    pub secrets: IntegrationSecrets,
}

/// Why an integration was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// It was deleted meanwhile.
    #[error("no such integration")]
    NotFound,
    /// Another live integration has the new key.
    #[error("the key is taken")]
    KeyTaken,
    /// It has live connections and would get another key.
    #[error("an integration with connections cannot be renamed")]
    HasConnections,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes an integration. `None` when a live one of the environment has the key.
pub async fn create(
    tx: &mut Tx,
    environment: EnvironmentId,
    new: NewIntegration,
) -> Result<Option<Integration>, StoreError> {
    let id = tx.next_id(TABLE).await?;
    let now = tx.now();
    let sealed = keys::seal(tx, place(id, environment), &new.secrets.to_bytes()).await?;
    let done = sqlx::query(
        "INSERT INTO integrations (id, environment_id, unique_key, provider, display_name, forward_webhooks, \
         secrets, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(environment.0)
    .bind(new.unique_key.as_str())
    .bind(new.provider.as_str())
    .bind(new.display_name.as_deref())
    .bind(i64::from(new.forward_webhooks))
    .bind(sealed.into_bytes())
    .bind(now.0)
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    let id = IntegrationId(id);
    tx.changed(Change::Integration { environment, integration: id });
    let NewIntegration { unique_key, provider, display_name, forward_webhooks, secrets } = new;
    Ok(Some(Integration {
        id,
        environment,
        unique_key,
        provider,
        display_name,
        forward_webhooks,
        secrets,
        created_at: now,
        updated_at: now,
    }))
}

/// The integration with this key.
pub async fn by_key(
    db: &mut impl Db,
    environment: EnvironmentId,
    unique_key: &str,
) -> Result<Option<Integration>, StoreError> {
    let row = sqlx::query(select!("AND unique_key = $2"))
        .bind(environment.0)
        .bind(unique_key)
        .fetch_optional(db.conn())
        .await?;
    match row {
        Some(row) => read(db, environment, &row).await.map(Some),
        None => Ok(None),
    }
}

/// The integration with this row id.
pub async fn get(
    db: &mut impl Db,
    environment: EnvironmentId,
    id: IntegrationId,
) -> Result<Option<Integration>, StoreError> {
    let row =
        sqlx::query(select!("AND id = $2")).bind(environment.0).bind(id.0).fetch_optional(db.conn()).await?;
    match row {
        Some(row) => read(db, environment, &row).await.map(Some),
        None => Ok(None),
    }
}

/// All live integrations, by provider, then age.
pub async fn list(db: &mut impl Db, environment: EnvironmentId) -> Result<Vec<Integration>, StoreError> {
    let rows = sqlx::query(select!("ORDER BY provider, created_at, id"))
        .bind(environment.0)
        .fetch_all(db.conn())
        .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        all.push(read(db, environment, row).await?);
    }
    Ok(all)
}

/// Which of these keys no live integration has, in the given order.
pub async fn missing_keys(
    db: &mut impl Db,
    environment: EnvironmentId,
    keys: &[&str],
) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT unique_key FROM integrations WHERE environment_id = $1 AND deleted_at IS NULL";
    let rows = sqlx::query(sql).bind(environment.0).fetch_all(db.conn()).await?;
    let known = rows.iter().map(|row| row.text("unique_key")).collect::<Result<Vec<_>, _>>()?;
    Ok(keys.iter().filter(|key| !known.iter().any(|k| k == *key)).map(|key| (*key).to_owned()).collect())
}

/// Stores a changed integration: every field but id, environment and provider is taken from it.
pub async fn update(tx: &mut Tx, changed: Integration) -> Result<Integration, UpdateError> {
    let (environment, id) = (changed.environment, changed.id);
    let stored = get(tx, environment, id).await?.ok_or(UpdateError::NotFound)?;
    if stored.unique_key != changed.unique_key {
        if by_key(tx, environment, &changed.unique_key).await?.is_some() {
            return Err(UpdateError::KeyTaken);
        }
        if connection_count(tx, environment, id).await? > 0 {
            return Err(UpdateError::HasConnections);
        }
    }
    let now = tx.now();
    let sealed = keys::seal(tx, place(id.0, environment), &changed.secrets.to_bytes()).await?;
    let done = sqlx::query(
        "UPDATE integrations SET unique_key = $1, display_name = $2, forward_webhooks = $3, secrets = $4, \
         updated_at = $5 WHERE id = $6 AND environment_id = $7 AND deleted_at IS NULL",
    )
    .bind(changed.unique_key.as_str())
    .bind(changed.display_name.as_deref())
    .bind(i64::from(changed.forward_webhooks))
    .bind(sealed.into_bytes())
    .bind(now.0)
    .bind(id.0)
    .bind(environment.0)
    .execute(tx.conn())
    .await;
    match done {
        Ok(done) if done.rows_affected() == 1 => {}
        Ok(_) => return Err(UpdateError::NotFound),
        // Lost a race for the key.
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
            return Err(UpdateError::KeyTaken);
        }
        Err(error) => return Err(StoreError::from(error).into()),
    }
    tx.changed(Change::Integration { environment, integration: id });
    Ok(Integration { provider: stored.provider, created_at: stored.created_at, updated_at: now, ..changed })
}

/// How many live connections an integration has.
pub async fn connection_count(
    db: &mut impl Db,
    environment: EnvironmentId,
    id: IntegrationId,
) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS n FROM connections \
         WHERE environment_id = $1 AND integration_id = $2 AND deleted_at IS NULL",
    )
    .bind(environment.0)
    .bind(id.0)
    .fetch_one(db.conn())
    .await?;
    row.int("n")
}

/// Deletes an integration with its live connections, and wipes what was sealed of them. False when there is none with this key.
pub async fn delete(tx: &mut Tx, environment: EnvironmentId, unique_key: &str) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let row = sqlx::query(
        "UPDATE integrations SET deleted_at = $1, secrets = $4 \
         WHERE environment_id = $2 AND unique_key = $3 AND deleted_at IS NULL RETURNING id",
    )
    .bind(now)
    .bind(environment.0)
    .bind(unique_key)
    .bind(Vec::<u8>::new())
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(false) };
    let id = row.int("id")?;
    sqlx::query(
        "DELETE FROM connection_tags WHERE connection_row IN \
         (SELECT id FROM connections WHERE integration_id = $1 AND deleted_at IS NULL)",
    )
    .bind(id)
    .execute(tx.conn())
    .await?;
    sqlx::query(
        "UPDATE connections SET deleted_at = $1, credentials = $3, config_secret = NULL, refresh_at = NULL \
         WHERE integration_id = $2 AND deleted_at IS NULL",
    )
    .bind(now)
    .bind(id)
    .bind(Vec::<u8>::new())
    .execute(tx.conn())
    .await?;
    tx.changed(Change::Integration { environment, integration: IntegrationId(id) });
    Ok(true)
}

fn place(row: i64, environment: EnvironmentId) -> Context {
    Context { table: TABLE, row, column: "secrets", environment }
}

async fn read(db: &mut impl Db, environment: EnvironmentId, row: &AnyRow) -> Result<Integration, StoreError> {
    let id = row.int("id")?;
    let opened = keys::open(db, place(id, environment), &row.sealed("secrets")?).await?;
    let secrets = serde_json::from_slice(&opened)
        .map_err(|_| StoreError::inconsistent(TABLE, id, "secrets does not read"))?;
    Ok(Integration {
        id: IntegrationId(id),
        environment,
        unique_key: row.text("unique_key")?,
        provider: row.text("provider")?,
        display_name: row.opt_text("display_name")?,
        forward_webhooks: row.flag("forward_webhooks")?,
        secrets,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
