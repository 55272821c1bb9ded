//! Facts about the database as a whole: the key check, the owner's set-up token.

use dovetail_model::Secret;
use dovetail_vault::{HashPurpose, KeyCheck};
use sqlx::Row;

use crate::dialect::Dialect;
use crate::pool::Pools;
use crate::row::Columns;
use crate::{Db, OpenError, Store, StoreError, Tx};

pub(crate) const KEY_CHECK: &str = "root_key_check";
const SETUP_TOKEN: &str = "setup_token_hash";

/// Makes sure that the ring holds the key the data is under; on an empty database, records the ring's.
pub(crate) async fn check_root_key(store: &Store) -> Result<(), OpenError> {
    let mut tx = store.begin().await?;
    // Inserting first makes replicas that start together on an empty database agree on one key.
    sqlx::query("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(KEY_CHECK)
        .bind(store.ring().check().to_string())
        .execute(tx.conn())
        .await
        .map_err(StoreError::from)?;
    let text = get(&mut tx, KEY_CHECK).await?.unwrap_or_default();
    let stored: KeyCheck = text.parse().map_err(|what| StoreError::inconsistent("meta", KEY_CHECK, what))?;
    store.ring().verify(&stored)?;
    tx.commit().await?;
    Ok(())
}

/// The key check of a database that may have no schema yet.
pub(crate) async fn stored_check(pools: &Pools, dialect: Dialect) -> Result<Option<KeyCheck>, StoreError> {
    let exists = match dialect {
        Dialect::Sqlite => "SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'table' AND name = 'meta'",
        Dialect::Postgres => "SELECT COUNT(*) AS n FROM pg_catalog.pg_class WHERE oid = to_regclass('meta')",
    };
    let row = sqlx::query(exists).fetch_one(&pools.readers).await?;
    if row.int("n")? == 0 {
        return Ok(None);
    }
    let row = sqlx::query("SELECT value FROM meta WHERE name = $1")
        .bind(KEY_CHECK)
        .fetch_optional(&pools.readers)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let text: String = row.try_get("value")?;
    text.parse().map(Some).map_err(|what| StoreError::inconsistent("meta", KEY_CHECK, what))
}

/// Makes a new set-up token: whoever has it may make the owner's account. The one before stops working.
pub async fn new_setup_token(tx: &mut Tx) -> Result<Secret, StoreError> {
    let token = Secret::new(tx.store.random().hex(24));
    let hash = tx.store.ring().lookup_hash(HashPurpose::SetupToken, &token);
    set(tx, SETUP_TOKEN, hash.as_str()).await?;
    Ok(token)
}

/// Whether this is the current set-up token.
pub async fn is_setup_token(db: &mut impl Db, token: &Secret) -> Result<bool, StoreError> {
    let Some(stored) = get(db, SETUP_TOKEN).await? else { return Ok(false) };
    let stored = Secret::new(stored);
    let hashes = db.store().ring().lookup_hashes(HashPurpose::SetupToken, token);
    Ok(hashes.iter().any(|hash| Secret::from(hash.as_str()) == stored))
}

/// Takes the set-up token; false when it is not the current one, or was taken by another request meanwhile.
pub async fn take_setup_token(tx: &mut Tx, token: &Secret) -> Result<bool, StoreError> {
    if !is_setup_token(tx, token).await? {
        return Ok(false);
    }
    let done = sqlx::query("DELETE FROM meta WHERE name = $1").bind(SETUP_TOKEN).execute(tx.conn()).await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn get(db: &mut impl Db, name: &str) -> Result<Option<String>, StoreError> {
    let row =
        sqlx::query("SELECT value FROM meta WHERE name = $1").bind(name).fetch_optional(db.conn()).await?;
    row.map(|row| row.text("value")).transpose()
}

pub(crate) async fn set(tx: &mut Tx, name: &str, value: &str) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(tx.conn())
    .await?;
    Ok(())
}
