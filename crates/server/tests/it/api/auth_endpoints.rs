//! `POST /auth/unauthenticated/{key}` and the modes that are not built yet (http-api.md 6, vectors 38 to 42).

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
async fn modes_that_are_not_built_say_so() {
    let app = TestApp::new().await;
    app.integration("kit", "kit-oauth2").await;
    app.integration("coda", "coda").await;
    let token = app.session(None).await;
    for endpoint in [
        "/auth/tba",
        "/auth/jwt",
        "/auth/two-step",
        "/auth/bill",
        "/auth/signature",
        "/auth/aws-sigv4",
        "/auth/oauth-outbound",
        "/oauth2/auth",
    ] {
        let at = |key: &str| format!("{endpoint}/{key}?connect_session_token={token}");
        app.post(&format!("{endpoint}/coda")).send().await.refused(401, "missing_public_key");
        app.post(&at("nope")).send().await.refused(404, "unknown_provider_config");
        app.post(&at("coda")).send().await.refused(400, "invalid_auth_mode");
    }
    let answer = app.post(&format!("/auth/oauth-outbound/kit?connect_session_token={token}")).send().await;
    answer.refused(400, "invalid_auth_mode");
    assert!(answer.text().contains("This version of Dovetail"), "{}", answer.text());
}
