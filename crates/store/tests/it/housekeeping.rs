//! Variables, notes of use, purging.

use std::time::Duration;

use dovetail_model::{Credentials, Secret, SessionPurpose, Tags, UrlOverride};
use dovetail_store::connect_sessions::NewConnectSession;
use dovetail_store::limits::SESSION_RETENTION;
use dovetail_store::purge::{self, Purged};
use dovetail_store::{api_keys, connect_sessions, connections, environment_variables};

use crate::helpers::{integration, upsert};
use crate::on_both;

on_both! {
    async fn variables_are_replaced_together(fixture: &Fixture) {
        let pair = |name: &str, value: &str| (name.to_owned(), Secret::from(value));
        let mut tx = fixture.store.begin().await.unwrap();
        let all = [pair("B", "2"), pair("A", "old"), pair("A", "1")];
        environment_variables::replace(&mut tx, fixture.dev, &all).await.unwrap();
        environment_variables::replace(&mut tx, fixture.prod, &[pair("C", "3")]).await.unwrap();
        let listed = environment_variables::list(&mut tx, fixture.dev).await.unwrap();
        let shown: Vec<_> = listed.iter().map(|v| (v.name.as_str(), v.value.expose())).collect();
        assert_eq!(shown, [("A", "1"), ("B", "2")]);
        environment_variables::replace(&mut tx, fixture.dev, &[]).await.unwrap();
        assert!(environment_variables::list(&mut tx, fixture.dev).await.unwrap().is_empty());
        assert_eq!(environment_variables::list(&mut tx, fixture.prod).await.unwrap().len(), 1);
        tx.commit().await.unwrap();
    }

    async fn uses_are_written_down_at_most_once_a_minute(fixture: &Fixture) {
        let store = &fixture.store;
        let mut tx = store.begin().await.unwrap();
        let coda = integration(&mut tx, fixture.dev, "coda").await;
        let key = Credentials::api_key("k");
        let made = connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap();
        let id = made.connection.info.id;
        let api_key = api_keys::lookup(&mut tx, &fixture.dev_key).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        for _ in 0..3 {
            store.touch_api_key(api_key.id, api_key.last_used_at);
            store.touch_connection(id, None);
        }
        assert_eq!(store.flush_touches().await.unwrap(), 2);
        assert_eq!(store.flush_touches().await.unwrap(), 0);
        let first = fixture.clock_now();
        fixture.clock.advance(Duration::from_secs(59));
        // A cache may still show that it was never used: the row decides.
        store.touch_connection(id, None);
        assert_eq!(store.flush_touches().await.unwrap(), 0);
        let mut db = store.read().await.unwrap();
        let used = api_keys::lookup(&mut db, &fixture.dev_key).await.unwrap().unwrap();
        assert_eq!(used.last_used_at, Some(first));
        store.touch_api_key(used.id, used.last_used_at);
        assert_eq!(store.flush_touches().await.unwrap(), 0);
        fixture.clock.advance(Duration::from_secs(1));
        store.touch_api_key(used.id, used.last_used_at);
        store.touch_connection(id, Some(first));
        assert_eq!(store.flush_touches().await.unwrap(), 2);
        let stored = connections::by_row(&mut db, fixture.dev, id).await.unwrap().unwrap();
        assert_eq!(stored.info.last_fetched_at, Some(fixture.clock_now()));
    }

    async fn old_rows_are_purged_and_young_ones_kept(fixture: &Fixture) {
        let new = NewConnectSession {
            purpose: SessionPurpose::Connect,
            end_user: None,
            tags: Tags::default(),
            allowed_integrations: None,
            defaults: None,
            overrides: None,
            webhook_url: UrlOverride::Keep,
            operation: None,
        };
        let mut tx = fixture.store.begin().await.unwrap();
        connect_sessions::create(&mut tx, fixture.dev, new.clone()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(purge::run(&fixture.store).await.unwrap(), Purged::default());
        fixture.clock.advance(SESSION_RETENTION + Duration::from_hours(1));
        let mut tx = fixture.store.begin().await.unwrap();
        let young = connect_sessions::create(&mut tx, fixture.dev, new).await.unwrap();
        tx.commit().await.unwrap();
        let purged = purge::run(&fixture.store).await.unwrap();
        assert_eq!(purged, Purged { connect_sessions: 1, ..Purged::default() });
        let mut db = fixture.store.read().await.unwrap();
        assert!(connect_sessions::lookup(&mut db, &young.token).await.unwrap().is_some());
    }
}
