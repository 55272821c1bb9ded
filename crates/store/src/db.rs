//! What statements run on: a reader, or a transaction that ends by `commit`.

use std::collections::HashMap;
use std::sync::Arc;

use dovetail_model::{EnvironmentId, Timestamp};
use dovetail_vault::EnvironmentKeys;
use sqlx::any::Any;
use sqlx::pool::PoolConnection;
use sqlx::{AnyConnection, Row, Transaction};

use crate::{Change, Store, StoreError};

/// A [`Reader`] or a [`Tx`]: whatever an entity's reads run on.
pub trait Db: Send {
    /// The connection to the database.
    fn conn(&mut self) -> &mut AnyConnection;
    /// The store it belongs to.
    fn store(&self) -> &Store;
    /// Keys opened before; used by the sealing of this room.
    #[doc(hidden)]
    fn recall_keys(&self, environment: EnvironmentId) -> Option<Arc<EnvironmentKeys>>;
    /// Remembers opened keys.
    #[doc(hidden)]
    fn remember_keys(&mut self, keys: Arc<EnvironmentKeys>);
    /// Forgets opened keys: they turned out to be old.
    #[doc(hidden)]
    fn forget_keys(&mut self, environment: EnvironmentId);

    /// The current time of the store's clock.
    fn now(&self) -> Timestamp {
        self.store().clock().now()
    }
}

/// A connection that only reads. Goes back to its pool on drop.
#[derive(Debug)]
pub struct Reader {
    pub(crate) store: Store,
    pub(crate) connection: PoolConnection<Any>,
}

impl Db for Reader {
    fn conn(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }

    fn store(&self) -> &Store {
        &self.store
    }

    fn recall_keys(&self, environment: EnvironmentId) -> Option<Arc<EnvironmentKeys>> {
        self.store.cached_keys(environment)
    }

    fn remember_keys(&mut self, keys: Arc<EnvironmentKeys>) {
        self.store.cache_keys(keys);
    }

    fn forget_keys(&mut self, environment: EnvironmentId) {
        self.store.forget_keys(environment);
    }
}

/// A transaction. What was written exists after [`Tx::commit`]; dropping it instead leaves nothing.
#[must_use = "a transaction that is not committed leaves nothing"]
#[derive(Debug)]
pub struct Tx {
    pub(crate) store: Store,
    pub(crate) transaction: Transaction<'static, Any>,
    pub(crate) changes: Vec<Change>,
    /// Keys of environments that exist only in this transaction so far.
    pub(crate) keys: HashMap<EnvironmentId, Arc<EnvironmentKeys>>,
}

impl Db for Tx {
    fn conn(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }

    fn store(&self) -> &Store {
        &self.store
    }

    fn recall_keys(&self, environment: EnvironmentId) -> Option<Arc<EnvironmentKeys>> {
        self.keys.get(&environment).cloned().or_else(|| self.store.cached_keys(environment))
    }

    fn remember_keys(&mut self, keys: Arc<EnvironmentKeys>) {
        self.keys.insert(keys.environment(), keys);
    }

    fn forget_keys(&mut self, environment: EnvironmentId) {
        self.keys.remove(&environment);
        self.store.forget_keys(environment);
    }
}

impl Tx {
    /// Makes everything written durable, then tells caches, subscribers and the other replicas what changed.
    /// Once begun it goes on even when its caller is dropped (a client that hung up): otherwise caches could
    /// keep what the database no longer holds.
    pub async fn commit(self) -> Result<(), StoreError> {
        tokio::spawn(self.commit_and_tell()).await.map_err(|_| StoreError::Interrupted)?
    }

    async fn commit_and_tell(mut self) -> Result<(), StoreError> {
        crate::changes::notify(&mut self).await?;
        self.transaction.commit().await?;
        for keys in self.keys.into_values() {
            self.store.cache_keys(keys);
        }
        for change in self.changes {
            self.store.emit(change);
        }
        Ok(())
    }

    /// Undoes everything at once, instead of when the connection is used next.
    pub async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.transaction.rollback().await?)
    }

    /// Notes a change to be told after commit.
    pub(crate) fn changed(&mut self, change: Change) {
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }

    /// The next id of a table.
    pub(crate) async fn next_id(&mut self, table: &'static str) -> Result<i64, StoreError> {
        let sql = self.store.dialect().next_id();
        let row = sqlx::query(sql).bind(table).fetch_one(self.conn()).await?;
        Ok(row.try_get("id")?)
    }
}
