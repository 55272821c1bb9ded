//! `POST /auth/unauthenticated/{key}` and what all endpoints of credentials have in common (http-api.md 6, vectors 38 to 42).

use serde_json::{Value, json};

use crate::kit::TestApp;

fn path(token: &str, more: &str) -> String {
    format!("/auth/unauthenticated/open?connect_session_token={token}{more}")
}

async fn config(app: &TestApp, id: &str) -> Value {
    let answer =
        app.get(&format!("/connections/{id}?provider_config_key=open")).bearer(&app.key).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn an_open_service_is_linked_at_once() {
    let app = TestApp::new().await;
    app.integration("open", "unauthenticated").await;
    let token = app.session(None).await;
    let answer = app.post(&path(&token, "&params[webhook_url]=https://evil.test")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let id = answer.json()["connectionId"].as_str().unwrap().to_owned();
    assert_eq!(answer.json(), json!({"connectionId": id, "providerConfigKey": "open"}));
    let stored = config(&app, &id).await;
    assert_eq!(stored["connection_config"], json!({}));
    assert_eq!(stored["webhook_url_override"], Value::Null);
    assert_eq!(stored["credentials"], json!({}));
    assert_eq!(app.post(&path(&token, "")).json(json!({})).send().await.status, 200);
}

#[tokio::test]
async fn malformed_and_unauthorised_requests_are_refused() {
    let app = TestApp::new().await;
    app.integration("open", "unauthenticated").await;
    app.integration("coda", "coda").await;
    let token = app.session(Some(&["coda"])).await;
    app.post(&path(&token, "")).json(json!({"x": 1})).send().await.refused(400, "invalid_body");
    app.post("/auth/unauthenticated/open").send().await.refused(401, "missing_public_key");
    app.post(&path(&token, "")).send().await.refused(400, "integration_not_allowed");
    let elsewhere = format!("/auth/unauthenticated/coda?connect_session_token={token}");
    app.post(&elsewhere).send().await.refused(400, "invalid_auth_mode");
}

#[tokio::test]
async fn every_endpoint_checks_session_integration_and_mode() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    let token = app.session(None).await;
    for (endpoint, body) in [
        ("/auth/tba", json!({"token_id": "t", "token_secret": "s"})),
        ("/auth/jwt", json!({"privateKey": "k"})),
        ("/auth/two-step", json!({"type": "TWO_STEP", "username": "u"})),
        ("/auth/bill", json!({"username": "u", "password": "p", "organization_id": "o", "dev_key": "d"})),
        ("/auth/signature", json!({"type": "SIGNATURE", "username": "u", "password": "p"})),
        ("/auth/aws-sigv4", json!({"role_arn": "arn:aws:iam::111122223333:role/R"})),
        ("/oauth2/auth", json!({"client_id": "c", "client_secret": "s"})),
    ] {
        let at = |key: &str| format!("{endpoint}/{key}?connect_session_token={token}");
        app.post(&format!("{endpoint}/coda"))
            .json(body.clone())
            .send()
            .await
            .refused(401, "missing_public_key");
        let unknown = if endpoint == "/oauth2/auth" { 400 } else { 404 };
        app.post(&at("nope")).json(body.clone()).send().await.refused(unknown, "unknown_provider_config");
        app.post(&at("coda")).json(body).send().await.refused(400, "invalid_auth_mode");
        if endpoint != "/oauth2/auth" {
            app.post(&at("coda")).json(json!([])).send().await.refused(400, "invalid_body");
        }
    }
    app.post(&format!("/oauth2/auth/coda?connect_session_token={token}"))
        .json(json!({"client_secret": "s"}))
        .send()
        .await
        .refused(400, "missing_client_id");
}
