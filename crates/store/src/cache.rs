//! Copies of what every request reads. A commit of this process removes the copy before it returns; other
//! replicas hear of it ([`Change`]), and no copy lives longer than [`MAX_STALENESS`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dovetail_model::{ApiKey, ConnectionRowId, Environment, EnvironmentId, Secret};
use moka::sync::Cache;

use crate::connections::{self, Found, SealedConnection};
use crate::limits::{MAX_CACHED_CONNECTIONS, MAX_CACHED_KEYS, MAX_STALENESS};
use crate::{Change, Store, StoreError, api_keys, environments};

type Name = (EnvironmentId, Box<str>, Box<str>);

/// What a cached lookup by both keys finds; see [`Found`].
#[derive(Clone, Debug)]
pub enum CachedConnection {
    /// The connection.
    Found(Arc<SealedConnection>),
    /// The integration exists, but has no such connection.
    NoConnection,
    /// There is no such integration.
    NoIntegration,
}

#[derive(Debug)]
pub(crate) struct Caches {
    /// Grows with every removal: a copy read before one is not kept after it.
    epoch: AtomicU64,
    /// By the plain digest of the key: it never leaves this memory, and is cheaper than the keyed hash of the table.
    keys: Cache<[u8; 32], Arc<ApiKey>>,
    environments: Cache<EnvironmentId, Arc<Environment>>,
    /// Names only point at rows, so that removing a row needs no name.
    names: Cache<Name, ConnectionRowId>,
    rows: Cache<ConnectionRowId, Arc<SealedConnection>>,
}

impl Caches {
    pub(crate) fn new() -> Self {
        Self {
            epoch: AtomicU64::new(0),
            keys: bounded(MAX_CACHED_KEYS),
            environments: bounded(MAX_CACHED_KEYS),
            names: bounded(MAX_CACHED_CONNECTIONS),
            rows: bounded(MAX_CACHED_CONNECTIONS),
        }
    }

    /// Removes what a change made old.
    pub(crate) fn apply(&self, change: Change) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        match change {
            Change::Everything | Change::DataKeys { .. } => {
                self.keys.invalidate_all();
                self.environments.invalidate_all();
                self.rows.invalidate_all();
            }
            Change::Environment { environment } => self.environments.invalidate(&environment),
            Change::ApiKey { .. } => self.keys.invalidate_all(),
            // Every connection names its integration's key and provider.
            Change::Integration { .. } => self.rows.invalidate_all(),
            Change::Connection { connection, .. } => self.rows.invalidate(&connection),
            Change::SigningKeys { .. }
            | Change::ConnectSession { .. }
            | Change::Attempt { .. }
            | Change::Outbox
            | Change::Users => {}
        }
    }

    /// Removes copies of connections whose use was just written down. Only here: for another replica the time of use
    /// is a hint that may be as old as [`MAX_STALENESS`], and not worth a notice.
    pub(crate) fn used(&self, connections: impl IntoIterator<Item = ConnectionRowId>) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        for connection in connections {
            self.rows.invalidate(&connection);
        }
    }

    /// Keeps a copy, unless something was removed since `epoch`: then it may be the old one.
    fn keep<K, V>(&self, epoch: u64, cache: &Cache<K, V>, key: K, value: V)
    where
        K: std::hash::Hash + Eq + Clone + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        cache.insert(key.clone(), value);
        // After inserting, because a removal between a check and the insertion would be missed.
        if self.epoch() != epoch {
            cache.invalidate(&key);
        }
    }

    fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }
}

impl Store {
    /// [`api_keys::lookup`] through the cache. Keys that are not found are looked for again each time.
    pub async fn cached_api_key(&self, secret: &Secret) -> Result<Option<Arc<ApiKey>>, StoreError> {
        let caches = self.caches();
        let hash = dovetail_vault::sha256(api_keys::normalised(secret).expose().as_bytes());
        if let Some(key) = caches.keys.get(&hash) {
            return Ok(Some(key));
        }
        // Boxed here and below: the way to the database is rare, and must not weigh down every caller's future.
        Box::pin(async {
            let epoch = caches.epoch();
            let Some(key) = api_keys::lookup(&mut self.read().await?, secret).await? else { return Ok(None) };
            let key = Arc::new(key);
            caches.keep(epoch, &caches.keys, hash, key.clone());
            Ok(Some(key))
        })
        .await
    }

    /// [`environments::get`] through the cache.
    pub async fn cached_environment(
        &self,
        id: EnvironmentId,
    ) -> Result<Option<Arc<Environment>>, StoreError> {
        let caches = self.caches();
        if let Some(environment) = caches.environments.get(&id) {
            return Ok(Some(environment));
        }
        Box::pin(async {
            let epoch = caches.epoch();
            let Some(environment) = environments::get(&mut self.read().await?, id).await? else {
                return Ok(None);
            };
            let environment = Arc::new(environment);
            caches.keep(epoch, &caches.environments, id, environment.clone());
            Ok(Some(environment))
        })
        .await
    }

    /// [`connections::find`] through the cache; the copy is sealed, and opens without the database. For
    /// whatever writes afterwards, read again in its transaction.
    pub async fn cached_connection(
        &self,
        environment: EnvironmentId,
        provider_config_key: &str,
        connection_id: &str,
    ) -> Result<CachedConnection, StoreError> {
        let caches = self.caches();
        let name: Name = (environment, provider_config_key.into(), connection_id.into());
        if let Some(row) = caches.names.get(&name)
            && let Some(connection) = caches.rows.get(&row)
            && connection.info.provider_config_key == provider_config_key
            && connection.info.connection_id == connection_id
        {
            return Ok(CachedConnection::Found(connection));
        }
        Box::pin(self.found_connection(name)).await
    }

    async fn found_connection(&self, name: Name) -> Result<CachedConnection, StoreError> {
        let caches = self.caches();
        let epoch = caches.epoch();
        match connections::find(&mut self.read().await?, name.0, &name.1, &name.2).await? {
            Found::Connection(connection) => {
                let connection: Arc<SealedConnection> = Arc::from(connection);
                let row = connection.info.id;
                caches.keep(epoch, &caches.rows, row, connection.clone());
                caches.names.insert(name, row);
                Ok(CachedConnection::Found(connection))
            }
            Found::NoConnection => Ok(CachedConnection::NoConnection),
            Found::NoIntegration => Ok(CachedConnection::NoIntegration),
        }
    }
}

fn bounded<K, V>(entries: u64) -> Cache<K, V>
where
    K: std::hash::Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder().max_capacity(entries).time_to_live(MAX_STALENESS).build()
}
