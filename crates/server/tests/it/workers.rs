//! What runs beside the requests.

use std::time::Duration;

use dovetail_model::{DeliveryState, WebhookSettings};
use dovetail_server::workers;
use dovetail_store::operations::{self, Filter};
use dovetail_store::outbox;
use dovetail_store::{connections, environments};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::kit::{Service, TestApp};

/// Far longer than a delivery on loopback takes.
const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_linked_account_is_told_to_the_product() {
    let app = TestApp::with_loopback(|_| {}).await;
    let product = Service::start().await;
    let mut tx = app.state.store.begin().await.unwrap();
    let url = product.url().join("hook?token=hush").unwrap();
    let settings =
        WebhookSettings { primary_url: Some(url.into()), ..WebhookSettings::for_new_environment() };
    environments::set_webhooks(&mut tx, app.dev, &settings).await.unwrap();
    tx.commit().await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(workers::run(app.state.clone(), stop.clone()));

    app.integration("open", "unauthenticated").await;
    let body =
        json!({ "provider_config_key": "open", "connection_id": "c-1", "credentials": { "type": "NONE" } });
    let answer = app.post("/connections").bearer(&app.key).json(body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());

    let mut changes = app.state.store.changes();
    let delivered = async {
        loop {
            let mut db = app.state.store.read().await.unwrap();
            let queued = outbox::list(&mut db, app.dev, outbox::Filter::All, None, 10).await.unwrap();
            drop(db);
            match &queued[..] {
                [one] if matches!(one.state, DeliveryState::Delivered { .. }) => return,
                _ => drop(changes.recv().await),
            }
        }
    };
    tokio::time::timeout(SOON, delivered).await.unwrap();
    stop.cancel();
    tokio::time::timeout(SOON, running).await.unwrap().unwrap();

    app.state.activity.flush().await;
    let mut db = app.state.store.read().await.unwrap();
    let logged = operations::list(&mut db, app.dev, &Filter::default(), 10).await.unwrap();
    let messages = operations::messages(&mut db, app.dev, &logged[0].id, None, 10).await.unwrap();
    let told = messages.iter().find(|message| message.message.message.contains("/hook")).unwrap();
    assert!(told.message.message.ends_with("/hook answered 200"), "{}", told.message.message);
    assert!(
        app.state.metrics.render().contains("dovetail_webhook_deliveries_total{outcome=\"delivered\"} 1")
    );
    assert_eq!(product.seen().len(), 1);
}

#[tokio::test]
async fn a_session_that_nobody_used_ends_as_cancelled() {
    let app = TestApp::new().await;
    let answer = app.post("/connect/sessions").bearer(&app.key).json(json!({ "tags": {} })).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    app.clock.advance(Duration::from_mins(31));
    let stop = CancellationToken::new();
    let running = tokio::spawn(workers::run(app.state.clone(), stop.clone()));
    let ended = async {
        loop {
            let mut db = app.state.store.read().await.unwrap();
            let logged = operations::list(&mut db, app.dev, &Filter::default(), 10).await.unwrap();
            drop(db);
            if logged[0].state.is_final() {
                return logged[0].state;
            }
            tokio::task::yield_now().await;
        }
    };
    let state = tokio::time::timeout(SOON, ended).await.unwrap();
    assert_eq!(state, dovetail_model::OperationState::Cancelled);
    stop.cancel();
    tokio::time::timeout(SOON, running).await.unwrap().unwrap();
}

#[tokio::test]
async fn what_is_due_is_renewed_without_being_asked_for() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("kit", "kit-oauth2").await;
    for number in 0..3 {
        let body = json!({
            "provider_config_key": "kit", "connection_id": format!("c-{number}"),
            "credentials": { "type": "OAUTH2", "access_token": "old", "refresh_token": "r",
                "expires_at": "2026-02-03T05:05:06.789Z" },
        });
        assert_eq!(app.post("/connections").bearer(&app.key).json(body).send().await.status, 201);
        service.answers(200, r#"{"access_token":"new","refresh_token":"r2","expires_in":3600}"#);
    }
    // Inside of the margin, and before the end.
    app.clock.advance(Duration::from_mins(55));
    let mut changes = app.state.store.changes();
    let stop = CancellationToken::new();
    let running = tokio::spawn(workers::run(app.state.clone(), stop.clone()));
    let renewed = async {
        loop {
            let mut db = app.state.store.read().await.unwrap();
            let page = connections::Page::default();
            let all =
                connections::list(&mut db, app.dev, &connections::Filter::default(), page).await.unwrap();
            drop(db);
            let now = app.state.now();
            if all.iter().all(|one| one.credentials_issued_at == Some(now)) {
                assert!(all.iter().all(|one| one.refresh_at.is_some_and(|at| at > now)), "{all:?}");
                return;
            }
            drop(changes.recv().await);
        }
    };
    tokio::time::timeout(SOON, renewed).await.unwrap();
    stop.cancel();
    tokio::time::timeout(SOON, running).await.unwrap().unwrap();
    assert_eq!(service.seen().len(), 3);
}

#[tokio::test]
async fn a_service_is_told_of_a_deleted_connection_until_it_listens() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    let body = json!({
        "provider": "linear", "unique_key": "linear",
        "credentials": { "type": "OAUTH2", "client_id": "c", "client_secret": "s" },
    });
    assert_eq!(app.post("/integrations").bearer(&app.key).json(body).send().await.status, 200);
    let body = json!({
        "provider_config_key": "linear", "connection_id": "c",
        "credentials": { "type": "OAUTH2", "access_token": "tok" },
    });
    assert_eq!(app.post("/connections").bearer(&app.key).json(body).send().await.status, 201);
    let path = "/connections/c?provider_config_key=linear";
    assert_eq!(app.delete(path).bearer(&app.key).send().await.status, 200);
    let before = service.seen().len();
    service.answers(503, "{}");

    for round in 1..=2 {
        let stop = CancellationToken::new();
        let running = tokio::spawn(workers::run(app.state.clone(), stop.clone()));
        tokio::time::timeout(SOON, service.asked(before + round)).await.unwrap();
        // What was begun is ended before the workers stop.
        stop.cancel();
        tokio::time::timeout(SOON, running).await.unwrap().unwrap();
        // Past the wait after the 503.
        app.clock.advance(Duration::from_mins(1));
    }
    let mut db = app.state.store.read().await.unwrap();
    let logged = operations::list(&mut db, app.dev, &Filter::default(), 20).await.unwrap();
    let telling = logged
        .iter()
        .find(|one| one.kind == dovetail_model::OperationKind::EventsPreConnectionDeletion)
        .unwrap();
    assert_eq!(telling.state, dovetail_model::OperationState::Success);
    let seen = service.seen().split_off(before);
    assert_eq!(seen, vec!["POST https://api.linear.app/oauth/revoke Bearer tok".to_owned(); 2]);
}
