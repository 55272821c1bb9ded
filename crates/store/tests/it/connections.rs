//! Connections.

use std::time::Duration;

use dovetail_model::{
    Connection, ConnectionRowId, CredentialState, Credentials, EndUser, EnvironmentId, Organization,
    ProblemKind, RefreshFailure, RefreshProblem, RefreshState, Tags, Timestamp, UrlOverride,
};
use dovetail_store::Tx;
use dovetail_store::connections::{
    self, ConfigUpdate, Failed, Filter, Found, MetadataChange, NewLease, Page, StandingLease, Swap,
    TagsUpdate, Upsert, UpsertKind,
};
use serde_json::{Map, Value, json};

use crate::helpers::{committed_integration, integration, upsert};
use crate::on_both;

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn user(id: &str, name: &str, organization: &str) -> EndUser {
    EndUser {
        id: id.into(),
        display_name: Some(name.into()),
        email: Some(format!("{id}@acme.test")),
        tags: None,
        organization: Some(Organization { id: organization.into(), display_name: None }),
    }
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    Tags::parse(pairs.iter().copied()).unwrap()
}

fn failing(failures: u32, since: Timestamp, last: Timestamp) -> RefreshFailure {
    let next = last.plus(Duration::from_secs(30));
    RefreshFailure { failures, days: 1, since, last, next, problem: RefreshProblem::Rejected }
}

async fn lease(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    owner: &str,
    over: Option<i64>,
) -> Option<i64> {
    let new = NewLease { version: 1, owner, over, span: Duration::from_secs(30) };
    connections::lease_refresh(tx, environment, id, new).await.unwrap()
}

/// Fails under a lease of its own.
async fn fail(
    tx: &mut Tx,
    environment: EnvironmentId,
    id: ConnectionRowId,
    version: i64,
    state: RefreshState,
) -> bool {
    let token = lease(tx, environment, id, "me", None).await.unwrap();
    let operation = "1767225600000_Ab3dE9xQ".parse().unwrap();
    let failed = Failed { version, token, state, operation: &operation, plan: None, keep_lease: false };
    let recorded = connections::record_refresh_failure(tx, environment, id, failed).await.unwrap();
    connections::release_refresh(tx, environment, id, token).await.unwrap();
    recorded
}

on_both! {
    async fn connections_are_found_by_what_they_are_configured_with(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let other = committed_integration(&fixture.store, fixture.dev, "other").await;
        let key = Credentials::api_key("k_live_1");
        let mut tx = fixture.store.begin().await.unwrap();
        for (integration, id, config) in [
            (&coda, "a", json!({"pending": true, "name": "50%_\"!"})),
            (&coda, "b", json!({"pending": false, "name": "50%_\"!x"})),
            (&coda, "c", json!({"nested": {"pending": true}, "name": "50X_\"!"})),
            (&coda, "d", json!({"pending": true, "name": "50%_\"! "})),
            (&other, "e", json!({"pending": true})),
        ] {
            let config = ConfigUpdate { public: object(config), ..ConfigUpdate::default() };
            let new = Upsert { config, ..upsert(integration, id, &key) };
            connections::upsert(&mut tx, fixture.dev, new).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut db = fixture.store.read().await.unwrap();
        for (environment, name, value, limit, expected) in [
            (fixture.dev, "pending", json!(true), 10, vec!["d", "a"]),
            (fixture.dev, "pending", json!(true), 1, vec!["d"]),
            (fixture.dev, "name", json!("50%_\"!"), 10, vec!["a"]),
            (fixture.prod, "pending", json!(true), 10, vec![]),
        ] {
            let found =
                connections::by_config(&mut db, environment, coda.id, name, &value, limit).await.unwrap();
            let ids: Vec<&str> = found.iter().map(|one| one.info.connection_id.as_str()).collect();
            assert_eq!(ids, expected, "{name} {value}");
        }
    }

    async fn a_new_connection_reads_back_whole(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let key = Credentials::api_key("k_live_1");
        let now = fixture.clock_now();
        let new = Upsert {
            state: CredentialState::Verified { at: now },
            config: ConfigUpdate {
                public: object(json!({"subdomain":"acme"})),
                secret: object(json!({"pin":"hush"})),
            },
            metadata: Some(object(json!({"a":1}))),
            tags: TagsUpdate::Merge(tags(&[("team", "Ops")])),
            end_user: Some(user("u_81", "Pia", "org_4")),
            webhook_url: UrlOverride::Set("https://hook.test".into()),
            ..upsert(&coda, "a", &key)
        };
        let mut tx = fixture.store.begin().await.unwrap();
        let made = connections::upsert(&mut tx, fixture.dev, new).await.unwrap();
        assert_eq!(made.kind, UpsertKind::Created);
        tx.commit().await.unwrap();
        let mut db = fixture.store.read().await.unwrap();
        let found = connections::by_key(&mut db, fixture.dev, "coda", "a").await.unwrap().unwrap();
        let Connection { info, config, credentials, version } = found.open().unwrap();
        assert_eq!(credentials, key);
        assert_eq!(Value::Object(config), json!({"subdomain":"acme","pin":"hush"}));
        assert_eq!(Value::Object(found.public_config), json!({"subdomain":"acme"}));
        assert_eq!(version, 1);
        assert_eq!(info.end_user, Some(user("u_81", "Pia", "org_4")));
        assert_eq!(info.tags, tags(&[("team", "Ops")]));
        assert_eq!(info.state, CredentialState::Verified { at: now });
        assert_eq!(info.webhook_url.as_deref(), Some("https://hook.test"));
        assert_eq!((info.created_at, info.last_fetched_at), (now, None));
        assert_eq!(info.provider, "coda");
        assert!(info.errors.is_empty());
    }

    async fn linking_again_keeps_what_is_not_given(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let (old, new) = (Credentials::api_key("old"), Credentials::api_key("new"));
        let mut tx = fixture.store.begin().await.unwrap();
        let first = Upsert {
            config: ConfigUpdate {
                public: object(json!({"a":1,"b":1,"was_public":1})),
                secret: object(json!({"s":"x"})),
            },
            metadata: Some(object(json!({"m":1}))),
            tags: TagsUpdate::Merge(tags(&[("x", "1"), ("y", "1")])),
            end_user: Some(user("u", "Pia", "o")),
            webhook_url: UrlOverride::Set("https://hook.test".into()),
            ..upsert(&coda, "a", &old)
        };
        let id = connections::upsert(&mut tx, fixture.dev, first).await.unwrap().connection.info.id;
        let failure = failing(1, fixture.clock_now(), fixture.clock_now());
        assert!(fail(&mut tx, fixture.dev, id, 1, RefreshState::Failing(failure)).await);
        fixture.clock.advance(Duration::from_secs(5));
        let second = Upsert {
            config: ConfigUpdate {
                public: object(json!({"b":2})),
                secret: object(json!({"was_public":2})),
            },
            tags: TagsUpdate::Merge(tags(&[("y", "2")])),
            ..upsert(&coda, "a", &new)
        };
        let again = connections::upsert(&mut tx, fixture.dev, second).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((again.kind, again.connection.info.id), (UpsertKind::Overridden, id));
        let stored = again.connection.open().unwrap();
        assert_eq!((stored.credentials, stored.version), (new, 2));
        assert_eq!(Value::Object(stored.config), json!({"a":1,"b":2,"s":"x","was_public":2}));
        assert_eq!(Value::Object(again.connection.public_config), json!({"a":1,"b":2}));
        assert_eq!(stored.info.metadata, Some(object(json!({"m":1}))));
        assert_eq!(stored.info.tags, tags(&[("x", "1"), ("y", "2")]));
        assert_eq!(stored.info.end_user, Some(user("u", "Pia", "o")));
        assert_eq!(stored.info.webhook_url.as_deref(), Some("https://hook.test"));
        assert_eq!(stored.info.refresh, RefreshState::Healthy);
        assert!(stored.info.errors.is_empty());
        assert!(stored.info.updated_at > stored.info.created_at);
    }

    async fn another_end_user_takes_nothing_over_from_the_one_before(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let key = Credentials::api_key("k");
        let mut tx = fixture.store.begin().await.unwrap();
        for (given, expected) in [
            (vec![("end_user_id", "u"), ("end_user_email", "u@acme.test"), ("x", "1")], 3),
            (vec![("end_user_id", "u"), ("organization_id", "o")], 4),
            (vec![("end_user_id", "v")], 2),
        ] {
            let linked = Upsert { tags: TagsUpdate::Merge(tags(&given)), ..upsert(&coda, "a", &key) };
            let stored = connections::upsert(&mut tx, fixture.dev, linked).await.unwrap().connection.info.tags;
            assert_eq!(stored.len(), expected, "{stored:?}");
        }
        tx.commit().await.unwrap();
    }

    async fn absence_has_two_kinds(fixture: &Fixture) {
        committed_integration(&fixture.store, fixture.dev, "coda").await;
        let mut db = fixture.store.read().await.unwrap();
        let none = connections::find(&mut db, fixture.dev, "coda", "a").await.unwrap();
        assert!(matches!(none, Found::NoConnection));
        let none = connections::find(&mut db, fixture.prod, "coda", "a").await.unwrap();
        assert!(matches!(none, Found::NoIntegration));
    }

    async fn another_environment_sees_nothing(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let coda = integration(&mut tx, fixture.dev, "coda").await;
        integration(&mut tx, fixture.prod, "coda").await;
        let key = Credentials::api_key("k");
        let id =
            connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap().connection.info.id;
        assert!(connections::upsert(&mut tx, fixture.prod, upsert(&coda, "a", &key)).await.is_err());
        assert!(connections::by_row(&mut tx, fixture.prod, id).await.unwrap().is_none());
        assert!(connections::by_key(&mut tx, fixture.prod, "coda", "a").await.unwrap().is_none());
        assert!(!connections::delete(&mut tx, fixture.prod, id).await.unwrap());
        assert!(!connections::set_tags(&mut tx, fixture.prod, id, &Tags::default()).await.unwrap());
        let swap = connections::replace_credentials(&mut tx, fixture.prod, id, 1, &key).await.unwrap();
        assert_eq!(swap, Swap::Stale);
        let listed = connections::list(&mut tx, fixture.prod, &Filter::default(), Page::default()).await.unwrap();
        assert!(listed.is_empty());
        tx.commit().await.unwrap();
    }

    async fn concurrent_linkings_of_one_id_make_one_connection(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let mut linking = tokio::task::JoinSet::new();
        for at in 0..8 {
            let (store, coda, dev) = (fixture.store.clone(), coda.clone(), fixture.dev);
            linking.spawn(async move {
                let key = Credentials::api_key(format!("k{at}"));
                let mut tx = store.begin().await.unwrap();
                let name = format!("t{at}");
                let own = tags(&[(name.as_str(), "1")]);
                let new = Upsert { tags: TagsUpdate::Merge(own), ..upsert(&coda, "a", &key) };
                let made = connections::upsert(&mut tx, dev, new).await.unwrap();
                tx.commit().await.unwrap();
                made.kind
            });
        }
        let kinds = linking.join_all().await;
        assert_eq!(kinds.iter().filter(|kind| **kind == UpsertKind::Created).count(), 1);
        let mut db = fixture.store.read().await.unwrap();
        let stored = connections::by_key(&mut db, fixture.dev, "coda", "a").await.unwrap().unwrap();
        assert_eq!((stored.version, stored.info.tags.len()), (8, 8));
        assert!(matches!(stored.open_credentials().unwrap(), Credentials::ApiKey(_)));
    }

    async fn only_one_of_two_swaps_wins(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let (one, two) = (Credentials::api_key("one"), Credentials::api_key("two"));
        let mut tx = fixture.store.begin().await.unwrap();
        let made = connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &one)).await.unwrap();
        let id = made.connection.info.id;
        let swap = connections::replace_credentials(&mut tx, fixture.dev, id, 1, &two).await.unwrap();
        assert_eq!(swap, Swap::Done { version: 2 });
        let swap = connections::replace_credentials(&mut tx, fixture.dev, id, 1, &one).await.unwrap();
        assert_eq!(swap, Swap::Stale);
        let stored = connections::open(&mut tx, fixture.dev, id).await.unwrap().unwrap();
        assert_eq!(stored.credentials, two);
        tx.commit().await.unwrap();
    }

    async fn a_deleted_connection_is_gone_and_frees_its_id(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let key = Credentials::api_key("k");
        let mut tx = fixture.store.begin().await.unwrap();
        let made = connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap();
        let id = made.connection.info.id;
        assert!(connections::delete(&mut tx, fixture.dev, id).await.unwrap());
        assert!(!connections::delete(&mut tx, fixture.dev, id).await.unwrap());
        assert!(connections::by_key(&mut tx, fixture.dev, "coda", "a").await.unwrap().is_none());
        let again = connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap();
        assert_eq!(again.kind, UpsertKind::Created);
        assert_ne!(again.connection.info.id, id);
        tx.commit().await.unwrap();
    }

    async fn filters_are_combined_and_newest_come_first(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let ordinal = committed_integration(&fixture.store, fixture.dev, "ordinal").await;
        let key = Credentials::api_key("k");
        let mut tx = fixture.store.begin().await.unwrap();
        for (integration, id, user, team) in [
            (&coda, "one", user("u1", "Pia Öst", "o1"), "ops"),
            (&coda, "two", user("u2", "Bo", "o1"), "dev"),
            (&ordinal, "three", user("u1", "Pia Öst", "o2"), "ops"),
            (&ordinal, "one", user("u3", "100%_sure", "o2"), "dev"),
        ] {
            let tags = TagsUpdate::Merge(tags(&[("team", team), ("all", "1")]));
            let new = Upsert { end_user: Some(user), tags, ..upsert(integration, id, &key) };
            connections::upsert(&mut tx, fixture.dev, new).await.unwrap();
            fixture.clock.advance(Duration::from_millis(1));
        }
        tx.commit().await.unwrap();
        let mut db = fixture.store.read().await.unwrap();
        let f = Filter::default;
        for (filter, expected) in [
            (f(), "ordinal/one ordinal/three coda/two coda/one"),
            (Filter { connection_id: Some("one".into()), ..f() }, "ordinal/one coda/one"),
            (Filter { search: Some("pia ÖST".into()), ..f() }, "ordinal/three coda/one"),
            (Filter { search: Some("THRE".into()), ..f() }, "ordinal/three"),
            (Filter { search: Some("u2@acme".into()), ..f() }, "coda/two"),
            (Filter { search: Some("0%_s".into()), ..f() }, "ordinal/one"),
            (Filter { search: Some("%".into()), connection_id: Some("two".into()), ..f() }, ""),
            (Filter { integrations: vec!["coda".into(), "nope".into()], ..f() }, "coda/two coda/one"),
            (Filter { end_user_id: Some("u1".into()), ..f() }, "ordinal/three coda/one"),
            (Filter { organization_id: Some("o2".into()), ..f() }, "ordinal/one ordinal/three"),
            (Filter { tags: tags(&[("team", "ops"), ("all", "1")]), ..f() }, "ordinal/three coda/one"),
            (Filter { tags: tags(&[("team", "Ops")]), ..f() }, ""),
            (
                Filter {
                    tags: tags(&[("team", "ops")]),
                    end_user_id: Some("u1".into()),
                    integrations: vec!["coda".into()],
                    ..f()
                },
                "coda/one",
            ),
            (Filter { with_errors: Some(true), ..f() }, ""),
        ] {
            let listed = connections::list(&mut db, fixture.dev, &filter, Page::default()).await.unwrap();
            let shown: Vec<_> =
                listed.iter().map(|c| format!("{}/{}", c.provider_config_key, c.connection_id)).collect();
            assert_eq!(shown.join(" "), expected, "{filter:?}");
            let count = connections::count(&mut db, fixture.dev, &filter).await.unwrap();
            assert_eq!(count, shown.len() as i64);
        }
        let page = Page { limit: 3, number: 1 };
        let listed = connections::list(&mut db, fixture.dev, &f(), page).await.unwrap();
        assert_eq!(listed.iter().map(|c| c.connection_id.as_str()).collect::<Vec<_>>(), ["one"]);
    }

    async fn metadata_changes_for_all_or_none(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let key = Credentials::api_key("k");
        let mut tx = fixture.store.begin().await.unwrap();
        for id in ["a", "b"] {
            connections::upsert(&mut tx, fixture.dev, upsert(&coda, id, &key)).await.unwrap();
        }
        let both = ["a".to_owned(), "b".to_owned()];
        let mut change = async |ids: &[String], value: Value, change| {
            connections::set_metadata(&mut tx, fixture.dev, "coda", ids, &object(value), change).await.unwrap()
        };
        let (replace, merge) = (MetadataChange::Replace, MetadataChange::Merge);
        assert_eq!(change(&both, json!({"x":{"y":1},"z":1}), replace).await, None);
        assert_eq!(change(&both, json!({"x":{"w":1}}), merge).await, None);
        let bad = ["a".to_owned(), "nope".to_owned()];
        assert_eq!(change(&bad, json!({}), replace).await, Some("nope".to_owned()));
        assert_eq!(change(&[], json!({}), replace).await, None);
        tx.commit().await.unwrap();
        let mut db = fixture.store.read().await.unwrap();
        for id in both {
            let stored = connections::by_key(&mut db, fixture.dev, "coda", &id).await.unwrap().unwrap();
            assert_eq!(stored.info.metadata, Some(object(json!({"x":{"w":1},"z":1}))));
        }
    }

    async fn tags_end_user_and_webhook_target_change(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let key = Credentials::api_key("k");
        let mut tx = fixture.store.begin().await.unwrap();
        let made = connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap();
        let id = made.connection.info.id;
        assert_eq!(made.connection.info.end_user, None);
        let new_tags = tags(&[("team", "ops")]);
        assert!(connections::set_tags(&mut tx, fixture.dev, id, &new_tags).await.unwrap());
        for name in ["Pia", "Pia Ny"] {
            assert!(connections::update_end_user(&mut tx, fixture.dev, id, &user("u", name, "o")).await.unwrap());
        }
        let url = UrlOverride::Set("https://x.test".into());
        assert!(connections::set_webhook_url(&mut tx, fixture.dev, id, url).await.unwrap());
        let filter =
            Filter { tags: new_tags, search: Some("pia ny".into()), end_user_id: Some("u".into()), ..Filter::default() };
        let listed = connections::list(&mut tx, fixture.dev, &filter, Page::default()).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].webhook_url.as_deref(), Some("https://x.test"));
        assert!(connections::set_webhook_url(&mut tx, fixture.dev, id, UrlOverride::Clear).await.unwrap());
        let stored = connections::by_row(&mut tx, fixture.dev, id).await.unwrap().unwrap();
        assert_eq!(stored.info.webhook_url, None);
        tx.commit().await.unwrap();
    }

    async fn failures_add_up_until_a_refresh_succeeds(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let key = Credentials::api_key("k");
        let mut tx = fixture.store.begin().await.unwrap();
        let made = connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap();
        let id = made.connection.info.id;
        let since = fixture.clock_now();
        assert!(fail(&mut tx, fixture.dev, id, 1, RefreshState::Failing(failing(1, since, since))).await);
        fixture.clock.advance(Duration::from_mins(1));
        let last = fixture.clock_now();
        let twice = failing(2, since, last);
        assert!(fail(&mut tx, fixture.dev, id, 1, RefreshState::Failing(twice)).await);
        let stored = connections::by_row(&mut tx, fixture.dev, id).await.unwrap().unwrap();
        assert_eq!(stored.info.refresh, RefreshState::Failing(twice));
        assert_eq!(stored.lease, None);
        assert_eq!(stored.info.errors[0].kind, ProblemKind::Auth);
        assert_eq!(stored.info.errors[0].operation.as_str(), "1767225600000_Ab3dE9xQ");
        assert!(!fail(&mut tx, fixture.dev, id, 9, RefreshState::Failing(twice)).await);
        let exhausted = RefreshState::Exhausted { at: last, failure: failing(3, since, last) };
        assert!(fail(&mut tx, fixture.dev, id, 1, exhausted).await);
        let stored = connections::by_row(&mut tx, fixture.dev, id).await.unwrap().unwrap();
        assert_eq!(stored.info.refresh, exhausted);
        connections::replace_credentials(&mut tx, fixture.dev, id, 1, &key).await.unwrap();
        let stored = connections::by_row(&mut tx, fixture.dev, id).await.unwrap().unwrap();
        assert_eq!(stored.info.refresh, RefreshState::Healthy);
        assert!(stored.info.errors.is_empty());
        tx.commit().await.unwrap();
    }

    async fn one_replica_refreshes_at_a_time(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let key = Credentials::api_key("k");
        let mut tx = fixture.store.begin().await.unwrap();
        let made = connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap();
        let id = made.connection.info.id;
        let lease = lease(&mut tx, fixture.dev, id, "one", None).await.unwrap();
        fixture.clock.advance(Duration::from_hours(1));
        assert_eq!(self::lease(&mut tx, fixture.dev, id, "two", None).await, None);
        assert_eq!(self::lease(&mut tx, fixture.dev, id, "two", Some(lease + 1)).await, None);
        let other = self::lease(&mut tx, fixture.dev, id, "two", Some(lease)).await.unwrap();
        assert_ne!(lease, other);
        assert!(!connections::release_refresh(&mut tx, fixture.dev, id, lease).await.unwrap());
        let stored = connections::by_row(&mut tx, fixture.dev, id).await.unwrap().unwrap();
        assert_eq!(stored.lease, Some(StandingLease { token: other, owner: Some("two".to_owned()) }));
        assert!(connections::release_refresh(&mut tx, fixture.dev, id, other).await.unwrap());
        assert!(self::lease(&mut tx, fixture.dev, id, "one", None).await.is_some());
        tx.commit().await.unwrap();
    }

    async fn a_verdict_on_replaced_credentials_is_ignored(fixture: &Fixture) {
        let coda = committed_integration(&fixture.store, fixture.dev, "coda").await;
        let key = Credentials::api_key("k");
        let mut tx = fixture.store.begin().await.unwrap();
        let made = connections::upsert(&mut tx, fixture.dev, upsert(&coda, "a", &key)).await.unwrap();
        let id = made.connection.info.id;
        let refused = CredentialState::Refused { at: fixture.clock_now(), status: Some(401) };
        assert!(!connections::set_state(&mut tx, fixture.dev, id, 2, refused).await.unwrap());
        assert!(connections::set_state(&mut tx, fixture.dev, id, 1, refused).await.unwrap());
        let stored = connections::by_row(&mut tx, fixture.dev, id).await.unwrap().unwrap();
        assert_eq!(stored.info.state, refused);
        tx.commit().await.unwrap();
    }
}
