//! The activity log.

use std::time::Duration;

use dovetail_model::{
    ConnectionRowId, EnvironmentId, IntegrationId, Level, MessageContext, MessageSource, MessageType,
    OperationId, OperationKind, OperationState, Timestamp,
};
use dovetail_store::operations::{self, Enrichment, Filter, NewMessage, Operation};
use serde_json::json;

use crate::on_both;

fn operation(environment: EnvironmentId, at: Timestamp, tail: &str) -> Operation {
    let kind = OperationKind::AuthCreateConnection;
    Operation {
        id: format!("{}_{tail}", at.0).parse().unwrap(),
        environment: Some(environment),
        kind,
        state: OperationState::Running,
        level: Level::Info,
        message: kind.label().to_owned(),
        integration: Some((IntegrationId(3), "coda".to_owned())),
        provider: Some("coda".to_owned()),
        connection: None,
        details: json!({"meta":{"a":1},"actor":{"kind":"user","id":1}}).as_object().unwrap().clone(),
        created_at: at,
        updated_at: at,
        started_at: Some(at),
        ended_at: None,
        expires_at: Some(at.plus(Duration::from_mins(5))),
    }
}

fn message(operation: &OperationId, at: Timestamp, text: &str) -> NewMessage {
    NewMessage {
        operation: operation.clone(),
        source: MessageSource::Internal,
        level: Level::Warn,
        kind: MessageType::Http,
        context: Some(MessageContext::Auth),
        message: text.to_owned(),
        details: json!({"response":{"code":401}}).as_object().unwrap().clone(),
        created_at: at,
        ended_at: Some(at),
    }
}

on_both! {
    async fn an_operation_learns_more_and_ends_once(fixture: &Fixture) {
        let at = fixture.clock_now();
        let new = operation(fixture.dev, at, "Ab3dE9xQ");
        let mut tx = fixture.store.begin().await.unwrap();
        operations::create(&mut tx, &new).await.unwrap();
        operations::create(&mut tx, &new).await.unwrap();
        assert_eq!(operations::get(&mut tx, fixture.dev, &new.id).await.unwrap(), Some(new.clone()));
        assert_eq!(operations::get(&mut tx, fixture.prod, &new.id).await.unwrap(), None);
        let more = Enrichment {
            connection: Some((Some(ConnectionRowId(9)), "a".to_owned())),
            details: json!({"meta":{"b":1}}).as_object().unwrap().clone(),
            ..Enrichment::default()
        };
        let later = at.plus(Duration::from_millis(40));
        assert!(operations::enrich(&mut tx, &new.id, &more, later).await.unwrap());
        assert!(operations::finish(&mut tx, &new.id, OperationState::Failed, later).await.unwrap());
        assert!(!operations::finish(&mut tx, &new.id, OperationState::Success, later).await.unwrap());
        assert!(operations::finish(&mut tx, &new.id, OperationState::Running, later).await.is_err());
        let stored = operations::get(&mut tx, fixture.dev, &new.id).await.unwrap().unwrap();
        assert_eq!((stored.state, stored.level), (OperationState::Failed, Level::Error));
        assert_eq!(stored.duration_ms(), Some(40));
        assert_eq!(stored.connection, more.connection);
        assert_eq!(stored.integration, new.integration);
        assert_eq!(stored.details["meta"], json!({"b":1}));
        assert_eq!(stored.details["actor"], json!({"kind":"user","id":1}));
        tx.commit().await.unwrap();
    }

    async fn a_waiting_operation_starts_once(fixture: &Fixture) {
        let at = fixture.clock_now();
        let new = Operation {
            state: OperationState::Waiting,
            started_at: None,
            ..operation(fixture.dev, at, "Ab3dE9xQ")
        };
        let mut tx = fixture.store.begin().await.unwrap();
        operations::create(&mut tx, &new).await.unwrap();
        assert!(operations::start(&mut tx, &new.id, at).await.unwrap());
        assert!(!operations::start(&mut tx, &new.id, at).await.unwrap());
        tx.commit().await.unwrap();
    }

    async fn messages_follow_their_operation(fixture: &Fixture) {
        let at = fixture.clock_now();
        let new = operation(fixture.dev, at, "Ab3dE9xQ");
        let mut tx = fixture.store.begin().await.unwrap();
        operations::create(&mut tx, &new).await.unwrap();
        for text in ["one", "two", "three"] {
            assert!(operations::add_message(&mut tx, &message(&new.id, at, text)).await.unwrap());
        }
        let unknown: OperationId = "1767225600000_AAAAAAAA".parse().unwrap();
        assert!(!operations::add_message(&mut tx, &message(&unknown, at, "x")).await.unwrap());
        let first = operations::messages(&mut tx, fixture.dev, &new.id, None, 2).await.unwrap();
        assert_eq!(first[0].message, message(&new.id, at, "one"));
        let rest = operations::messages(&mut tx, fixture.dev, &new.id, Some(first[1].id), 9).await.unwrap();
        assert_eq!(rest.iter().map(|m| m.message.message.as_str()).collect::<Vec<_>>(), ["three"]);
        assert!(operations::messages(&mut tx, fixture.prod, &new.id, None, 9).await.unwrap().is_empty());
        tx.commit().await.unwrap();
    }

    async fn lists_are_filtered_and_paged(fixture: &Fixture) {
        let at = fixture.clock_now();
        let mut tx = fixture.store.begin().await.unwrap();
        let proxy = Operation {
            kind: OperationKind::ProxyCall,
            message: "Proxy call".to_owned(),
            integration: None,
            connection: Some((Some(ConnectionRowId(7)), "conn-7".to_owned())),
            ..operation(fixture.dev, at, "AAAAAAA1")
        };
        let second = operation(fixture.dev, at, "AAAAAAA2");
        let third = operation(fixture.dev, at.plus(Duration::from_millis(1)), "AAAAAAA3");
        let elsewhere = operation(fixture.prod, at, "AAAAAAA4");
        for new in [&proxy, &second, &third, &elsewhere] {
            operations::create(&mut tx, new).await.unwrap();
        }
        operations::finish(&mut tx, &third.id, OperationState::Success, at).await.unwrap();
        for (filter, expected) in [
            (Filter::default(), "321"),
            (Filter { kinds: vec!["proxy".into()], ..Filter::default() }, "1"),
            (Filter { states: vec![OperationState::Running], ..Filter::default() }, "21"),
            (Filter { integrations: vec!["coda".into()], ..Filter::default() }, "32"),
            (Filter { connection: Some(ConnectionRowId(7)), ..Filter::default() }, "1"),
            (Filter { connection_ids: vec!["conn-7".into()], ..Filter::default() }, "1"),
            (Filter { search: Some("CONN-7".into()), ..Filter::default() }, "1"),
            (Filter { search: Some("created".into()), ..Filter::default() }, "32"),
            (Filter { from: Some(third.created_at), ..Filter::default() }, "3"),
            (Filter { to: Some(third.created_at), ..Filter::default() }, "21"),
            (Filter { before: Some((at, second.id.clone())), ..Filter::default() }, "1"),
        ] {
            let listed = operations::list(&mut tx, fixture.dev, &filter, 10).await.unwrap();
            let shown: String = listed.iter().filter_map(|o| o.id.as_str().chars().last()).collect();
            assert_eq!(shown, expected, "{filter:?}");
        }
        tx.commit().await.unwrap();
    }

    async fn overdue_operations_end(fixture: &Fixture) {
        let at = fixture.clock_now();
        let linking = operation(fixture.dev, at, "AAAAAAA1");
        let call = Operation { kind: OperationKind::ProxyCall, ..operation(fixture.dev, at, "AAAAAAA2") };
        let mut tx = fixture.store.begin().await.unwrap();
        for new in [&linking, &call] {
            operations::create(&mut tx, new).await.unwrap();
        }
        assert_eq!(operations::expire(&mut tx).await.unwrap(), 0);
        fixture.clock.advance(Duration::from_mins(5));
        assert_eq!(operations::expire(&mut tx).await.unwrap(), 2);
        for (id, state) in [(&linking.id, OperationState::Cancelled), (&call.id, OperationState::Timeout)] {
            let stored = operations::get(&mut tx, fixture.dev, id).await.unwrap().unwrap();
            assert_eq!((stored.state, stored.ended_at), (state, Some(fixture.clock_now())));
        }
        tx.commit().await.unwrap();
    }
}
