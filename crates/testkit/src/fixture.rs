//! A store to test with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dovetail_model::{Clock, EnvironmentId, ManualClock, Random, Secret, SeededRandom, Timestamp};
use dovetail_store::{Store, StoreConfig, bootstrap};
use dovetail_vault::{KeyRing, RootKey};
use tempfile::TempDir;

use crate::postgres::{fresh_postgres_url, postgres_is_off};

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file in a temporary folder.
    Sqlite,
    /// A new database of the test binary's server.
    Postgres,
}

impl Database {
    /// The kind that suites run on which need one only: SQLite, or PostgreSQL when `DOVETAIL_TEST_DATABASE=postgres`.
    #[expect(clippy::disallowed_methods, reason = "a switch of the test kit")]
    pub fn asked() -> Self {
        match std::env::var("DOVETAIL_TEST_DATABASE").as_deref() {
            Ok("postgres") => Self::Postgres,
            _ => Self::Sqlite,
        }
    }
}

/// A store on a fresh database.
#[derive(Debug)]
pub struct Fixture {
    /// The store.
    pub store: Store,
    /// Its clock; stands until pushed.
    pub clock: Arc<ManualClock>,
    /// Its randomness.
    pub random: Arc<SeededRandom>,
    /// How it was reached: to open it again.
    pub config: StoreConfig,
    /// Its root key.
    pub root_key: RootKey,
    /// The environment `dev`.
    pub dev: EnvironmentId,
    /// The full-access key of `dev`.
    pub dev_key: Secret,
    /// The environment `prod`.
    pub prod: EnvironmentId,
    /// The full-access key of `prod`.
    pub prod_key: Secret,
    // Deleted with the fixture.
    _folder: Option<TempDir>,
}

impl Fixture {
    /// On SQLite.
    pub async fn sqlite() -> Self {
        match Self::on(Database::Sqlite).await {
            Some(fixture) => fixture,
            None => panic!("SQLite is never off"),
        }
    }

    /// On PostgreSQL; `None` when that is switched off.
    pub async fn postgres() -> Option<Self> {
        Self::on(Database::Postgres).await
    }

    /// On either; `None` when that is switched off.
    pub async fn on(database: Database) -> Option<Self> {
        let (config, folder) = empty(database)?;
        let random = Arc::new(fresh_random());
        let clock = Arc::new(ManualClock::default());
        let root_key = RootKey::generate(&*random);
        let ring = KeyRing::new(&root_key);
        let store = match Store::open(&config, ring, clock.clone(), random.clone()).await {
            Ok(store) => store,
            Err(error) => panic!("{error}"),
        };
        let made = match bootstrap::run(&store, None).await {
            Ok(Some(made)) => made.environments,
            other => panic!("{other:?}"),
        };
        let [(dev, _, dev_key), (prod, _, prod_key)] = match <[_; 2]>::try_from(made) {
            Ok(both) => both,
            Err(other) => panic!("{other:?}"),
        };
        Some(Self { store, clock, random, config, root_key, dev, dev_key, prod, prod_key, _folder: folder })
    }

    /// The instant its clock stands at.
    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Opens the same database again, as another replica would.
    pub async fn reopen(&self) -> Store {
        let ring = KeyRing::new(&self.root_key);
        // Another replica has other randomness.
        let random: Arc<dyn Random> = Arc::new(fresh_random());
        match Store::open(&self.config, ring, self.clock.clone(), random).await {
            Ok(store) => store,
            Err(error) => panic!("{error}"),
        }
    }
}

/// A configuration of an empty database; `None` when its kind is switched off.
pub fn empty(database: Database) -> Option<(StoreConfig, Option<TempDir>)> {
    match database {
        Database::Sqlite => match tempfile::tempdir() {
            Ok(folder) => Some((StoreConfig::sqlite(&folder.path().join("dovetail.db")), Some(folder))),
            Err(error) => panic!("{error}"),
        },
        Database::Postgres if postgres_is_off() => None,
        Database::Postgres => match StoreConfig::from_url(&fresh_postgres_url()) {
            Ok(config) => Some((config, None)),
            Err(error) => panic!("{error}"),
        },
    }
}

fn fresh_random() -> SeededRandom {
    static SEED: AtomicU64 = AtomicU64::new(1);
    SeededRandom::new(SEED.fetch_add(1, Ordering::SeqCst))
}
