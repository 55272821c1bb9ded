//! Routines of definitions, through the routes (auth-modes.md 22, 23).

use dovetail_model::{DeliveryState, Level, WebhookSettings};
use dovetail_store::{Db as _, connections, environments, operations, outbox};
use serde_json::{Value, json};

use crate::kit::{Answer, Service, TestApp};

async fn link(app: &TestApp, mode: &str, integration: &str, body: Value) -> Answer {
    let token = app.session(None).await;
    let path = format!("/api-auth/{mode}/{integration}?connect_session_token={token}");
    app.post(&path).json(body).send().await
}

async fn config(app: &TestApp, integration: &str, connection: &Value) -> Value {
    let id = connection.as_str().unwrap();
    let path = format!("/connections/{id}?provider_config_key={integration}");
    app.get(&path).bearer(&app.key).send().await.json()["connection_config"].clone()
}

/// Messages of the operation that made the connection, with their levels.
async fn told(app: &TestApp, integration: &str, connection: &Value) -> Vec<(Level, String)> {
    app.state.activity.flush().await;
    let mut db = app.state.store.read().await.unwrap();
    let id = connection.as_str().unwrap();
    let found = connections::by_key(&mut db, app.dev, integration, id).await.unwrap().unwrap();
    let all = operations::list(&mut db, app.dev, &operations::Filter::default(), 10).await.unwrap();
    let operation = all
        .iter()
        .find(|operation| operation.connection.as_ref().is_some_and(|(row, _)| *row == Some(found.info.id)));
    let messages = operations::messages(&mut db, app.dev, &operation.unwrap().id, None, 50).await.unwrap();
    messages.into_iter().map(|message| (message.message.level, message.message.message)).collect()
}

#[tokio::test]
async fn a_key_that_the_service_does_not_know_is_refused_although_it_answers_200() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("apollo", "kit-apollo").await;

    service.answers(200, r#"{"healthy":true,"is_logged_in":false}"#);
    let answer = link(&app, "api-key", "apollo", json!({"apiKey": "k_live_1"})).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.json()["error"]["code"], "connection_test_failed");
    assert_eq!(
        answer.json()["error"]["message"],
        "Kit Apollo answered that these credentials are not valid."
    );

    service.answers(200, r#"{"healthy":true,"is_logged_in":true}"#);
    let answer = link(&app, "api-key", "apollo", json!({"apiKey": "k_live_1"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(service.seen(), ["GET https://kit.test/v1/auth/health"; 2]);
    let mut db = app.state.store.read().await.unwrap();
    let id = answer.json()["connectionId"].as_str().unwrap().to_owned();
    let found = connections::by_key(&mut db, app.dev, "apollo", &id).await.unwrap().unwrap();
    assert_eq!(found.info.state, dovetail_model::CredentialState::Verified { at: db.now() });
}

#[tokio::test]
async fn a_login_that_travels_in_the_body_is_tested_and_never_told() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("expensify", "kit-expensify").await;
    let login = json!({"username": "aa_partner", "password": "hush-hush-1"});

    service.answers(200, r#"{"responseMessage":"Authentication error: hush-hush-1","responseCode":500}"#);
    let answer = link(&app, "basic", "expensify", login.clone()).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("Authentication error: ***"), "{}", answer.text());

    service.answers(503, "");
    let answer = link(&app, "basic", "expensify", login.clone()).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["code"]),
        (503, &json!("connection_test_unavailable"))
    );

    service.answers(200, r#"{"policyList":[]}"#);
    assert_eq!(link(&app, "basic", "expensify", login).await.status, 200);
}

#[tokio::test]
async fn what_the_service_tells_is_there_before_the_answer_and_the_webhook() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    let mut tx = app.state.store.begin().await.unwrap();
    let settings = WebhookSettings {
        primary_url: Some("https://hooks.acme.test/in".to_owned()),
        ..WebhookSettings::for_new_environment()
    };
    environments::set_webhooks(&mut tx, app.dev, &settings).await.unwrap();
    tx.commit().await.unwrap();
    app.integration("workable", "kit-workable").await;

    service.answers(200, r#"{"accounts":[{"id":"1","subdomain":"acme"}]}"#);
    let answer = link(&app, "api-key", "workable", json!({"apiKey": "k_live_1"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(service.seen(), ["GET https://www.workable.com/spi/v3/accounts Bearer k_live_1"]);
    assert_eq!(config(&app, "workable", &answer.json()["connectionId"]).await, json!({"subdomain": "acme"}));
    let mut db = app.state.store.read().await.unwrap();
    let queued = outbox::list(&mut db, app.dev, outbox::Filter::default(), None, 10).await.unwrap();
    // The clock stands: a webhook that still waited for the routine would be due later.
    assert_eq!(queued[0].state, DeliveryState::Pending { next_attempt_at: db.now() });
}

#[tokio::test]
async fn a_service_that_does_not_tell_leaves_the_account_linked_with_a_warning() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("workable", "kit-workable").await;

    service.answers(403, r#"{"error":"No such scope for k_live_1"}"#);
    let answer = link(&app, "api-key", "workable", json!({"apiKey": "k_live_1"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let id = &answer.json()["connectionId"];
    assert_eq!(config(&app, "workable", id).await, json!({}));
    let warnings: Vec<_> =
        told(&app, "workable", id).await.into_iter().filter(|(level, _)| *level == Level::Warn).collect();
    let sentence = "The account is linked, but Kit Workable did not tell everything about it. \
                    It answered 403: “No such scope for ***”";
    assert_eq!(warnings, [(Level::Warn, sentence.to_owned())]);
}

#[tokio::test]
async fn an_import_runs_the_routine_too_and_answers_what_it_found() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("workable", "kit-workable").await;
    service.answers(200, r#"{"accounts":[{"id":"1","subdomain":"acme"}]}"#);
    let body = json!({"provider_config_key": "workable", "connection_id": "conn-1",
        "credentials": {"type": "API_KEY", "apiKey": "k_live_1"}});
    let answer = app.post("/connections").bearer(&app.key).json(body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.json()["connection_config"], json!({"subdomain": "acme"}));
}
