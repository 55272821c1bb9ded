//! Keys that nobody uses are tested once a day (auth-modes.md 21.7).

use std::time::Duration;

use dovetail_model::{CredentialState, WebhookSettings};
use dovetail_server::workers;
use dovetail_store::connections;
use dovetail_store::{environments, outbox};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::kit::{Service, TestApp};

/// Far longer than a test on loopback takes.
const SOON: Duration = Duration::from_secs(10);
const CODA: &str = "https://coda.io/";
/// A day and the spread of tests.
const A_DAY: Duration = Duration::from_hours(25);

/// A server with two linked keys, `idle` and `used`, and a product that hears of them.
async fn linked(service: &Service) -> TestApp {
    let app = TestApp::calling(service).await;
    let mut tx = app.state.store.begin().await.unwrap();
    let settings = WebhookSettings {
        primary_url: Some("https://product.test/hook".to_owned()),
        on_auth_creation: false,
        ..WebhookSettings::for_new_environment()
    };
    environments::set_webhooks(&mut tx, app.dev, &settings).await.unwrap();
    tx.commit().await.unwrap();
    app.integration("coda", "coda").await;
    for id in ["idle", "used"] {
        let credentials = json!({ "type": "API_KEY", "apiKey": format!("key-of-{id}") });
        let body = json!({ "provider_config_key": "coda", "connection_id": id, "credentials": credentials });
        let answer = app.post("/connections").bearer(&app.key).json(body).send().await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    app
}

async fn state(app: &TestApp, id: &str) -> CredentialState {
    let mut db = app.state.store.read().await.unwrap();
    connections::by_key(&mut db, app.dev, "coda", id).await.unwrap().unwrap().info.state
}

/// Keys that were tried so far, in order.
fn keys(service: &Service) -> Vec<String> {
    let of_coda = service.seen().into_iter().filter(|asked| asked.contains(CODA));
    of_coda.filter_map(|asked| asked.rsplit(' ').next().map(str::to_owned)).collect()
}

/// Lets the workers run until nothing is due and as many more keys were tried, and says which.
async fn tried(app: &TestApp, service: &Service, count: usize) -> Vec<String> {
    let before = keys(service).len();
    let stop = CancellationToken::new();
    let running = tokio::spawn(workers::run(app.state.clone(), stop.clone()));
    let quiet = async {
        service.asked_of(CODA, before + count).await;
        loop {
            let mut db = app.state.store.read().await.unwrap();
            if !connections::any_check_due(&mut db).await.unwrap() {
                return;
            }
            drop(db);
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, quiet).await.unwrap();
    stop.cancel();
    // What was begun is ended before the workers stop.
    tokio::time::timeout(SOON, running).await.unwrap().unwrap();
    keys(service).split_off(before)
}

async fn heard(app: &TestApp) -> Vec<Value> {
    let mut db = app.state.store.read().await.unwrap();
    let queued = outbox::list(&mut db, app.dev, outbox::Filter::All, None, 10).await.unwrap();
    let mut told: Vec<Value> =
        queued.iter().map(|one| serde_json::from_str(&one.message.body).unwrap()).collect();
    told.reverse();
    told
}

/// The key of `used` is read now, and that is written down.
async fn use_it(app: &TestApp) {
    let path = "/connections/used?provider_config_key=coda";
    assert_eq!(app.get(path).bearer(&app.key).send().await.status, 200);
    app.state.store.flush_touches().await.unwrap();
}

#[tokio::test]
async fn a_key_that_nobody_uses_is_tested_after_a_day_and_one_in_use_is_not() {
    let service = Service::start().await;
    let app = linked(&service).await;
    assert_eq!(tried(&app, &service, 0).await, Vec::<String>::new(), "both were tested when they came");
    app.clock.advance(A_DAY);
    use_it(&app).await;
    assert_eq!(tried(&app, &service, 1).await, ["key-of-idle"]);
    assert_eq!(state(&app, "idle").await, CredentialState::Verified { at: app.state.now() });
    assert_eq!(tried(&app, &service, 0).await, Vec::<String>::new(), "once a day");
    assert_eq!(heard(&app).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_refusal_is_told_once_confirmed_once_and_not_tried_again() {
    let service = Service::start().await;
    let app = linked(&service).await;
    for day in 0..3 {
        app.clock.advance(A_DAY);
        use_it(&app).await;
        service.always_answers(CODA, 401);
        let expected = usize::from(day < 2);
        assert_eq!(tried(&app, &service, expected).await.len(), expected, "day {day}");
    }
    assert!(matches!(state(&app, "idle").await, CredentialState::Refused { status: Some(401), .. }));
    let heard = heard(&app).await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0]["operation"], "refresh");
    assert_eq!(heard[0]["success"], false);
    assert_eq!(heard[0]["connectionId"], "idle");
    assert_eq!(heard[0]["error"]["type"], "connection_test_failed");
    let whole = app.get("/connections/idle?provider_config_key=coda").bearer(&app.key).send().await.json();
    assert_eq!(whole["errors"][0]["type"], "auth");
}

#[tokio::test]
async fn a_service_that_is_down_changes_nothing_and_is_asked_the_next_day() {
    let service = Service::start().await;
    let app = linked(&service).await;
    let before = state(&app, "idle").await;
    app.clock.advance(A_DAY);
    use_it(&app).await;
    service.always_answers(CODA, 503);
    assert_eq!(tried(&app, &service, 1).await, ["key-of-idle"]);
    assert_eq!(state(&app, "idle").await, before);
    assert_eq!(heard(&app).await, Vec::<Value>::new());
    app.clock.advance(A_DAY);
    use_it(&app).await;
    assert_eq!(tried(&app, &service, 1).await, ["key-of-idle"]);
}
