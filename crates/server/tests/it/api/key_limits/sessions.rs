//! Connect sessions.

use serde_json::{Value, json};

use super::{app, tags_of};
use crate::kit::TestApp;

async fn session(app: &TestApp, key: &str, body: Value) -> (Value, String) {
    let answer = app.post("/connect/sessions").bearer(key).json(body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let token = answer.json()["data"]["token"].as_str().unwrap().to_owned();
    (app.get("/connect/session").bearer(&token).send().await.json()["data"].clone(), token)
}

#[tokio::test]
async fn a_session_links_what_its_key_reaches_and_the_connection_stays_within_reach() {
    let app = app().await;
    let key = app.limited_key(json!({ "integrations": ["coda"], "tags": { "team": "ops" } })).await;
    for asked in [json!({ "tags": {} }), json!({ "tags": {}, "allowed_integrations": [] })] {
        assert_eq!(session(&app, &key, asked).await.0["allowed_integrations"], json!(["coda"]));
    }
    let (_, token) = session(&app, &key, json!({ "tags": { "plan": "pro" } })).await;
    let link = |integration: &str| {
        let path = format!("/api-auth/api-key/{integration}?connect_session_token={token}");
        app.post(&path).json(json!({ "apiKey": "k" })).send()
    };
    link("linear").await.refused(400, "integration_not_allowed");
    let linked = link("coda").await;
    assert_eq!(linked.status, 200, "{}", linked.text());
    let id = linked.json()["connectionId"].as_str().unwrap().to_owned();
    assert_eq!(tags_of(&app, "coda", &id).await, json!({ "plan": "pro", "team": "ops" }));
}

#[tokio::test]
async fn a_session_for_more_than_the_key_reaches_is_refused() {
    let app = app().await;
    let key = app.limited_key(json!({ "integrations": ["coda"], "tags": { "team": "ops" } })).await;
    let make = |body| app.post("/connect/sessions").bearer(&key).json(body).send();
    make(json!({ "tags": {}, "allowed_integrations": ["coda", "linear"] })).await.refused(403, "key_limited");
    make(json!({ "tags": { "team": "sales" } })).await.refused(403, "key_limited");
    let again = |integration: &str, id: &str| {
        let body = json!({ "connection_id": id, "integration_id": integration });
        app.post("/connect/sessions/reconnect").bearer(&key).json(body).send()
    };
    assert_eq!(again("coda", "coda-ops").await.status, 201);
    again("coda", "coda-sales").await.refused(400, "invalid_body");
    again("linear", "linear-ops").await.refused(403, "key_limited");
}
