//! Data keys: one active an environment, wrapped by the root key.

mod reseal;

use dovetail_model::{DataKeyId, EnvironmentId, Timestamp};
use dovetail_vault::{Context, DataKey, DataKeyState, EnvironmentKeys, Sealed};
use std::sync::Arc;

pub use reseal::reseal;

use crate::keys::failure;
use crate::row::Columns;
use crate::{Change, Db, StoreError, Tx};

const TABLE: &str = "data_keys";

/// What `dovetail keys status` shows of a data key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataKeyInfo {
    /// Row id.
    pub id: DataKeyId,
    /// Whose it is.
    pub environment: EnvironmentId,
    /// The id of the root key that wraps it.
    pub root_key: String,
    /// What it is still good for.
    pub state: DataKeyState,
    /// When it was made.
    pub created_at: Timestamp,
}

/// All data keys, by environment and age.
pub async fn list(db: &mut impl Db) -> Result<Vec<DataKeyInfo>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, environment_id, root_key_id, state, created_at FROM data_keys ORDER BY environment_id, id",
    )
    .fetch_all(db.conn())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(DataKeyInfo {
                id: DataKeyId(row.int("id")?),
                environment: EnvironmentId(row.int("environment_id")?),
                root_key: row.text("root_key_id")?,
                state: state(row.int("id")?, &row.text("state")?)?,
                created_at: row.time("created_at")?,
            })
        })
        .collect()
}

/// Makes the first data key of a new environment, or replaces the active one: the old one then only opens.
pub async fn rotate(tx: &mut Tx, environment: EnvironmentId) -> Result<DataKeyId, StoreError> {
    sqlx::query("UPDATE data_keys SET state = 'retiring' WHERE environment_id = $1 AND state = 'active'")
        .bind(environment.0)
        .execute(tx.conn())
        .await?;
    let id = tx.next_id(TABLE).await?;
    let key = DataKey::generate(tx.store.random());
    let ring = tx.store.ring().clone();
    let wrapped = ring.wrap(tx.store.random(), &place(id, environment), &key);
    sqlx::query(
        "INSERT INTO data_keys (id, environment_id, root_key_id, wrapped, state, created_at) \
         VALUES ($1, $2, $3, $4, 'active', $5)",
    )
    .bind(id)
    .bind(environment.0)
    .bind(ring.current_id().to_string())
    .bind(wrapped.into_bytes())
    .bind(tx.now().0)
    .execute(tx.conn())
    .await?;
    let keys = load(tx, environment).await?;
    tx.remember_keys(Arc::new(keys));
    tx.changed(Change::DataKeys { environment });
    Ok(DataKeyId(id))
}

/// Wraps every data key under the ring's current root key and records it as the one in use. Afterwards the
/// earlier root keys are no longer needed for data, only for API keys not used since. Returns how many.
pub async fn rewrap(tx: &mut Tx) -> Result<u64, StoreError> {
    let ring = tx.store.ring().clone();
    let current = ring.current_id().to_string();
    let rows = sqlx::query("SELECT id, environment_id, wrapped FROM data_keys WHERE root_key_id <> $1")
        .bind(current.as_str())
        .fetch_all(tx.conn())
        .await?;
    for row in &rows {
        let (id, environment) = (row.int("id")?, EnvironmentId(row.int("environment_id")?));
        let place = place(id, environment);
        let key = ring.unwrap(&place, &row.sealed("wrapped")?).map_err(|source| failure(&place, source))?;
        let wrapped = ring.wrap(tx.store.random(), &place, &key);
        sqlx::query("UPDATE data_keys SET wrapped = $1, root_key_id = $2 WHERE id = $3")
            .bind(wrapped.into_bytes())
            .bind(current.as_str())
            .bind(id)
            .execute(tx.conn())
            .await?;
    }
    crate::meta::set(tx, crate::meta::KEY_CHECK, &ring.check().to_string()).await?;
    Ok(rows.len() as u64)
}

/// Opens an environment's keys.
pub(crate) async fn load(
    db: &mut impl Db,
    environment: EnvironmentId,
) -> Result<EnvironmentKeys, StoreError> {
    let rows = sqlx::query(
        "SELECT id, wrapped, state FROM data_keys WHERE environment_id = $1 AND state <> 'retired' ORDER BY id",
    )
    .bind(environment.0)
    .fetch_all(db.conn())
    .await?;
    let ring = db.store().ring();
    let (mut active, mut retiring) = (None, Vec::new());
    for row in &rows {
        let id = row.int("id")?;
        let place = place(id, environment);
        let wrapped: Sealed = row.sealed("wrapped")?;
        let key = ring.unwrap(&place, &wrapped).map_err(|source| failure(&place, source))?;
        match state(id, &row.text("state")?)? {
            DataKeyState::Active => active = Some((DataKeyId(id), key)),
            DataKeyState::Retiring => retiring.push((DataKeyId(id), key)),
            DataKeyState::Retired => {}
        }
    }
    let (id, key) = active.ok_or(StoreError::NoDataKey(environment.0))?;
    let keys = EnvironmentKeys::new(environment, id, &key);
    Ok(retiring.into_iter().fold(keys, |keys, (id, key)| keys.with_retiring(id, &key)))
}

fn place(row: i64, environment: EnvironmentId) -> Context {
    Context { table: TABLE, row, column: "wrapped", environment }
}

fn state(row: i64, text: &str) -> Result<DataKeyState, StoreError> {
    DataKeyState::parse(text).ok_or_else(|| StoreError::inconsistent(TABLE, row, format!("state `{text}`")))
}
