//! Copies of what every request reads are never older than the last commit of this process.

use dovetail_model::{ConnectionRowId, Credentials, EnvironmentId, KeyLimits, Scopes};
use dovetail_store::connections::Swap;
use dovetail_store::{CachedConnection, Store, api_keys, connections, environments, integrations};

use crate::helpers::{committed_integration, upsert};
use crate::on_both;

async fn link(store: &Store, environment: EnvironmentId, key: &str) -> ConnectionRowId {
    let coda =
        match integrations::by_key(&mut store.read().await.unwrap(), environment, "coda").await.unwrap() {
            Some(coda) => coda,
            None => committed_integration(store, environment, "coda").await,
        };
    let credentials = Credentials::api_key(key);
    let mut tx = store.begin().await.unwrap();
    let made = connections::upsert(&mut tx, environment, upsert(&coda, "a", &credentials)).await.unwrap();
    tx.commit().await.unwrap();
    made.connection.info.id
}

async fn cached(store: &Store, environment: EnvironmentId) -> Option<Credentials> {
    match store.cached_connection(environment, "coda", "a").await.unwrap() {
        CachedConnection::Found(connection) => Some(connection.open_credentials().unwrap()),
        CachedConnection::NoConnection | CachedConnection::NoIntegration => None,
    }
}

on_both! {
    async fn a_replaced_credential_is_seen_at_once(fixture: &Fixture) {
        let (store, dev) = (&fixture.store, fixture.dev);
        let id = link(store, dev, "one").await;
        assert_eq!(cached(store, dev).await, Some(Credentials::api_key("one")));
        assert_eq!(cached(store, fixture.prod).await, None);
        let two = Credentials::api_key("two");
        let mut tx = store.begin().await.unwrap();
        let swap = connections::replace_credentials(&mut tx, dev, id, 1, &two).await.unwrap();
        assert_eq!(swap, Swap::Done { version: 2 });
        tx.commit().await.unwrap();
        assert_eq!(cached(store, dev).await, Some(two));
        link(store, dev, "three").await;
        assert_eq!(cached(store, dev).await, Some(Credentials::api_key("three")));
    }

    async fn a_deleted_connection_or_integration_is_gone_at_once(fixture: &Fixture) {
        let (store, dev) = (&fixture.store, fixture.dev);
        let id = link(store, dev, "one").await;
        assert!(cached(store, dev).await.is_some());
        let mut tx = store.begin().await.unwrap();
        connections::delete(&mut tx, dev, id).await.unwrap();
        tx.commit().await.unwrap();
        let found = store.cached_connection(dev, "coda", "a").await.unwrap();
        assert!(matches!(found, CachedConnection::NoConnection));
        link(store, dev, "two").await;
        assert!(cached(store, dev).await.is_some());
        let mut tx = store.begin().await.unwrap();
        integrations::delete(&mut tx, dev, "coda").await.unwrap();
        tx.commit().await.unwrap();
        let found = store.cached_connection(dev, "coda", "a").await.unwrap();
        assert!(matches!(found, CachedConnection::NoIntegration));
    }

    async fn a_renamed_integration_is_found_by_its_new_key_only(fixture: &Fixture) {
        let (store, dev) = (&fixture.store, fixture.dev);
        let id = link(store, dev, "one").await;
        assert!(cached(store, dev).await.is_some());
        let mut tx = store.begin().await.unwrap();
        connections::delete(&mut tx, dev, id).await.unwrap();
        let mut coda = integrations::by_key(&mut tx, dev, "coda").await.unwrap().unwrap();
        "docs".clone_into(&mut coda.unique_key);
        integrations::update(&mut tx, coda).await.unwrap();
        tx.commit().await.unwrap();
        assert!(cached(store, dev).await.is_none());
    }

    async fn a_deleted_key_stops_at_once(fixture: &Fixture) {
        let (store, dev) = (&fixture.store, fixture.dev);
        let mut tx = store.begin().await.unwrap();
        let made = api_keys::create(&mut tx, Some(dev), "ci", &Scopes::full_environment(), &KeyLimits::default()).await.unwrap();
        tx.commit().await.unwrap();
        assert!(store.cached_api_key(&made.secret).await.unwrap().is_some());
        let mut tx = store.begin().await.unwrap();
        api_keys::delete(&mut tx, Some(dev), made.key.id).await.unwrap();
        tx.commit().await.unwrap();
        assert!(store.cached_api_key(&made.secret).await.unwrap().is_none());
    }

    async fn a_changed_or_deleted_environment_is_seen_at_once(fixture: &Fixture) {
        let (store, dev) = (&fixture.store, fixture.dev);
        assert_eq!(store.cached_environment(dev).await.unwrap().unwrap().callback_url, None);
        assert!(store.cached_api_key(&fixture.dev_key).await.unwrap().is_some());
        let mut tx = store.begin().await.unwrap();
        environments::set_callback_url(&mut tx, dev, Some("https://cb.test")).await.unwrap();
        tx.commit().await.unwrap();
        let now = store.cached_environment(dev).await.unwrap().unwrap();
        assert_eq!(now.callback_url.as_deref(), Some("https://cb.test"));
        let mut tx = store.begin().await.unwrap();
        environments::delete(&mut tx, dev).await.unwrap();
        tx.commit().await.unwrap();
        assert!(store.cached_environment(dev).await.unwrap().is_none());
        assert!(store.cached_api_key(&fixture.dev_key).await.unwrap().is_none());
    }

    async fn readers_and_writers_at_once_end_with_the_last_value(fixture: &Fixture) {
        let (store, dev) = (fixture.store.clone(), fixture.dev);
        let id = link(&store, dev, "v1").await;
        let reading = tokio::spawn({
            let store = store.clone();
            async move {
                for _ in 0..400 {
                    assert!(cached(&store, dev).await.is_some());
                }
            }
        });
        for version in 1..30 {
            let next = Credentials::api_key(format!("v{}", version + 1));
            let mut tx = store.begin().await.unwrap();
            connections::replace_credentials(&mut tx, dev, id, version, &next).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(cached(&store, dev).await, Some(next));
        }
        reading.await.unwrap();
        assert_eq!(cached(&store, dev).await, Some(Credentials::api_key("v30")));
    }
}
