//! Integrations.

use std::collections::BTreeMap;

use dovetail_model::{Credentials, Integration, IntegrationClient, IntegrationSecrets, Secret};
use dovetail_store::connections;
use dovetail_store::integrations::{self, NewIntegration, UpdateError};

use crate::helpers::{integration, upsert};
use crate::on_both;

on_both! {
    async fn secrets_read_back(fixture: &Fixture) {
        let secrets = IntegrationSecrets {
            client: IntegrationClient::Oauth {
                client_id: "c".into(),
                client_secret: "hush".into(),
                scopes: Some("a,b".into()),
                webhook_secret: None,
            },
            custom: BTreeMap::from([("k".to_owned(), Secret::new("hush"))]),
        };
        let new = NewIntegration {
            unique_key: "google".into(),
            provider: "google".into(),
            display_name: Some("Google".into()),
            forward_webhooks: false,
            secrets,
        };
        let mut tx = fixture.store.begin().await.unwrap();
        let made = integrations::create(&mut tx, fixture.dev, new).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let mut db = fixture.store.read().await.unwrap();
        assert_eq!(integrations::by_key(&mut db, fixture.dev, "google").await.unwrap(), Some(made.clone()));
        assert_eq!(integrations::get(&mut db, fixture.dev, made.id).await.unwrap(), Some(made.clone()));
        assert_eq!(integrations::by_key(&mut db, fixture.prod, "google").await.unwrap(), None);
        assert_eq!(integrations::get(&mut db, fixture.prod, made.id).await.unwrap(), None);
    }

    async fn a_key_is_unique_in_its_environment(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let coda = integration(&mut tx, fixture.dev, "coda").await;
        integration(&mut tx, fixture.prod, "coda").await;
        let again = NewIntegration {
            unique_key: "coda".into(),
            provider: "coda".into(),
            display_name: None,
            forward_webhooks: true,
            secrets: IntegrationSecrets::default(),
        };
        assert!(integrations::create(&mut tx, fixture.dev, again).await.unwrap().is_none());
        let other = integration(&mut tx, fixture.dev, "other").await;
        let renamed = integrations::update(&mut tx, Integration { unique_key: "coda".into(), ..other }).await;
        assert!(matches!(renamed, Err(UpdateError::KeyTaken)));
        let missing = integrations::missing_keys(&mut tx, fixture.dev, &["x", "coda", "y"]).await.unwrap();
        assert_eq!(missing, ["x", "y"]);
        assert_eq!(integrations::list(&mut tx, fixture.dev).await.unwrap()[0], coda);
        tx.commit().await.unwrap();
    }

    async fn one_with_connections_keeps_its_key_but_may_change_otherwise(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let coda = integration(&mut tx, fixture.dev, "coda").await;
        let key = Credentials::api_key("k");
        connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap();
        let renamed = Integration { unique_key: "new".into(), ..coda.clone() };
        assert!(matches!(integrations::update(&mut tx, renamed).await, Err(UpdateError::HasConnections)));
        let shown = Integration { display_name: Some("Docs".into()), ..coda };
        let updated = integrations::update(&mut tx, shown).await.unwrap();
        assert_eq!(integrations::by_key(&mut tx, fixture.dev, "coda").await.unwrap(), Some(updated));
        tx.commit().await.unwrap();
    }

    async fn deleting_one_takes_its_connections_along_and_frees_the_key(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let coda = integration(&mut tx, fixture.dev, "coda").await;
        let key = Credentials::api_key("k");
        let made = connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap();
        assert!(!integrations::delete(&mut tx, fixture.prod, "coda").await.unwrap());
        assert!(integrations::delete(&mut tx, fixture.dev, "coda").await.unwrap());
        let id = made.connection.info.id;
        assert!(connections::by_row(&mut tx, fixture.dev, id).await.unwrap().is_none());
        integration(&mut tx, fixture.dev, "coda").await;
        assert!(connections::by_key(&mut tx, fixture.dev, "coda", "a").await.unwrap().is_none());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_text_that_postgresql_cannot_keep_is_told_apart_from_a_failure() {
    let Some(fixture) = dovetail_testkit::Fixture::postgres().await else { return };
    let mut db = fixture.store.read().await.unwrap();
    let error = integrations::by_key(&mut db, fixture.dev, "co\0da").await.unwrap_err();
    assert!(error.refuses_text(), "{error}");
}
