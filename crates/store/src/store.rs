//! The open store.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use dovetail_model::{Clock, EnvironmentId, Random};
use dovetail_vault::{EnvironmentKeys, KeyRing};
use sqlx::AnyConnection;
use tokio::sync::broadcast;
use tokio::task::AbortHandle;

use crate::cache::Caches;
use crate::changes::Teller;
use crate::dialect::Dialect;
use crate::limits::CHANGE_BUFFER;
use crate::pool::Pools;
use crate::touches::Touches;
use crate::{Change, OpenError, Reader, StoreConfig, StoreError, Tx, changes, meta, migrate};

/// The database, the keys that open it, and the clock it writes by. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    pools: Pools,
    dialect: Dialect,
    ring: KeyRing,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    keys: RwLock<HashMap<EnvironmentId, Arc<EnvironmentKeys>>>,
    changes: broadcast::Sender<Change>,
    instance: String,
    listener: Option<AbortHandle>,
    touches: Touches,
    caches: Arc<Caches>,
}

impl Store {
    /// Connects, brings the schema up to date, and makes sure that the ring holds the key the data is under.
    /// Safe with any number of replicas doing the same at once.
    pub async fn open(
        config: &StoreConfig,
        ring: KeyRing,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, OpenError> {
        let pools = Pools::open(config).await?;
        // Before anything is written: a wrong key must leave the data as it is.
        if let Some(stored) = meta::stored_check(&pools, config.dialect).await? {
            ring.verify(&stored)?;
        }
        migrate::run(&pools, config.dialect, &*clock).await?;
        let (changes, _) = broadcast::channel(CHANGE_BUFFER);
        let instance = random.hex(8);
        let caches = Arc::new(Caches::new());
        let listener = (config.dialect == Dialect::Postgres).then(|| {
            let teller = Teller { sender: changes.clone(), caches: caches.clone() };
            tokio::spawn(changes::listen(config.url.clone(), instance.clone(), teller)).abort_handle()
        });
        let store = Self(Arc::new(Inner {
            pools,
            dialect: config.dialect,
            ring,
            clock,
            random,
            keys: RwLock::default(),
            changes,
            instance,
            listener,
            touches: Touches::default(),
            caches,
        }));
        meta::check_root_key(&store).await?;
        Ok(store)
    }

    /// The id of the root key an existing database is sealed under, without migrating or writing anything.
    /// `None` when the database is missing or empty: only then may a new key be made.
    pub async fn root_key_in_use(config: &StoreConfig) -> Result<Option<String>, OpenError> {
        if config.dialect == Dialect::Sqlite && !config.file_exists() {
            return Ok(None);
        }
        let pools = Pools::open(config).await?;
        let found = meta::stored_check(&pools, config.dialect).await;
        pools.close().await;
        Ok(found?.map(|check| check.key_id().to_owned()))
    }

    /// Begins a transaction.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let transaction = self.0.pools.writer.begin_with(self.0.dialect.begin()).await?;
        Ok(Tx { store: self.clone(), transaction, changes: Vec::new(), keys: HashMap::new() })
    }

    /// A connection for reads outside of a transaction.
    pub async fn read(&self) -> Result<Reader, StoreError> {
        let connection = self.0.pools.readers.acquire().await?;
        Ok(Reader { store: self.clone(), connection })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut reader = self.read().await?;
        let connection: &mut AnyConnection = &mut reader.connection;
        sqlx::query("SELECT 1").execute(connection).await?;
        Ok(())
    }

    /// Subscribes to committed changes, of this process and of other replicas. A subscriber that lags must
    /// take it as [`Change::Everything`].
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.0.changes.subscribe()
    }

    /// Waits until connections in use are back, then closes all.
    pub async fn close(&self) {
        if let Some(listener) = &self.0.listener {
            listener.abort();
        }
        self.0.pools.close().await;
    }

    /// The clock rows are stamped with.
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// The source of randomness.
    pub fn random(&self) -> &dyn Random {
        &*self.0.random
    }

    /// The root keys.
    pub fn ring(&self) -> &KeyRing {
        &self.0.ring
    }

    /// `sqlite` or `postgres`, for metrics and `doctor`.
    pub fn database(&self) -> &'static str {
        match self.0.dialect {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgres",
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    pub(crate) fn instance(&self) -> &str {
        &self.0.instance
    }

    pub(crate) fn caches(&self) -> &Caches {
        &self.0.caches
    }

    pub(crate) fn touches(&self) -> &Touches {
        &self.0.touches
    }

    pub(crate) fn emit(&self, change: Change) {
        if let Change::DataKeys { environment } = change {
            self.forget_keys(environment);
        }
        self.0.caches.apply(change);
        changes::emit(&self.0.changes, change);
    }

    pub(crate) fn cached_keys(&self, environment: EnvironmentId) -> Option<Arc<EnvironmentKeys>> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).get(&environment).cloned()
    }

    pub(crate) fn cache_keys(&self, keys: Arc<EnvironmentKeys>) {
        let mut cache = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        cache.insert(keys.environment(), keys);
    }

    pub(crate) fn forget_keys(&self, environment: EnvironmentId) {
        self.0.keys.write().unwrap_or_else(PoisonError::into_inner).remove(&environment);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("database", &self.database()).finish_non_exhaustive()
    }
}
