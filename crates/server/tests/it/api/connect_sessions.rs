//! `POST /connect/sessions` and `…/reconnect` (http-api.md 6, vectors 24 to 36).

use dovetail_model::{Scope, is_session_token};
use serde_json::{Value, json};

use crate::kit::TestApp;

const PATH: &str = "/connect/sessions";
const RECONNECT: &str = "/connect/sessions/reconnect";

async fn create(app: &TestApp, body: Value) -> crate::kit::Answer {
    app.post(PATH).bearer(&app.key).json(body).send().await
}

/// The errors of a refused body.
async fn errors(app: &TestApp, body: Value) -> Value {
    let answer = create(app, body).await;
    answer.refused(400, "invalid_body");
    answer.json()["error"]["errors"].clone()
}

#[tokio::test]
async fn a_session_is_answered_with_its_token_link_and_expiry() {
    let app = TestApp::new().await;
    let answer = create(&app, json!({"end_user": {"id": "u", "email": "u@x.test"}})).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let data = answer.json()["data"].clone();
    let token = data["token"].as_str().unwrap();
    assert!(is_session_token(token));
    assert_eq!(
        answer.json(),
        json!({"data": {
            "token": token,
            "connect_link": format!("https://dovetail.test/connect/?session_token={token}"),
            "expires_at": "2026-02-03T04:35:06.789Z",
        }})
    );
}

#[tokio::test]
async fn only_a_key_with_the_scope_may_create_sessions() {
    let app = TestApp::new().await;
    let body = json!({"tags": {}});
    app.post(PATH).json(body.clone()).send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::PROXY]).await;
    app.post(PATH).bearer(&key).json(body.clone()).send().await.refused(403, "forbidden");
    let session = app.session(None).await;
    app.post(PATH).bearer(&session).json(body.clone()).send().await.refused(401, "invalid_secret_key_format");
    let key = app.key_with(&[Scope::CONNECT_SESSIONS_WRITE]).await;
    assert_eq!(app.post(PATH).bearer(&key).json(body.clone()).send().await.status, 201);
    app.post("/connect/sessions?x=1")
        .bearer(&app.key)
        .json(body)
        .send()
        .await
        .refused(400, "invalid_query_params");
}

#[tokio::test]
async fn who_the_session_is_for_has_to_be_said() {
    let app = TestApp::new().await;
    assert_eq!(
        errors(&app, json!({})).await,
        json!([{"code": "invalid_type", "message": "Invalid input: expected object, received undefined", "path": ["end_user"]}])
    );
    assert_eq!(
        errors(&app, json!({"end_user": {}})).await,
        json!([{"code": "invalid_type", "message": "Invalid input: expected string, received undefined", "path": ["end_user", "id"]}])
    );
}

#[tokio::test]
async fn every_integration_that_is_named_has_to_exist() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    let miss =
        |path: Value| json!([{"code": "custom", "message": "Integration does not exist", "path": path}]);
    let tags = json!({});
    assert_eq!(
        errors(&app, json!({"tags": tags, "allowed_integrations": ["coda", "nope"]})).await,
        miss(json!(["allowed_integrations", "1"]))
    );
    assert_eq!(
        errors(&app, json!({"tags": tags, "integrations_config_defaults": {"nope": {}}})).await,
        miss(json!(["integrations_config_defaults", "nope"]))
    );
    assert_eq!(
        errors(
            &app,
            json!({"tags": tags, "overrides": {"nope": {"docs_connect": "https://docs.acme.test"}}})
        )
        .await,
        miss(json!(["overrides", "nope"]))
    );
    // Another environment's integration is as good as none.
    let answer =
        app.post(PATH).bearer(&app.prod_key).json(json!({"tags": {}, "allowed_integrations": ["coda"]}));
    answer.send().await.refused(400, "invalid_body");
}

#[tokio::test]
async fn tags_are_bounded() {
    let app = TestApp::new().await;
    let eleven: serde_json::Map<String, Value> = (0..11).map(|n| (format!("k{n}"), json!("v"))).collect();
    for tags in
        [json!({"1st": "v"}), json!({("k".repeat(65)): "v"}), json!({"k": "v".repeat(256)}), json!(eleven)]
    {
        create(&app, json!({ "tags": tags })).await.refused(400, "invalid_body");
    }
    let nine: serde_json::Map<String, Value> = (0..9).map(|n| (format!("k{n}"), json!("v"))).collect();
    let together = errors(&app, json!({"end_user": {"id": "u", "email": "u@x.test"}, "tags": nine})).await;
    assert_eq!(together[0]["path"], json!(["tags"]));
}

#[tokio::test]
async fn a_webhook_of_the_reference_itself_is_refused() {
    let app = TestApp::new().await;
    let found = errors(&app, json!({"tags": {}, "webhook_url_override": "https://api.nango.dev/x"})).await;
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!((&found[0]["code"], &found[0]["path"]), (&json!("custom"), &json!(["webhook_url_override"])));
}

#[tokio::test]
async fn docs_may_be_overridden() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    let body =
        json!({"tags": {}, "overrides": {"coda": {"docs_connect": "https://docs.acme.test", "other": 1}}});
    assert_eq!(create(&app, body).await.status, 201);
}

#[tokio::test]
async fn a_reconnect_session_is_bound_to_its_connection() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    app.connection("coda", "conn-42").await;
    let body = json!({"connection_id": "conn-42", "integration_id": "coda"});
    let answer = app.post(RECONNECT).bearer(&app.key).json(body.clone()).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let token = answer.json()["data"]["token"].as_str().unwrap().to_owned();
    let session = app.get("/connect/session").bearer(&token).send().await.json();
    assert_eq!(session["data"]["isReconnecting"], true);
    assert_eq!(session["data"]["allowed_integrations"], json!(["coda"]));
    let elsewhere = app.post(RECONNECT).bearer(&app.prod_key).json(body).send().await;
    elsewhere.refused(400, "invalid_body");
}

#[tokio::test]
async fn a_reconnect_needs_an_existing_pair() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    let body = json!({"connection_id": "none", "integration_id": "coda"});
    app.post(RECONNECT).json(body.clone()).send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::PROXY]).await;
    app.post(RECONNECT).bearer(&key).json(body.clone()).send().await.refused(403, "forbidden");
    let answer = app.post(RECONNECT).bearer(&app.key).json(body).send().await;
    answer.refused(400, "invalid_body");
    assert_eq!(answer.json()["error"].get("errors"), None);
    let answer = app.post(RECONNECT).bearer(&app.key).json(json!({})).send().await;
    let paths: Vec<Value> = answer.json()["error"]["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["path"].clone())
        .collect();
    assert_eq!(paths, [json!(["connection_id"]), json!(["integration_id"])]);
}
