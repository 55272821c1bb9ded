//! API keys: found by a keyed hash, shown once.

use std::sync::Arc;

use dovetail_model::{ApiKey, ApiKeyId, EnvironmentId, KeyLimits, Scopes, Secret};
use dovetail_vault::HashPurpose;
use sqlx::any::AnyRow;

use crate::limits::MAX_API_KEYS;
use crate::row::{Columns, from_json, to_json};
use crate::{Change, Db, StoreError, Tx};

const TABLE: &str = "api_keys";
const DEFAULT_NAME: &str = "Default - Full access";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT k.id, k.environment_id, k.name, k.scopes, k.limits, k.hint, k.created_at, \
             k.last_used_at \
             FROM api_keys k WHERE k.deleted_at IS NULL ",
            $rest
        )
    };
}

/// A new key with its text, which is shown only now.
#[derive(Debug)]
pub struct Created {
    /// The key's row.
    pub key: ApiKey,
    /// The key itself: a UUID.
    pub secret: Secret,
}

/// Why a key was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// A live key of the environment has the name.
    #[error("the name is taken")]
    NameTaken,
    /// There are 50 already.
    #[error("no more than {MAX_API_KEYS} keys")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a key of an environment, or of the account (`None`).
pub async fn create(
    tx: &mut Tx,
    environment: Option<EnvironmentId>,
    name: &str,
    scopes: &Scopes,
    limits: &KeyLimits,
) -> Result<Created, CreateError> {
    let secret = Secret::new(tx.store.random().uuid_v4().to_string());
    if count(tx, environment).await? >= MAX_API_KEYS {
        return Err(CreateError::TooMany);
    }
    let key =
        insert(tx, environment, name, (scopes, limits), &secret).await?.ok_or(CreateError::NameTaken)?;
    Ok(Created { key, secret })
}

/// The full-access key of a new environment. A given text is stored in lower case, as lookups compare it.
pub(crate) async fn create_default(
    tx: &mut Tx,
    environment: EnvironmentId,
    given: Option<Secret>,
) -> Result<Secret, StoreError> {
    let secret = given.unwrap_or_else(|| Secret::new(tx.store.random().uuid_v4().to_string()));
    let rights = (&Scopes::full_environment(), &KeyLimits::default());
    let made = insert(tx, Some(environment), DEFAULT_NAME, rights, &secret).await?;
    match made {
        Some(_) => Ok(secret),
        None => Err(StoreError::inconsistent(TABLE, environment, "the default key exists already")),
    }
}

/// The key with this text. Deleted keys, and keys of deleted environments, are not found.
pub async fn lookup(db: &mut impl Db, secret: &Secret) -> Result<Option<ApiKey>, StoreError> {
    for hash in db.store().ring().lookup_hashes(HashPurpose::ApiKey, &normalised(secret)) {
        let row =
            sqlx::query(select!("AND k.hash = $1")).bind(hash.as_str()).fetch_optional(db.conn()).await?;
        if let Some(row) = row {
            return read(&row).map(Some);
        }
    }
    Ok(None)
}

/// Live keys of an environment, or of the account (`None`), oldest first.
pub async fn list(db: &mut impl Db, environment: Option<EnvironmentId>) -> Result<Vec<ApiKey>, StoreError> {
    let rows = sqlx::query(select!("AND COALESCE(k.environment_id, 0) = $1 ORDER BY k.id"))
        .bind(environment.map_or(0, |id| id.0))
        .fetch_all(db.conn())
        .await?;
    rows.iter().map(read).collect()
}

/// Changes what a key of an environment, or of the account (`None`), may do. False when there is none.
pub async fn set_rights(
    tx: &mut Tx,
    environment: Option<EnvironmentId>,
    id: ApiKeyId,
    scopes: &Scopes,
    limits: &KeyLimits,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE api_keys SET scopes = $1, limits = $2 \
         WHERE id = $3 AND COALESCE(environment_id, 0) = $4 AND deleted_at IS NULL",
    )
    .bind(to_json(scopes))
    .bind(limits_column(limits))
    .bind(id.0)
    .bind(environment.map_or(0, |id| id.0))
    .execute(tx.conn())
    .await?;
    tx.changed(Change::ApiKey { key: id });
    Ok(done.rows_affected() == 1)
}

/// Deletes a key of an environment, or of the account (`None`). False when there is none.
pub async fn delete(
    tx: &mut Tx,
    environment: Option<EnvironmentId>,
    id: ApiKeyId,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE api_keys SET deleted_at = $1 \
         WHERE id = $2 AND COALESCE(environment_id, 0) = $3 AND deleted_at IS NULL",
    )
    .bind(tx.now().0)
    .bind(id.0)
    .bind(environment.map_or(0, |id| id.0))
    .execute(tx.conn())
    .await?;
    tx.changed(Change::ApiKey { key: id });
    Ok(done.rows_affected() == 1)
}

async fn count(tx: &mut Tx, environment: Option<EnvironmentId>) -> Result<i64, StoreError> {
    let sql =
        "SELECT COUNT(*) AS n FROM api_keys WHERE COALESCE(environment_id, 0) = $1 AND deleted_at IS NULL";
    let row = sqlx::query(sql).bind(environment.map_or(0, |id| id.0)).fetch_one(tx.conn()).await?;
    row.int("n")
}

async fn insert(
    tx: &mut Tx,
    environment: Option<EnvironmentId>,
    name: &str,
    (scopes, limits): (&Scopes, &KeyLimits),
    secret: &Secret,
) -> Result<Option<ApiKey>, StoreError> {
    let id = tx.next_id(TABLE).await?;
    let now = tx.now();
    let hash = tx.store.ring().lookup_hash(HashPurpose::ApiKey, &normalised(secret));
    let hint: String =
        secret.expose().chars().skip(secret.expose().chars().count().saturating_sub(4)).collect();
    let done = sqlx::query(
        "INSERT INTO api_keys (id, environment_id, name, scopes, limits, hash, hint, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(environment.map(|id| id.0))
    .bind(name)
    .bind(to_json(scopes))
    .bind(limits_column(limits))
    .bind(hash.as_str())
    .bind(hint.as_str())
    .bind(now.0)
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    let id = ApiKeyId(id);
    tx.changed(Change::ApiKey { key: id });
    let (name, scopes) = (name.to_owned(), scopes.clone());
    let limits = (!limits.is_none()).then(|| Arc::new(limits.clone()));
    Ok(Some(ApiKey { id, environment, name, scopes, limits, hint, created_at: now, last_used_at: None }))
}

/// Null where nothing is limited, as in the rows of versions that knew no limits.
fn limits_column(limits: &KeyLimits) -> Option<String> {
    (!limits.is_none()).then(|| to_json(limits))
}

/// Keys are UUIDs, and UUIDs are the same in either case (RFC 9562 4).
pub(crate) fn normalised(secret: &Secret) -> Secret {
    Secret::new(secret.expose().to_ascii_lowercase())
}

fn read(row: &AnyRow) -> Result<ApiKey, StoreError> {
    let id = row.int("id")?;
    let limits = row.opt_text("limits")?.map(|text| from_json(TABLE, id, "limits", &text)).transpose()?;
    Ok(ApiKey {
        id: ApiKeyId(id),
        environment: row.opt_int("environment_id")?.map(EnvironmentId),
        name: row.text("name")?,
        scopes: from_json(TABLE, id, "scopes", &row.text("scopes")?)?,
        limits: limits.map(Arc::new),
        hint: row.text("hint")?,
        created_at: row.time("created_at")?,
        last_used_at: row.opt_time("last_used_at")?,
    })
}
