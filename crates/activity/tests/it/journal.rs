//! What is taken is written, in order, without secrets; what does not fit is counted.

use std::sync::Arc;
use std::time::Duration;

use dovetail_activity::metrics::Metrics;
use dovetail_activity::{Beginning, HttpNote, Journal};
use dovetail_model::{
    Actor, AuditOutcome, EnvironmentId, Level, ManualClock, MessageContext, OperationKind, OperationState,
    SeededRandom, SystemRandom,
};
use dovetail_store::audit_events::{self, AuditTarget, NewAuditEvent};
use dovetail_store::{Store, StoreConfig, bootstrap, operations};
use dovetail_vault::{KeyRing, RootKey};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

struct World {
    store: Store,
    journal: Journal,
    metrics: Arc<Metrics>,
    environment: EnvironmentId,
    _folder: TempDir,
}

async fn world() -> World {
    let folder = TempDir::new().unwrap();
    let config = StoreConfig::sqlite(&folder.path().join("test.db"));
    let ring = KeyRing::new(&RootKey::generate(&SystemRandom));
    let (clock, random) = (Arc::new(ManualClock::default()), Arc::new(SeededRandom::new(1)));
    let store = Store::open(&config, ring, clock.clone(), random).await.unwrap();
    let made = bootstrap::run(&store, None).await.unwrap().unwrap();
    let metrics = Metrics::new();
    let journal = Journal::start(store.clone(), clock, Arc::clone(&metrics));
    World { store, journal, metrics, environment: made.environments[0].0, _folder: folder }
}

impl World {
    fn beginning(&self) -> operations::Operation {
        let beginning = Beginning {
            connection: Some((None, "conn-42".to_owned())),
            ..Beginning::new(OperationKind::AuthConnectionTest, self.environment)
        };
        beginning.operation(self.store.clock().now(), self.store.random())
    }
}

fn details(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

#[tokio::test]
async fn an_operation_is_written_with_its_messages_and_its_end() {
    let world = world().await;
    let operation = world.beginning();
    let (journal, id) = (&world.journal, &operation.id);
    journal.open(&operation);
    let secret = details(json!({"meta": {"apiKey": "k_live_1", "kept": "yes"}}));
    journal.note(id, Level::Info, MessageContext::Auth, "Testing", secret);
    journal.http(
        id,
        MessageContext::Auth,
        HttpNote {
            method: "GET",
            url: "https://coda.io/apis/v1/whoami",
            status: Some(401),
            problem: Some("Coda answered 401."),
            took: Duration::from_millis(20),
            ..HttpNote::default()
        },
    );
    journal.close(id, OperationState::Failed);
    journal.close(id, OperationState::Success);
    journal.flush().await;

    let mut db = world.store.read().await.unwrap();
    let stored = operations::get(&mut db, world.environment, id).await.unwrap().unwrap();
    assert_eq!((stored.state, stored.level), (OperationState::Failed, Level::Error));
    let messages = operations::messages(&mut db, world.environment, id, None, 10).await.unwrap();
    let sentences: Vec<&str> = messages.iter().map(|one| one.message.message.as_str()).collect();
    assert_eq!(sentences, ["Testing", "GET https://coda.io/apis/v1/whoami answered 401"]);
    assert_eq!(
        Value::Object(messages[0].message.details.clone()),
        json!({"meta": {"apiKey": "REDACTED", "kept": "yes"}})
    );
    assert_eq!(messages[1].message.level, Level::Error);
    assert_eq!(messages[1].message.details["durationMs"], 20);
}

#[tokio::test]
async fn a_message_of_no_operation_does_no_harm_to_its_neighbours() {
    let world = world().await;
    let (lost, kept) = (world.beginning(), world.beginning());
    world.journal.note(&lost.id, Level::Info, MessageContext::Auth, "lost", Map::new());
    world.journal.open(&kept);
    world.journal.note(&kept.id, Level::Info, MessageContext::Auth, "kept", Map::new());
    world.journal.flush().await;
    let mut db = world.store.read().await.unwrap();
    assert_eq!(operations::messages(&mut db, world.environment, &kept.id, None, 10).await.unwrap().len(), 1);
    assert_eq!(operations::get(&mut db, world.environment, &lost.id).await.unwrap(), None);
}

#[tokio::test]
async fn the_audit_trail_is_written_too() {
    let world = world().await;
    world.journal.audit(NewAuditEvent {
        environment: Some(world.environment),
        actor: Actor::System,
        resource: "connection".to_owned(),
        action: "created".to_owned(),
        targets: vec![AuditTarget { kind: "connection".into(), id: "1".into(), display: "conn-42".into() }],
        context: Map::new(),
        outcome: AuditOutcome::Success,
        metadata: Map::new(),
    });
    world.journal.flush().await;
    let mut db = world.store.read().await.unwrap();
    let found = audit_events::list(&mut db, &audit_events::Filter::default(), 10).await.unwrap();
    assert_eq!(found[0].event.action, "created");
}

#[tokio::test]
async fn what_does_not_fit_is_dropped_and_counted() {
    let world = world().await;
    let operation = world.beginning();
    // The writer gets no turn while this loop runs: the queue fills up.
    for _ in 0..dovetail_activity::limits::QUEUE_ENTRIES + 7 {
        world.journal.close(&operation.id, OperationState::Success);
    }
    assert_eq!(world.metrics.log_entries_dropped.value(["queue_full"]), 7);
    world.journal.flush().await;
}

#[tokio::test]
async fn a_database_that_is_gone_loses_entries_but_nobody_waits() {
    let world = world().await;
    world.store.close().await;
    world.journal.close(&world.beginning().id, OperationState::Success);
    world.journal.flush().await;
    assert_eq!(world.metrics.log_entries_dropped.value(["database"]), 1);
}
