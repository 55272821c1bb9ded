//! Opening a store: migrations, replicas, the root key.

use std::sync::Arc;

use dovetail_model::{ManualClock, SeededRandom};
use dovetail_store::{OpenError, Store, bootstrap, environments};
use dovetail_testkit::{Database, empty};
use dovetail_vault::{KeyRing, RootKey};

use crate::on_both;

fn ring(seed: u64) -> KeyRing {
    KeyRing::new(&RootKey::generate(&SeededRandom::new(seed)))
}

async fn replicas_agree(database: Database) {
    let Some((config, _folder)) = empty(database) else { return };
    let mut starting = tokio::task::JoinSet::new();
    for seed in 0..4 {
        let config = config.clone();
        starting.spawn(async move {
            let clock = Arc::new(ManualClock::default());
            let store =
                Store::open(&config, ring(77), clock, Arc::new(SeededRandom::new(seed))).await.unwrap();
            let made = bootstrap::run(&store, None).await.unwrap();
            let names = environments::list(&mut store.read().await.unwrap()).await.unwrap();
            assert_eq!(names.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["dev", "prod"]);
            made.is_some()
        });
    }
    let made = starting.join_all().await;
    assert_eq!(made.into_iter().filter(|made| *made).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_starting_at_once_agree_on_sqlite() {
    replicas_agree(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_starting_at_once_agree_on_postgres() {
    replicas_agree(Database::Postgres).await;
}

on_both! {
    async fn another_root_key_is_refused_and_changes_nothing(fixture: &Fixture) {
        let clock = fixture.clock.clone();
        let error = Store::open(&fixture.config, ring(99), clock, fixture.random.clone()).await.unwrap_err();
        assert!(matches!(error, OpenError::WrongKey(_)), "{error}");
        assert!(error.to_string().contains(&fixture.root_key.id().to_string()));
        fixture.reopen().await.ping().await.unwrap();
    }

    async fn the_root_key_in_use_is_told_without_it(fixture: &Fixture) {
        let found = Store::root_key_in_use(&fixture.config).await.unwrap();
        assert_eq!(found, Some(fixture.root_key.id().to_string()));
    }

    async fn a_new_root_key_takes_over_by_rewrapping(fixture: &Fixture) {
        let new = RootKey::generate(&SeededRandom::new(5));
        let both = KeyRing::with_previous(&new, std::slice::from_ref(&fixture.root_key));
        let store =
            Store::open(&fixture.config, both, fixture.clock.clone(), fixture.random.clone()).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert_eq!(dovetail_store::data_keys::rewrap(&mut tx).await.unwrap(), 2);
        tx.commit().await.unwrap();
        let only_new = KeyRing::new(&new);
        let store =
            Store::open(&fixture.config, only_new, fixture.clock.clone(), fixture.random.clone()).await.unwrap();
        let mut db = store.read().await.unwrap();
        let keys = dovetail_store::signing_keys::current(&mut db, fixture.dev).await.unwrap();
        assert_eq!(keys.len(), 1);
    }

    async fn opening_again_is_harmless(fixture: &Fixture) {
        let again = fixture.reopen().await;
        assert!(bootstrap::run(&again, None).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_missing_database_has_no_root_key() {
    for database in [Database::Sqlite, Database::Postgres] {
        let Some((config, _folder)) = empty(database) else { continue };
        assert_eq!(Store::root_key_in_use(&config).await.unwrap(), None);
    }
}
