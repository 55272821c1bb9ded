//! Environments.

use dovetail_model::{Environment, EnvironmentId, PrivateSettings, Secret, WebhookSettings};
use dovetail_vault::Context;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::row::{Columns, from_json, to_json};
use crate::{Change, Db, StoreError, Tx, api_keys, data_keys, keys, signing_keys};

const TABLE: &str = "environments";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, uuid, name, is_production, callback_url, slack_notifications, sealed_at, webhooks, \
             created_at, updated_at FROM environments WHERE deleted_at IS NULL ",
            $rest
        )
    };
}

/// What a new environment is made from.
#[derive(Clone, Debug, Default)]
pub struct NewEnvironment {
    /// Its name.
    pub name: String,
    /// Whether real users depend on it.
    pub is_production: bool,
    /// An OAuth callback of the product's own.
    pub callback_url: Option<String>,
    /// Whether problems are told by Slack.
    pub slack_notifications: bool,
    /// Settings that are sealed; `None` when there are none.
    pub private: Option<PrivateSettings>,
    /// The full-access key, when the operator brings one; else one is made.
    pub api_key: Option<Secret>,
}

/// A new environment with the key that is shown only now.
#[derive(Debug)]
pub struct Created {
    /// The environment.
    pub environment: Environment,
    /// Its key `Default - Full access`.
    pub api_key: Secret,
}

/// Makes an environment with its data key, default API key and webhook signing key. `None` when a live one
/// has the name.
pub async fn create(tx: &mut Tx, new: NewEnvironment) -> Result<Option<Created>, StoreError> {
    let id = EnvironmentId(tx.next_id(TABLE).await?);
    let now = tx.now();
    let inserted = sqlx::query(
        "INSERT INTO environments (id, uuid, name, is_production, callback_url, slack_notifications, webhooks, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT DO NOTHING",
    )
    .bind(id.0)
    .bind(tx.store.random().uuid_v4().to_string())
    .bind(new.name.as_str())
    .bind(i64::from(new.is_production))
    .bind(new.callback_url)
    .bind(i64::from(new.slack_notifications))
    .bind(to_json(&WebhookSettings::for_new_environment()))
    .bind(now.0)
    .execute(tx.conn())
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(None);
    }
    data_keys::rotate(tx, id).await?;
    if let Some(private) = &new.private {
        set_private(tx, id, private).await?;
    }
    let api_key = api_keys::create_default(tx, id, new.api_key).await?;
    signing_keys::create_first(tx, id).await?;
    let environment = get(tx, id).await?;
    let environment = environment.ok_or_else(|| StoreError::inconsistent(TABLE, id, "vanished"))?;
    Ok(Some(Created { environment, api_key }))
}

/// All live environments, oldest first.
pub async fn list(db: &mut impl Db) -> Result<Vec<Environment>, StoreError> {
    let rows = sqlx::query(select!("ORDER BY id")).fetch_all(db.conn()).await?;
    rows.iter().map(read).collect()
}

/// An environment by id.
pub async fn get(db: &mut impl Db, id: EnvironmentId) -> Result<Option<Environment>, StoreError> {
    let row = sqlx::query(select!("AND id = $1")).bind(id.0).fetch_optional(db.conn()).await?;
    row.as_ref().map(read).transpose()
}

/// An environment by the id in webhook addresses.
pub async fn by_uuid(db: &mut impl Db, uuid: Uuid) -> Result<Option<Environment>, StoreError> {
    let row = sqlx::query(select!("AND uuid = $1")).bind(uuid.to_string()).fetch_optional(db.conn()).await?;
    row.as_ref().map(read).transpose()
}

/// An environment by name.
pub async fn by_name(db: &mut impl Db, name: &str) -> Result<Option<Environment>, StoreError> {
    let row = sqlx::query(select!("AND name = $1")).bind(name).fetch_optional(db.conn()).await?;
    row.as_ref().map(read).transpose()
}

/// Replaces the webhook settings.
pub async fn set_webhooks(
    tx: &mut Tx,
    id: EnvironmentId,
    settings: &WebhookSettings,
) -> Result<bool, StoreError> {
    let sql = "UPDATE environments SET webhooks = $1, updated_at = $2 WHERE id = $3 AND deleted_at IS NULL";
    let query = sqlx::query(sql).bind(to_json(settings)).bind(tx.now().0).bind(id.0);
    let done = query.execute(tx.conn()).await?;
    tx.changed(Change::Environment { environment: id });
    Ok(done.rows_affected() == 1)
}

/// Replaces the OAuth callback of the product's own.
pub async fn set_callback_url(tx: &mut Tx, id: EnvironmentId, url: Option<&str>) -> Result<bool, StoreError> {
    let sql =
        "UPDATE environments SET callback_url = $1, updated_at = $2 WHERE id = $3 AND deleted_at IS NULL";
    let query = sqlx::query(sql).bind(url).bind(tx.now().0).bind(id.0);
    let done = query.execute(tx.conn()).await?;
    tx.changed(Change::Environment { environment: id });
    Ok(done.rows_affected() == 1)
}

/// Seals an environment: from now on nobody is shown its secrets. Or opens it again. False when it is that already.
pub async fn set_sealed(tx: &mut Tx, id: EnvironmentId, sealed: bool) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let sql = "UPDATE environments SET sealed_at = $1, updated_at = $2 \
         WHERE id = $3 AND deleted_at IS NULL AND (CASE WHEN sealed_at IS NULL THEN 0 ELSE 1 END) <> $4";
    let done = sqlx::query(sql)
        .bind(sealed.then_some(now))
        .bind(now)
        .bind(id.0)
        .bind(i64::from(sealed))
        .execute(tx.conn())
        .await?;
    tx.changed(Change::Environment { environment: id });
    Ok(done.rows_affected() == 1)
}

/// The sealed settings; defaults when never set.
pub async fn private(db: &mut impl Db, id: EnvironmentId) -> Result<PrivateSettings, StoreError> {
    let row = sqlx::query("SELECT private_settings FROM environments WHERE id = $1")
        .bind(id.0)
        .fetch_optional(db.conn())
        .await?;
    let sealed = row.map(|row| row.opt_sealed("private_settings")).transpose()?.flatten();
    let Some(sealed) = sealed else { return Ok(PrivateSettings::default()) };
    let opened = keys::open(db, private_place(id), &sealed).await?;
    serde_json::from_slice(&opened)
        .map_err(|_| StoreError::inconsistent(TABLE, id, "private_settings does not read"))
}

/// Replaces the sealed settings.
pub async fn set_private(
    tx: &mut Tx,
    id: EnvironmentId,
    settings: &PrivateSettings,
) -> Result<(), StoreError> {
    let sealed = keys::seal(tx, private_place(id), to_json(settings).as_bytes()).await?;
    sqlx::query("UPDATE environments SET private_settings = $1 WHERE id = $2")
        .bind(sealed.into_bytes())
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    tx.changed(Change::Environment { environment: id });
    Ok(())
}

/// Deletes an environment with its integrations, connections, keys and sessions, and wipes what was sealed of
/// integrations and connections. Rows stay for the activity log; nothing finds them any more. False when there is no
/// such environment.
pub async fn delete(tx: &mut Tx, id: EnvironmentId) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let done = sqlx::query("UPDATE environments SET deleted_at = $1 WHERE id = $2 AND deleted_at IS NULL")
        .bind(now)
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("DELETE FROM connection_tags WHERE environment_id = $1")
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    for sql in [
        "UPDATE integrations SET deleted_at = $1, secrets = $3 WHERE environment_id = $2 AND deleted_at IS NULL",
        "UPDATE connections SET deleted_at = $1, credentials = $3, config_secret = NULL, refresh_at = NULL \
         WHERE environment_id = $2 AND deleted_at IS NULL",
    ] {
        sqlx::query(sql).bind(now).bind(id.0).bind(Vec::<u8>::new()).execute(tx.conn()).await?;
    }
    for sql in [
        "UPDATE api_keys SET deleted_at = $1 WHERE environment_id = $2 AND deleted_at IS NULL",
        "UPDATE connect_sessions SET expires_at = $1 WHERE environment_id = $2 AND expires_at > $1",
    ] {
        sqlx::query(sql).bind(now).bind(id.0).execute(tx.conn()).await?;
    }
    tx.changed(Change::Everything);
    Ok(true)
}

fn private_place(id: EnvironmentId) -> Context {
    Context { table: TABLE, row: id.0, column: "private_settings", environment: id }
}

fn read(row: &AnyRow) -> Result<Environment, StoreError> {
    let id = row.int("id")?;
    Ok(Environment {
        id: EnvironmentId(id),
        uuid: row.text("uuid")?.parse().map_err(|_| StoreError::inconsistent(TABLE, id, "uuid"))?,
        name: row.text("name")?,
        is_production: row.flag("is_production")?,
        callback_url: row.opt_text("callback_url")?,
        slack_notifications: row.flag("slack_notifications")?,
        sealed_at: row.opt_time("sealed_at")?,
        webhooks: from_json(TABLE, id, "webhooks", &row.text("webhooks")?)?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
