//! Sealed values in the database open only untouched and in their place.

use dovetail_model::Credentials;
use dovetail_store::connections::{self, ConfigUpdate, Upsert};
use dovetail_store::{Db, StoreError, Tx, data_keys, integrations, signing_keys};
use serde_json::json;
use sqlx::Row;

use crate::helpers::{integration, upsert};
use crate::on_both;

async fn bytes(tx: &mut Tx, sql: &'static str, id: i64) -> Vec<u8> {
    sqlx::query(sql).bind(id).fetch_one(tx.conn()).await.unwrap().get(0)
}

async fn set(tx: &mut Tx, sql: &'static str, id: i64, value: &[u8]) {
    sqlx::query(sql).bind(value.to_vec()).bind(id).execute(tx.conn()).await.unwrap();
}

const GET: &str = "SELECT credentials FROM connections WHERE id = $1";
const PUT: &str = "UPDATE connections SET credentials = $1 WHERE id = $2";

on_both! {
    async fn a_flipped_byte_or_a_moved_value_does_not_open(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let coda = integration(&mut tx, fixture.dev, "coda").await;
        let other = integration(&mut tx, fixture.prod, "coda").await;
        let key = Credentials::api_key("k_live_1");
        let secret = json!({"pin":"hush"}).as_object().unwrap().clone();
        let mut ids = Vec::new();
        for (integration, name) in [(&coda, "a"), (&coda, "b"), (&other, "a")] {
            let config = ConfigUpdate { secret: secret.clone(), ..ConfigUpdate::default() };
            let new = Upsert { config, ..upsert(integration, name, &key) };
            let made = connections::upsert(&mut tx, integration.environment, new).await.unwrap();
            ids.push(made.connection.info.id);
        }
        let original = bytes(&mut tx, GET, ids[0].0).await;
        let mut forgeries = Vec::new();
        for at in 0..original.len() {
            let mut changed = original.clone();
            changed[at] ^= 0x01;
            forgeries.push(changed);
        }
        // Of another row, of another environment, of another column, nothing.
        forgeries.push(bytes(&mut tx, GET, ids[1].0).await);
        forgeries.push(bytes(&mut tx, GET, ids[2].0).await);
        forgeries.push(bytes(&mut tx, "SELECT config_secret FROM connections WHERE id = $1", ids[0].0).await);
        forgeries.push(Vec::new());
        for forged in forgeries {
            set(&mut tx, PUT, ids[0].0, &forged).await;
            let stored = connections::by_row(&mut tx, fixture.dev, ids[0]).await.unwrap().unwrap();
            let error = stored.open_credentials().unwrap_err();
            let named = matches!(error, StoreError::Sealed { table: "connections", column: "credentials", .. });
            assert!(named, "{error}");
        }
        set(&mut tx, PUT, ids[0].0, &original).await;
        let stored = connections::open(&mut tx, fixture.dev, ids[0]).await.unwrap().unwrap();
        assert_eq!(stored.credentials, key);
        tx.rollback().await.unwrap();
    }

    async fn nothing_secret_is_stored_in_the_open(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let coda = integration(&mut tx, fixture.dev, "coda").await;
        let key = Credentials::api_key("k_live_1");
        let made = connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap();
        let stored = bytes(&mut tx, GET, made.connection.info.id.0).await;
        assert!(!stored.windows(8).any(|window| window == b"k_live_1"));
        tx.rollback().await.unwrap();
    }

    async fn values_move_to_a_new_data_key_and_still_open(fixture: &Fixture) {
        let (store, dev) = (&fixture.store, fixture.dev);
        let mut tx = store.begin().await.unwrap();
        let coda = integration(&mut tx, dev, "coda").await;
        let key = Credentials::api_key("k_live_1");
        let secret = json!({"pin":"hush"}).as_object().unwrap().clone();
        let config = ConfigUpdate { secret, ..ConfigUpdate::default() };
        let new = Upsert { config, ..upsert(&coda, "a", &key) };
        let id = connections::upsert(&mut tx, dev, new).await.unwrap().connection.info.id;
        let gone = connections::upsert(&mut tx, dev, upsert(&coda, "b", &key)).await.unwrap();
        connections::delete(&mut tx, dev, gone.connection.info.id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(data_keys::reseal(store, dev).await.unwrap(), 0);
        let mut tx = store.begin().await.unwrap();
        data_keys::rotate(&mut tx, dev).await.unwrap();
        tx.commit().await.unwrap();
        // Credentials, secret configuration, the integration's secrets, the signing key.
        assert_eq!(data_keys::reseal(store, dev).await.unwrap(), 4);
        assert_eq!(data_keys::reseal(store, dev).await.unwrap(), 0);
        // Without the old key everything still opens.
        let mut tx = store.begin().await.unwrap();
        sqlx::query("UPDATE data_keys SET state = 'retired' WHERE state = 'retiring'")
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let again = fixture.reopen().await;
        let mut db = again.read().await.unwrap();
        let stored = connections::open(&mut db, dev, id).await.unwrap().unwrap();
        assert_eq!((stored.credentials, stored.config["pin"].as_str()), (key, Some("hush")));
        assert_eq!(integrations::list(&mut db, dev).await.unwrap().len(), 1);
        assert_eq!(signing_keys::current(&mut db, dev).await.unwrap().len(), 1);
    }

    async fn an_impossible_row_is_named(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let coda = integration(&mut tx, fixture.dev, "coda").await;
        let key = Credentials::api_key("k");
        let made = connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap();
        let id = made.connection.info.id;
        sqlx::query("UPDATE connections SET verified_state = 'verified' WHERE id = $1")
            .bind(id.0)
            .execute(tx.conn())
            .await
            .unwrap();
        let error = connections::by_row(&mut tx, fixture.dev, id).await.unwrap_err();
        let expected = format!("inconsistent row {id} of table connections: verified_state `verified`");
        assert_eq!(error.to_string(), expected);
        tx.rollback().await.unwrap();
    }
}
