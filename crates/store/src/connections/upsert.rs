//! A connection comes to be, or is linked again.

use dovetail_model::{
    ConnectionRowId, CredentialState, Credentials, EndUser, EndUserRowId, EnvironmentId, Integration,
    TagError, Tags, UrlOverride,
};
use dovetail_vault::Sealed;
use serde_json::{Map, Value};

use super::change::write_tags;
use super::filter::search_text;
use super::lookup::{by_row, lock};
use super::row::state_columns;
use super::sealed::{SealedConnection, config_place, credentials_place};
use super::{TABLE, by_key};
use crate::row::{Columns, to_json};
use crate::{Change, Db, StoreError, Tx, end_users, keys};

/// What is stored of a successful linking or an import.
#[derive(Clone, Debug)]
pub struct Upsert<'a> {
    /// The integration.
    pub integration: &'a Integration,
    /// The public id; a live connection of the integration with this id is overwritten.
    pub connection_id: String,
    /// The credentials.
    pub credentials: &'a Credentials,
    /// Whether the service accepted them.
    pub state: CredentialState,
    /// Configuration.
    pub config: ConfigUpdate,
    /// The product's data. `None` keeps what is there.
    pub metadata: Option<Map<String, Value>>,
    /// Tags.
    pub tags: TagsUpdate,
    /// Who linked it. `None` keeps who is there.
    pub end_user: Option<EndUser>,
    /// Its own webhook target.
    pub webhook_url: UrlOverride,
}

/// New configuration values; they are laid over the ones that are there.
#[derive(Clone, Debug, Default)]
pub struct ConfigUpdate {
    /// Values that are stored as they are.
    pub public: Map<String, Value>,
    /// Values that are sealed.
    pub secret: Map<String, Value>,
}

/// What becomes of a connection's tags.
#[derive(Clone, Debug)]
pub enum TagsUpdate {
    /// They stay; a new connection gets none.
    Keep,
    /// These are laid over the ones that are there (connect.md 1.4).
    Merge(Tags),
    /// These replace the ones that are there.
    Replace(Tags),
}

/// Whether a connection is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpsertKind {
    /// It is.
    Created,
    /// It was there, and its credentials were replaced.
    Overridden,
}

/// A stored connection.
#[derive(Debug)]
pub struct Upserted {
    /// As it is now.
    pub connection: SealedConnection,
    /// Whether it is new.
    pub kind: UpsertKind,
}

/// Stores a connection. Of an existing one, what is not given is kept, the problems are cleared and the
/// refresh state starts anew. Concurrent calls for one connection follow one another.
pub async fn upsert(
    tx: &mut Tx,
    environment: EnvironmentId,
    new: Upsert<'_>,
) -> Result<Upserted, StoreError> {
    if new.integration.environment != environment {
        return Err(StoreError::inconsistent("integrations", new.integration.id, "of another environment"));
    }
    // Twice, because an existing row may be deleted between the two steps.
    for _ in 0..2 {
        if let Some(connection) = insert(tx, environment, &new).await? {
            return Ok(Upserted { connection, kind: UpsertKind::Created });
        }
        let key = &new.integration.unique_key;
        if let Some(stored) = by_key(tx, environment, key, &new.connection_id).await?
            && lock(tx, environment, stored.info.id).await?
            && let Some(stored) = by_row(tx, environment, stored.info.id).await?
        {
            let connection = overwrite(tx, environment, &new, &stored).await?;
            return Ok(Upserted { connection, kind: UpsertKind::Overridden });
        }
    }
    Err(StoreError::inconsistent(TABLE, &new.connection_id, "is neither free nor taken"))
}

async fn insert(
    tx: &mut Tx,
    environment: EnvironmentId,
    new: &Upsert<'_>,
) -> Result<Option<SealedConnection>, StoreError> {
    let id = tx.next_id(TABLE).await?;
    let now = tx.now().0;
    let credentials = seal_credentials(tx, environment, id, new.credentials).await?;
    let config_secret = seal_config(tx, environment, id, &new.config.secret).await?;
    let tags = match &new.tags {
        TagsUpdate::Keep => Tags::default(),
        TagsUpdate::Merge(tags) | TagsUpdate::Replace(tags) => tags.clone(),
    };
    let (verified_state, verified_at, verified_status) = state_columns(new.state);
    let done = sqlx::query(
        "INSERT INTO connections (id, environment_id, integration_id, connection_id, search_text, config, \
         config_secret, credentials, version, credentials_expire_at, metadata, tags, webhook_url, \
         verified_state, verified_at, verified_status, refresh_failures, refresh_lease_token, created_at, \
         updated_at, credentials_issued_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $11, $12, $13, $14, $15, 0, 0, $16, $16, $16) \
         ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(environment.0)
    .bind(new.integration.id.0)
    .bind(new.connection_id.as_str())
    .bind(search_text(&new.connection_id, new.end_user.as_ref()))
    .bind(to_json(&new.config.public))
    .bind(config_secret.map(Sealed::into_bytes))
    .bind(credentials.into_bytes())
    .bind(new.credentials.expires_at().map(|at| at.0))
    .bind(new.metadata.as_ref().map(to_json))
    .bind(to_json(&tags))
    .bind(new.webhook_url.clone().apply(None))
    .bind(verified_state)
    .bind(verified_at)
    .bind(verified_status)
    .bind(now)
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    write_tags(tx, environment, ConnectionRowId(id), &tags).await?;
    if let Some(user) = &new.end_user {
        let row = end_users::save(tx, environment, None, user).await?;
        link_end_user(tx, id, row).await?;
    }
    finish(tx, environment, ConnectionRowId(id)).await.map(Some)
}

async fn overwrite(
    tx: &mut Tx,
    environment: EnvironmentId,
    new: &Upsert<'_>,
    stored: &SealedConnection,
) -> Result<SealedConnection, StoreError> {
    let id = stored.info.id;
    let credentials = seal_credentials(tx, environment, id.0, new.credentials).await?;
    let config = merge_config(stored, &new.config)?;
    let config_secret = seal_config(tx, environment, id.0, &config.secret).await?;
    let tags = merge_tags(&stored.info.tags, &new.tags);
    let user = new.end_user.as_ref().or(stored.info.end_user.as_ref());
    let (verified_state, verified_at, verified_status) = state_columns(new.state);
    sqlx::query(
        "UPDATE connections SET search_text = $1, config = $2, config_secret = $3, credentials = $4, \
         version = version + 1, credentials_expire_at = $5, metadata = $6, tags = $7, webhook_url = $8, \
         verified_state = $9, verified_at = $10, verified_status = $11, refresh_failures = 0, \
         refresh_failing_since = NULL, refresh_failed_at = NULL, refresh_exhausted_at = NULL, \
         refresh_failed_days = NULL, refresh_next_at = NULL, refresh_problem = NULL, refresh_at = NULL, \
         credentials_issued_at = $12, credentials_learned_life = NULL, auth_error = NULL, \
         updated_at = $12 WHERE id = $13",
    )
    .bind(search_text(&new.connection_id, user))
    .bind(to_json(&config.public))
    .bind(config_secret.map(Sealed::into_bytes))
    .bind(credentials.into_bytes())
    .bind(new.credentials.expires_at().map(|at| at.0))
    .bind(new.metadata.as_ref().or(stored.info.metadata.as_ref()).map(to_json))
    .bind(to_json(&tags))
    .bind(new.webhook_url.clone().apply(stored.info.webhook_url.clone()))
    .bind(verified_state)
    .bind(verified_at)
    .bind(verified_status)
    .bind(tx.now().0)
    .bind(id.0)
    .execute(tx.conn())
    .await?;
    if tags != stored.info.tags {
        write_tags(tx, environment, id, &tags).await?;
    }
    if let Some(user) = &new.end_user {
        save_end_user(tx, environment, id, user).await?;
    }
    finish(tx, environment, id).await
}

/// Stores an end user in the connection's row of `end_users`, which is made when it has none.
pub(super) async fn save_end_user(
    tx: &mut Tx,
    environment: EnvironmentId,
    connection: ConnectionRowId,
    user: &EndUser,
) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT end_user_row FROM connections WHERE id = $1")
        .bind(connection.0)
        .fetch_one(tx.conn())
        .await?;
    let existing = row.opt_int("end_user_row")?.map(EndUserRowId);
    let saved = end_users::save(tx, environment, existing, user).await?;
    link_end_user(tx, connection.0, saved).await
}

async fn link_end_user(tx: &mut Tx, connection: i64, user: EndUserRowId) -> Result<(), StoreError> {
    sqlx::query("UPDATE connections SET end_user_row = $1 WHERE id = $2")
        .bind(user.0)
        .bind(connection)
        .execute(tx.conn())
        .await?;
    Ok(())
}

async fn finish(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
) -> Result<SealedConnection, StoreError> {
    tx.changed(Change::Connection { environment, connection: id });
    let stored = by_row(tx, environment, id).await?;
    stored.ok_or_else(|| StoreError::inconsistent(TABLE, id, "vanished; was its integration deleted?"))
}

pub(super) async fn seal_credentials(
    tx: &mut Tx,
    environment: EnvironmentId,
    row: i64,
    credentials: &Credentials,
) -> Result<Sealed, StoreError> {
    keys::seal(tx, credentials_place(row, environment), &credentials.to_bytes()).await
}

pub(super) async fn seal_config(
    tx: &mut Tx,
    environment: EnvironmentId,
    row: i64,
    secret: &Map<String, Value>,
) -> Result<Option<Sealed>, StoreError> {
    if secret.is_empty() {
        return Ok(None);
    }
    let text = to_json(secret);
    keys::seal(tx, config_place(row, environment), text.as_bytes()).await.map(Some)
}

/// New values laid over old ones. A key lives on one side only: the one it was given on last.
pub(super) fn merge_config(
    stored: &SealedConnection,
    new: &ConfigUpdate,
) -> Result<ConfigUpdate, StoreError> {
    let mut public = stored.public_config.clone();
    let mut secret = stored.open_secret_config()?;
    public.retain(|key, _| !new.secret.contains_key(key));
    secret.retain(|key, _| !new.public.contains_key(key));
    public.extend(new.public.clone());
    secret.extend(new.secret.clone());
    Ok(ConfigUpdate { public, secret })
}

/// When the union has too many tags, the new ones stand alone.
fn merge_tags(stored: &Tags, update: &TagsUpdate) -> Tags {
    match update {
        TagsUpdate::Keep => stored.clone(),
        TagsUpdate::Replace(tags) => tags.clone(),
        TagsUpdate::Merge(tags) => match stored.clone().relinked(tags) {
            Ok(union) => union,
            Err(TagError::TooMany) => tags.clone(),
            Err(_) => stored.clone(),
        },
    }
}
