//! Queued webhooks.

use std::collections::HashSet;
use std::time::Duration;

use dovetail_model::{DeliveryState, EnvironmentId, Timestamp};
use dovetail_store::Store;
use dovetail_store::outbox::{self, AttemptRecord, Delivery, Filter, NewDelivery, Outcome};

use crate::on_both;

const SPAN: Duration = Duration::from_secs(30);

fn message(event: &str) -> NewDelivery {
    NewDelivery {
        event_id: event.to_owned(),
        kind: "auth".to_owned(),
        connection: None,
        operation: Some("1767225600000_Ab3dE9xQ".parse().unwrap()),
        url: "https://hook.test/x".to_owned(),
        headers: vec![("x-a".to_owned(), "b".to_owned())],
        body: r#"{"é":1}"#.to_owned(),
    }
}

fn attempt(at: Timestamp, status: u16) -> AttemptRecord {
    AttemptRecord {
        started_at: at,
        took: Duration::from_millis(7),
        status: Some(status),
        error: None,
        answer: Some("no".to_owned()),
    }
}

async fn queue(store: &Store, environment: EnvironmentId, count: usize) {
    let mut tx = store.begin().await.unwrap();
    for at in 0..count {
        outbox::enqueue(&mut tx, environment, &message(&format!("e{at}"))).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn lease(store: &Store, limit: i64) -> Vec<Delivery> {
    let mut tx = store.begin().await.unwrap();
    let leased = outbox::lease_due(&mut tx, limit, SPAN).await.unwrap();
    tx.commit().await.unwrap();
    leased
}

async fn complete(store: &Store, delivery: &Delivery, status: u16, outcome: Outcome) -> bool {
    let mut tx = store.begin().await.unwrap();
    let attempt = attempt(store.clock().now(), status);
    let counted = outbox::complete(&mut tx, delivery, &attempt, &outcome).await.unwrap();
    tx.commit().await.unwrap();
    counted
}

on_both! {
    async fn a_queued_webhook_is_leased_once_and_delivered(fixture: &Fixture) {
        let store = &fixture.store;
        queue(store, fixture.dev, 1).await;
        let leased = lease(store, 10).await;
        assert_eq!(leased.len(), 1);
        assert_eq!(leased[0].message, message("e0"));
        assert!(matches!(leased[0].state, DeliveryState::Leased { .. }));
        assert!(lease(store, 10).await.is_empty());
        assert!(complete(store, &leased[0], 200, Outcome::Delivered).await);
        let mut db = store.read().await.unwrap();
        let stored = outbox::get(&mut db, fixture.dev, leased[0].id).await.unwrap().unwrap();
        assert_eq!(stored.state, DeliveryState::Delivered { at: fixture.clock_now() });
        assert_eq!(stored.attempts, 1);
        let attempts = outbox::attempts(&mut db, fixture.dev, stored.id).await.unwrap();
        assert_eq!(attempts, [attempt(fixture.clock_now(), 200)]);
        assert_eq!(outbox::next_due(&mut db).await.unwrap(), None);
        assert!(outbox::get(&mut db, fixture.prod, stored.id).await.unwrap().is_none());
        assert!(outbox::attempts(&mut db, fixture.prod, stored.id).await.unwrap().is_empty());
    }

    async fn a_postponed_webhook_is_due_later_and_counts_no_attempt(fixture: &Fixture) {
        let store = &fixture.store;
        queue(store, fixture.dev, 1).await;
        let leased = lease(store, 10).await;
        let until = fixture.clock_now().plus(Duration::from_secs(1));
        let mut tx = store.begin().await.unwrap();
        assert!(outbox::postpone(&mut tx, &leased[0], until).await.unwrap());
        tx.commit().await.unwrap();
        assert!(lease(store, 10).await.is_empty());
        fixture.clock.advance(Duration::from_secs(1));
        let again = lease(store, 10).await;
        assert_eq!((again.len(), again[0].attempts), (1, 0));
        let mut tx = store.begin().await.unwrap();
        assert!(!outbox::postpone(&mut tx, &leased[0], until).await.unwrap());
    }

    async fn workers_never_share_a_webhook(fixture: &Fixture) {
        queue(&fixture.store, fixture.dev, 40).await;
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let store = fixture.reopen().await;
            workers.spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let leased = lease(&store, 3).await;
                    if leased.is_empty() {
                        return mine;
                    }
                    mine.extend(leased.into_iter().map(|delivery| delivery.id));
                }
            });
        }
        let all: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
        assert_eq!(all.len(), 40);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 40);
    }

    async fn a_dead_workers_webhook_is_taken_over_and_its_late_word_ignored(fixture: &Fixture) {
        let store = &fixture.store;
        queue(store, fixture.dev, 1).await;
        let dead = lease(store, 1).await.remove(0);
        let mut db = store.read().await.unwrap();
        let due = outbox::next_due(&mut db).await.unwrap().unwrap();
        assert_eq!(due, fixture.clock_now().plus(SPAN));
        fixture.clock.set(due);
        let taken = lease(store, 1).await.remove(0);
        assert!(!complete(store, &dead, 500, Outcome::Dead { reason: "late".into() }).await);
        assert!(complete(store, &taken, 200, Outcome::Delivered).await);
    }

    async fn a_retry_waits_and_a_dead_one_can_be_replayed(fixture: &Fixture) {
        let store = &fixture.store;
        queue(store, fixture.dev, 1).await;
        let first = lease(store, 1).await.remove(0);
        let at = fixture.clock_now().plus(Duration::from_secs(5));
        assert!(complete(store, &first, 500, Outcome::Retry { at }).await);
        assert!(lease(store, 1).await.is_empty());
        fixture.clock.set(at);
        let second = lease(store, 1).await.remove(0);
        assert_eq!(second.attempts, 1);
        let reason = "answered 410".to_owned();
        assert!(complete(store, &second, 410, Outcome::Dead { reason: reason.clone() }).await);
        let mut tx = store.begin().await.unwrap();
        let dead = outbox::list(&mut tx, fixture.dev, Filter::Dead, None, 10).await.unwrap();
        assert_eq!(dead[0].state, DeliveryState::Dead { at, reason });
        assert!(!outbox::replay(&mut tx, fixture.prod, dead[0].id).await.unwrap());
        assert!(outbox::replay(&mut tx, fixture.dev, dead[0].id).await.unwrap());
        tx.commit().await.unwrap();
        let again = lease(store, 1).await.remove(0);
        assert_eq!(again.attempts, 0);
        let mut tx = store.begin().await.unwrap();
        assert!(!outbox::replay(&mut tx, fixture.dev, again.id).await.unwrap());
        assert_eq!(outbox::attempts(&mut tx, fixture.dev, again.id).await.unwrap().len(), 2);
        tx.commit().await.unwrap();
    }

    async fn a_postponed_webhook_waits_without_counting_an_attempt(fixture: &Fixture) {
        let store = &fixture.store;
        queue(store, fixture.dev, 1).await;
        let leased = lease(store, 1).await.remove(0);
        let until = fixture.clock_now().plus(Duration::from_secs(2));
        let mut tx = store.begin().await.unwrap();
        assert!(outbox::postpone(&mut tx, &leased, until).await.unwrap());
        tx.commit().await.unwrap();
        assert!(lease(store, 1).await.is_empty());
        fixture.clock.set(until);
        let again = lease(store, 1).await.remove(0);
        assert_eq!(again.attempts, 0);
        let mut tx = store.begin().await.unwrap();
        assert!(!outbox::postpone(&mut tx, &leased, until).await.unwrap());
        tx.commit().await.unwrap();
    }

    async fn a_webhook_exists_exactly_if_its_transaction_commits(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        outbox::enqueue(&mut tx, fixture.dev, &message("e")).await.unwrap();
        drop(tx);
        assert!(lease(&fixture.store, 10).await.is_empty());
    }

    async fn pages_of_the_log_follow_one_another(fixture: &Fixture) {
        queue(&fixture.store, fixture.dev, 5).await;
        queue(&fixture.store, fixture.prod, 1).await;
        let mut db = fixture.store.read().await.unwrap();
        let first = outbox::list(&mut db, fixture.dev, Filter::Open, None, 3).await.unwrap();
        let rest = outbox::list(&mut db, fixture.dev, Filter::All, Some(first[2].id), 3).await.unwrap();
        let events: Vec<_> = first.iter().chain(&rest).map(|d| d.message.event_id.as_str()).collect();
        assert_eq!(events, ["e4", "e3", "e2", "e1", "e0"]);
        assert!(outbox::list(&mut db, fixture.dev, Filter::Delivered, None, 3).await.unwrap().is_empty());
    }
}
