//! `POST /api-auth/api-key/{key}` and `/api-auth/basic/{key}` (http-api.md 2.10, 6; connect.md 5).

use dovetail_model::WebhookSettings;
use dovetail_store::{connections, environments, operations, outbox};
use serde_json::{Value, json};

use crate::kit::{Answer, Service, TestApp};

async fn session(app: &TestApp, body: Value) -> String {
    let answer = app.post("/connect/sessions").bearer(&app.key).json(body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["data"]["token"].as_str().unwrap().to_owned()
}

async fn reconnect(app: &TestApp, integration: &str, connection: &str, mut body: Value) -> String {
    body["connection_id"] = json!(connection);
    body["integration_id"] = json!(integration);
    let answer = app.post("/connect/sessions/reconnect").bearer(&app.key).json(body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["data"]["token"].as_str().unwrap().to_owned()
}

async fn link(app: &TestApp, integration: &str, token: &str, more: &str, body: Value) -> Answer {
    let path = format!("/api-auth/api-key/{integration}?connect_session_token={token}{more}");
    app.post(&path).json(body).send().await
}

async fn read(app: &TestApp, integration: &str, connection: &str) -> Value {
    let path = format!("/connections/{connection}?provider_config_key={integration}");
    let answer = app.get(&path).bearer(&app.key).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_key_is_tested_then_kept_and_the_product_is_told() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("coda-prod", "coda").await;
    let mut tx = app.state.store.begin().await.unwrap();
    let settings = WebhookSettings {
        primary_url: Some("https://hooks.acme.test/in".to_owned()),
        ..WebhookSettings::for_new_environment()
    };
    environments::set_webhooks(&mut tx, app.dev, &settings).await.unwrap();
    tx.commit().await.unwrap();
    let body = json!({"end_user": {"id": "u_81", "email": "pia@acme.test"}, "tags": {"team": "ops"}});
    let token = session(&app, body).await;

    let answer = link(&app, "coda-prod", &token, "", json!({"apiKey": "k_live_1"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let id = answer.json()["connectionId"].as_str().unwrap().to_owned();
    assert_eq!(answer.json(), json!({"connectionId": id, "providerConfigKey": "coda-prod"}));
    assert_eq!(service.seen(), ["GET https://coda.io/apis/v1/whoami Bearer k_live_1"]);

    let stored = read(&app, "coda-prod", &id).await;
    assert_eq!(stored["credentials"], json!({"type": "API_KEY", "apiKey": "k_live_1"}));
    assert_eq!(stored["end_user"]["id"], "u_81");
    let tags = json!({"end_user_email": "pia@acme.test", "end_user_id": "u_81", "team": "ops"});
    assert_eq!(stored["tags"], tags);

    let mut db = app.state.store.read().await.unwrap();
    let queued = outbox::list(&mut db, app.dev, outbox::Filter::default(), None, 10).await.unwrap();
    let told: Value = serde_json::from_str(&queued[0].message.body).unwrap();
    assert_eq!(queued[0].message.url, "https://hooks.acme.test/in");
    assert_eq!(
        told,
        json!({
            "from": "nango", "type": "auth", "operation": "creation", "success": true, "authMode": "API_KEY",
            "connectionId": id, "providerConfigKey": "coda-prod", "provider": "coda", "environment": "dev",
            "tags": tags, "endUser": {"endUserId": "u_81", "endUserEmail": "pia@acme.test", "tags": {}},
        })
    );
}

#[tokio::test]
async fn a_refused_key_is_not_kept_and_the_status_is_told() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("coda", "coda").await;
    let token = session(&app, json!({"tags": {}})).await;
    service.answers(401, r#"{"message":"Unknown key k_wrong_1"}"#);
    let answer = link(&app, "coda", &token, "", json!({"apiKey": "k_wrong_1"})).await;
    assert_eq!(
        (answer.status, answer.json()),
        (
            400,
            json!({"error": {
                "code": "connection_test_failed",
                "message": "Coda answered 401: these credentials are not valid. Coda wrote: “Unknown key ***”",
                "payload": {"provider": "coda", "status": 401, "reason": "refused", "detail": "Unknown key ***"},
            }})
        )
    );
    let list = app.get("/connections").bearer(&app.key).send().await.json();
    assert_eq!(list, json!({"connections": []}));

    app.state.activity.flush().await;
    let mut db = app.state.store.read().await.unwrap();
    assert!(outbox::list(&mut db, app.dev, outbox::Filter::default(), None, 10).await.unwrap().is_empty());
    let logged = operations::list(&mut db, app.dev, &operations::Filter::default(), 10).await.unwrap();
    let messages = operations::messages(&mut db, app.dev, &logged[0].id, None, 10).await.unwrap();
    let shown = format!("{logged:?} {messages:?}");
    assert!(shown.contains("https://coda.io/apis/v1/whoami answered 401"), "{shown}");
    assert!(!shown.contains("k_wrong_1"), "{shown}");

    // The session lives on: the person tries again.
    assert_eq!(link(&app, "coda", &token, "", json!({"apiKey": "k_live_1"})).await.status, 200);
}

#[tokio::test]
async fn a_service_that_is_down_says_nothing_about_the_key() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("coda", "coda").await;
    let token = session(&app, json!({"tags": {}})).await;
    service.answers(503, "");
    let answer = link(&app, "coda", &token, "", json!({"apiKey": "k_live_1"})).await;
    answer.refused(503, "connection_test_unavailable");
    assert_eq!(answer.json()["error"]["payload"]["status"], 503);
}

#[tokio::test]
async fn malformed_requests_are_refused_before_anything_is_looked_up() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("coda", "coda").await;
    app.integration("freshdesk", "freshdesk").await;
    let token = session(&app, json!({"tags": {}, "allowed_integrations": ["coda"]})).await;
    let key = json!({"apiKey": "k_live_1"});
    let missing = link(&app, "coda", &token, "", json!({})).await;
    missing.refused(400, "invalid_body");
    assert_eq!(
        missing.json()["error"]["errors"],
        json!([{"code": "invalid_type", "message": "Invalid input: expected string, received undefined", "path": ["apiKey"]}])
    );
    link(&app, "coda", &token, "", json!({"apiKey": "x".repeat(1025)})).await.refused(400, "invalid_body");
    link(&app, "coda", &token, "", json!({"apiKey": "k", "x": 1})).await.refused(400, "invalid_body");
    link(&app, "coda", &token, "&params=x", key.clone()).await.refused(400, "invalid_query_params");
    link(&app, "%3C", &token, "", key.clone()).await.refused(400, "invalid_uri_params");
    let own_id = link(&app, "coda", &token, "&connection_id=mine", key.clone()).await;
    own_id.refused(400, "invalid_query_params");
    assert_eq!(
        own_id.json()["error"]["errors"],
        json!([{"code": "custom", "message": "connection_id is forbidden when using session token", "path": ["connection_id"]}])
    );
    link(&app, "nope", &token, "", key.clone()).await.refused(404, "unknown_provider_config");
    link(&app, "freshdesk", &token, "", key).await.refused(400, "invalid_auth_mode");
    assert!(service.seen().is_empty());
}

#[tokio::test]
async fn a_session_is_needed_and_bounds_what_may_be_linked() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("coda", "coda").await;
    app.integration("ordinal", "ordinal").await;
    let body = json!({"apiKey": "k_live_1"});
    let path = "/api-auth/api-key/coda";
    app.post(path).json(body.clone()).send().await.refused(401, "missing_public_key");
    app.post(path).bearer(&app.key).json(body.clone()).send().await.refused(401, "missing_public_key");
    let public = format!("{path}?public_key={}", app.key);
    app.post(&public).json(body.clone()).send().await.refused(401, "deprecated_authentication");
    let token = session(&app, json!({"tags": {}, "allowed_integrations": ["ordinal"]})).await;
    let answer = link(&app, "coda", &token, "", body.clone()).await;
    assert_eq!((answer.status, answer.json()), (400, json!({"error": {"code": "integration_not_allowed"}})));
    let typed = app.post(&format!("{path}?connect_session_token={token}"));
    typed.header("content-type", "text/plain").body("x").send().await.refused(415, "invalid_content_type");
}

#[tokio::test]
async fn the_definitions_rules_hold_on_the_server() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("ordinal", "ordinal").await;
    app.integration("dixa", "dixa").await;
    let token = session(&app, json!({"tags": {}})).await;
    let answer = link(&app, "ordinal", &token, "", json!({"apiKey": "not-ours"})).await;
    answer.refused(400, "invalid_body");
    assert_eq!(answer.json()["error"]["errors"][0]["path"], json!(["apiKey"]));
    let answer = link(&app, "dixa", &token, "&params[apiType]=other", json!({"apiKey": "k_live_1"})).await;
    answer.refused(400, "invalid_query_params");
    assert_eq!(answer.json()["error"]["errors"][0]["path"], json!(["params", "apiType"]));
    assert!(service.seen().is_empty());
}

#[tokio::test]
async fn configuration_is_what_the_browser_may_set_under_what_the_session_sets() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("dixa", "dixa").await;
    let defaults = json!({"dixa": {"connection_config": {"apiType": "exports", "tenant": 7}}});
    let token = session(&app, json!({"tags": {}, "integrations_config_defaults": defaults})).await;
    let more = "&params[apiType]=dev&params[webhook_url]=https://evil.test&params[other]=x&params[a][b]=c";
    let answer = link(&app, "dixa", &token, more, json!({"apiKey": "k_live_1"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let id = answer.json()["connectionId"].as_str().unwrap().to_owned();
    let stored = read(&app, "dixa", &id).await;
    assert_eq!(stored["connection_config"], json!({"apiType": "exports", "tenant": 7}));
    assert_eq!(stored["webhook_url_override"], Value::Null);
}

#[tokio::test]
async fn linking_again_keeps_what_is_not_sent() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("dixa", "dixa").await;
    let first = json!({"end_user": {"id": "u"}, "tags": {"a": "1", "b": "1"}, "webhook_url_override": "https://hooks.acme.test"});
    let token = session(&app, first).await;
    let answer = link(&app, "dixa", &token, "&params[apiType]=exports", json!({"apiKey": "k_old_1"})).await;
    let id = answer.json()["connectionId"].as_str().unwrap().to_owned();
    let metadata = json!({"connection_id": id, "provider_config_key": "dixa", "metadata": {"plan": "pro"}});
    assert_eq!(app.post("/connections/metadata").bearer(&app.key).json(metadata).send().await.status, 201);
    let before = read(&app, "dixa", &id).await;

    let again = reconnect(&app, "dixa", &id, json!({"tags": {"b": "2"}})).await;
    let answer = link(&app, "dixa", &again, "", json!({"apiKey": "k_new_1"})).await;
    assert_eq!(answer.json(), json!({"connectionId": id, "providerConfigKey": "dixa"}));
    let after = read(&app, "dixa", &id).await;
    assert_eq!(after["id"], before["id"]);
    assert_eq!(after["credentials"]["apiKey"], "k_new_1");
    assert_eq!(after["tags"], json!({"a": "1", "b": "2", "end_user_id": "u"}));
    for kept in ["metadata", "connection_config", "webhook_url_override", "end_user"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }

    // A wrong key leaves the working one alone.
    service.answers(401, "{}");
    link(&app, "dixa", &again, "", json!({"apiKey": "k_bad_1"})).await.refused(400, "connection_test_failed");
    assert_eq!(read(&app, "dixa", &id).await["credentials"]["apiKey"], "k_new_1");
}

#[tokio::test]
async fn a_connection_that_is_gone_cannot_be_linked_again() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("coda", "coda").await;
    app.connection("coda", "conn-42").await;
    let token = reconnect(&app, "coda", "conn-42", json!({})).await;
    let path = "/connections/conn-42?provider_config_key=coda";
    assert_eq!(app.delete(path).bearer(&app.key).send().await.status, 200);
    let answer = link(&app, "coda", &token, "", json!({"apiKey": "k_live_1"})).await;
    answer.refused(400, "invalid_connection");
}

#[tokio::test]
async fn user_name_and_password_are_tested_and_kept() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("desk", "freshdesk").await;
    let token = session(&app, json!({"tags": {}})).await;
    let path = |more: &str| format!("/api-auth/basic/desk?connect_session_token={token}{more}");
    app.post(&path("")).json(json!({})).send().await.refused(400, "invalid_body");
    app.post("/api-auth/basic/desk").json(json!({})).send().await.refused(401, "missing_public_key");
    let body = json!({"username": "key-1", "password": "X"});
    let lacks_domain = app.post(&path("")).json(body.clone()).send().await;
    lacks_domain.refused(400, "invalid_query_params");
    let answer = app.post(&path("&params[subdomain]=acme")).json(body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(service.seen()[0].starts_with("GET https://acme.freshdesk.com/api/v2/settings/helpdesk Basic "));
    let id = answer.json()["connectionId"].as_str().unwrap().to_owned();
    let credentials = read(&app, "desk", &id).await["credentials"].clone();
    assert_eq!(credentials, json!({"type": "BASIC", "username": "key-1", "password": "X"}));
    let evil =
        app.post(&path("&params[subdomain]=evil.test%2F")).json(json!({"username": "k", "password": ""}));
    evil.send().await.refused(400, "invalid_query_params");
    let mut db = app.state.store.read().await.unwrap();
    let stored = connections::by_key(&mut db, app.dev, "desk", &id).await.unwrap().unwrap();
    assert!(matches!(stored.info.state, dovetail_model::CredentialState::Verified { .. }));
}
