use dovetail_model::{AuthMode, Environment, Tags, WebhookSettings};
use dovetail_store::environments;
use dovetail_store::outbox::{self, Filter};
use dovetail_testkit::Fixture;
use dovetail_webhooks::{AuthEvent, AuthOperation, Subject, enqueue_auth};

async fn environment(fixture: &Fixture, settings: WebhookSettings) -> Environment {
    let mut tx = fixture.store.begin().await.unwrap();
    environments::set_webhooks(&mut tx, fixture.dev, &settings).await.unwrap();
    tx.commit().await.unwrap();
    environments::get(&mut fixture.store.read().await.unwrap(), fixture.dev).await.unwrap().unwrap()
}

fn two_targets() -> WebhookSettings {
    WebhookSettings {
        primary_url: Some("https://a.test/".to_owned()),
        secondary_url: Some("https://b.test/".to_owned()),
        ..WebhookSettings::for_new_environment()
    }
}

fn event(tags: &Tags) -> AuthEvent<'_> {
    AuthEvent {
        operation: AuthOperation::Creation,
        connection_id: "c-1",
        provider_config_key: "coda",
        provider: "coda",
        auth_mode: AuthMode::ApiKey,
        environment: "dev",
        failure: None,
        tags: Some(tags),
        end_user: None,
    }
}

async fn targets(fixture: &Fixture) -> Vec<String> {
    let mut db = fixture.store.read().await.unwrap();
    let queued = outbox::list(&mut db, fixture.dev, Filter::Open, None, 10).await.unwrap();
    assert!(queued.windows(2).all(|pair| pair[0].message.event_id == pair[1].message.event_id));
    queued.into_iter().rev().map(|delivery| delivery.message.url).collect()
}

#[tokio::test]
async fn every_target_gets_the_event_under_one_id() {
    let fixture = Fixture::sqlite().await;
    let environment = environment(&fixture, two_targets()).await;
    let mut tx = fixture.store.begin().await.unwrap();
    let count =
        enqueue_auth(&mut tx, &environment, &event(&Tags::default()), Subject::default()).await.unwrap();
    assert_eq!(count, 2);
    tx.commit().await.unwrap();
    assert_eq!(targets(&fixture).await, ["https://a.test/", "https://b.test/"]);
}

#[tokio::test]
async fn a_connections_own_target_replaces_them() {
    let fixture = Fixture::sqlite().await;
    let environment = environment(&fixture, two_targets()).await;
    let subject = Subject { webhook_url: Some("https://own.test/"), ..Subject::default() };
    let mut tx = fixture.store.begin().await.unwrap();
    enqueue_auth(&mut tx, &environment, &event(&Tags::default()), subject).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(targets(&fixture).await, ["https://own.test/"]);
}

#[tokio::test]
async fn what_is_switched_off_or_rolled_back_is_not_queued() {
    let fixture = Fixture::sqlite().await;
    let muted = environment(&fixture, WebhookSettings { on_auth_creation: false, ..two_targets() }).await;
    let mut tx = fixture.store.begin().await.unwrap();
    assert_eq!(enqueue_auth(&mut tx, &muted, &event(&Tags::default()), Subject::default()).await.unwrap(), 0);
    tx.commit().await.unwrap();
    let open = environment(&fixture, two_targets()).await;
    let mut tx = fixture.store.begin().await.unwrap();
    enqueue_auth(&mut tx, &open, &event(&Tags::default()), Subject::default()).await.unwrap();
    tx.rollback().await.unwrap();
    assert!(targets(&fixture).await.is_empty());
}
