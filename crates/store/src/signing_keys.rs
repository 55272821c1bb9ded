//! Keys that outgoing webhooks are signed with: one active an environment, replaced ones for a while beside it.

use dovetail_model::{EnvironmentId, Secret, SigningKey, SigningKeyId, SigningKeyState, Timestamp};
use dovetail_vault::Context;

use crate::limits::SIGNING_KEY_OVERLAP;
use crate::row::Columns;
use crate::{Change, Db, StoreError, Tx, keys};

const TABLE: &str = "signing_keys";

/// The keys that sign now, the active one first.
pub async fn current(db: &mut impl Db, environment: EnvironmentId) -> Result<Vec<SigningKey>, StoreError> {
    let now = db.now();
    let rows = sqlx::query(
        "SELECT id, value, retires_at, created_at FROM signing_keys \
         WHERE environment_id = $1 AND (retires_at IS NULL OR retires_at > $2) ORDER BY id DESC",
    )
    .bind(environment.0)
    .bind(now.0)
    .fetch_all(db.conn())
    .await?;
    let mut signing = Vec::with_capacity(rows.len());
    for row in &rows {
        let id = row.int("id")?;
        let opened = keys::open(db, place(id, environment), &row.sealed("value")?).await?;
        let text =
            std::str::from_utf8(&opened).map_err(|_| StoreError::inconsistent(TABLE, id, "not text"))?;
        let state = match row.opt_time("retires_at")? {
            None => SigningKeyState::Active,
            Some(until) => SigningKeyState::Retiring { until },
        };
        let (key, created_at) = (Secret::from(text), row.time("created_at")?);
        signing.push(SigningKey { id: SigningKeyId(id), key, state, created_at });
    }
    signing.sort_by_key(|key| key.state != SigningKeyState::Active);
    Ok(signing)
}

/// Puts a new key in force. The one before signs along with it for [`SIGNING_KEY_OVERLAP`], any older one
/// stops now: at most two sign.
pub async fn rotate(tx: &mut Tx, environment: EnvironmentId) -> Result<SigningKey, StoreError> {
    let now = tx.now();
    for (until, sql) in [
        (now, "UPDATE signing_keys SET retires_at = $1 WHERE environment_id = $2 AND retires_at > $1"),
        (
            now.plus(SIGNING_KEY_OVERLAP),
            "UPDATE signing_keys SET retires_at = $1 WHERE environment_id = $2 AND retires_at IS NULL",
        ),
    ] {
        sqlx::query(sql).bind(until.0).bind(environment.0).execute(tx.conn()).await?;
    }
    insert(tx, environment, now).await
}

pub(crate) async fn create_first(tx: &mut Tx, environment: EnvironmentId) -> Result<(), StoreError> {
    let now = tx.now();
    insert(tx, environment, now).await.map(|_| ())
}

async fn insert(tx: &mut Tx, environment: EnvironmentId, now: Timestamp) -> Result<SigningKey, StoreError> {
    let id = tx.next_id(TABLE).await?;
    let key = Secret::new(tx.store.random().uuid_v4().to_string());
    let sealed = keys::seal(tx, place(id, environment), key.expose().as_bytes()).await?;
    sqlx::query("INSERT INTO signing_keys (id, environment_id, value, created_at) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(environment.0)
        .bind(sealed.into_bytes())
        .bind(now.0)
        .execute(tx.conn())
        .await?;
    tx.changed(Change::SigningKeys { environment });
    Ok(SigningKey { id: SigningKeyId(id), key, state: SigningKeyState::Active, created_at: now })
}

fn place(row: i64, environment: EnvironmentId) -> Context {
    Context { table: TABLE, row, column: "value", environment }
}
