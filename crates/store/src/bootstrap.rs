//! What an empty database starts with.

use dovetail_model::{EnvironmentId, Secret};

use crate::environments::{self, NewEnvironment};
use crate::{Db, Store, StoreError};

/// What was made on an empty database.
#[derive(Debug)]
pub struct Bootstrapped {
    /// The environments made, with their full-access keys, which are shown only now.
    pub environments: Vec<(EnvironmentId, String, Secret)>,
}

/// Makes the environments `dev` and `prod` when there has never been any. `dev_key` becomes the full-access
/// key of `dev`; it must be a UUID of version 4. `None` when the database was not empty. Replicas that start
/// together agree: one of them makes everything.
pub async fn run(store: &Store, dev_key: Option<Secret>) -> Result<Option<Bootstrapped>, StoreError> {
    let mut tx = store.begin().await?;
    // Writing the marker first makes replicas queue here on PostgreSQL; on SQLite they queue on `begin`.
    let first =
        sqlx::query("INSERT INTO meta (name, value) VALUES ('bootstrapped', '1') ON CONFLICT DO NOTHING")
            .execute(tx.conn())
            .await?;
    if first.rows_affected() == 0 {
        tx.rollback().await?;
        return Ok(None);
    }
    let mut made = Vec::new();
    for (name, is_production, api_key) in [("dev", false, dev_key), ("prod", true, None)] {
        let new =
            NewEnvironment { name: name.to_owned(), is_production, api_key, ..NewEnvironment::default() };
        if let Some(created) = environments::create(&mut tx, new).await? {
            made.push((created.environment.id, name.to_owned(), created.api_key));
        }
    }
    tx.commit().await?;
    Ok(Some(Bootstrapped { environments: made }))
}
