//! Transactions and what is told after them.

use dovetail_model::Credentials;
use dovetail_store::environments::NewEnvironment;
use dovetail_store::{Change, connections, environments};

use crate::helpers::{committed_integration, integration, upsert};
use crate::on_both;

on_both! {
    async fn a_dropped_transaction_leaves_nothing(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let key = Credentials::api_key("k");
        {
            let mut tx = fixture.store.begin().await.unwrap();
            connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap();
            integration(&mut tx, fixture.dev, "other").await;
        }
        let mut db = fixture.store.read().await.unwrap();
        assert!(connections::by_key(&mut db, fixture.dev, "coda", "a").await.unwrap().is_none());
        drop(db);
        // The writer is usable again.
        let mut tx = fixture.store.begin().await.unwrap();
        integration(&mut tx, fixture.dev, "other").await;
        connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn keys_of_an_environment_that_never_came_to_be_are_forgotten(fixture: &Fixture) {
        let staging = || NewEnvironment { name: "staging".into(), ..NewEnvironment::default() };
        let mut tx = fixture.store.begin().await.unwrap();
        environments::create(&mut tx, staging()).await.unwrap().unwrap();
        drop(tx);
        let mut tx = fixture.store.begin().await.unwrap();
        let made = environments::create(&mut tx, staging()).await.unwrap().unwrap();
        integration(&mut tx, made.environment.id, "coda").await;
        tx.commit().await.unwrap();
        let again = fixture.reopen().await;
        let mut db = again.read().await.unwrap();
        let listed = dovetail_store::integrations::list(&mut db, made.environment.id).await.unwrap();
        assert_eq!(listed.len(), 1);
    }

    async fn changes_are_told_after_commit_only(fixture: &Fixture) {
        let mut changes = fixture.store.changes();
        let mut tx = fixture.store.begin().await.unwrap();
        let coda = integration(&mut tx, fixture.dev, "coda").await;
        assert!(changes.try_recv().is_err());
        tx.commit().await.unwrap();
        let told = changes.recv().await.unwrap();
        assert_eq!(told, Change::Integration { environment: fixture.dev, integration: coda.id });
        let mut dropped = fixture.store.begin().await.unwrap();
        integration(&mut dropped, fixture.dev, "other").await;
        drop(dropped);
        assert!(changes.try_recv().is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_replica_hears_of_changes() {
    let Some(fixture) = dovetail_testkit::Fixture::postgres().await else { return };
    let replica = fixture.reopen().await;
    let mut changes = replica.changes();
    // Listening begins in the background: the change is repeated until it was heard.
    let heard = async {
        loop {
            let told = changes.recv().await.unwrap();
            if matches!(told, Change::Environment { .. }) {
                return told;
            }
        }
    };
    let telling = async {
        loop {
            let mut tx = fixture.store.begin().await.unwrap();
            environments::set_callback_url(&mut tx, fixture.dev, None).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    let told = async {
        tokio::select! {
            told = heard => told,
            never = telling => never,
        }
    };
    let told = tokio::time::timeout(std::time::Duration::from_secs(20), told).await;
    assert_eq!(told, Ok(Change::Environment { environment: fixture.dev }));
}
