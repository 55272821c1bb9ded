//! `GET` and `DELETE /connect/session` (http-api.md 6, vectors 6, 7, 28 to 34).

use std::time::Duration;

use dovetail_store::connect_sessions;
use serde_json::{Value, json};

use crate::kit::TestApp;

const PATH: &str = "/connect/session";

async fn session(app: &TestApp, body: Value) -> String {
    let answer = app.post("/connect/sessions").bearer(&app.key).json(body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["data"]["token"].as_str().unwrap().to_owned()
}

/// The tags stored with a session.
async fn tags(app: &TestApp, body: Value) -> Value {
    let token = session(app, body).await;
    let mut db = app.state.store.read().await.unwrap();
    json!(connect_sessions::lookup(&mut db, &token.as_str().into()).await.unwrap().unwrap().tags)
}

#[tokio::test]
async fn a_plain_session_has_exactly_the_keys_of_the_wire() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    let token = session(&app, json!({"end_user": {"id": "u"}, "allowed_integrations": ["coda"]})).await;
    let answer = app.get(PATH).bearer(&token).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        answer.json(),
        json!({"data": {
            "endUser": {"id": "u", "display_name": null, "email": null, "tags": null, "organization": null},
            "connectUISettings": {
                "showWatermark": true, "defaultTheme": "system",
                "theme": {"light": {"primary": "#007B70"}, "dark": {"primary": "#45C1B4"}}
            },
            "allowed_integrations": ["coda"],
            "websocketsPath": "/",
        }})
    );
}

#[tokio::test]
async fn tags_stand_in_for_a_person() {
    let app = TestApp::new().await;
    let token = session(&app, json!({"tags": {"projectId": "7"}})).await;
    assert_eq!(app.get(PATH).bearer(&token).send().await.json()["data"]["endUser"], Value::Null);
    assert_eq!(tags(&app, json!({"tags": {"projectId": "7"}})).await, json!({"projectid": "7"}));
    assert_eq!(tags(&app, json!({"tags": {}})).await, json!({}));
    assert_eq!(
        tags(&app, json!({"end_user": {"id": "u", "email": "u@x.test"}, "tags": {"projectId": "7"}})).await,
        json!({"projectid": "7", "end_user_id": "u", "end_user_email": "u@x.test"})
    );
}

#[tokio::test]
async fn defaults_are_shown_but_user_scopes_are_not() {
    let app = TestApp::new().await;
    app.integration("zendesk", "zendesk-api-key").await;
    let defaults = json!({"zendesk": {
        "user_scopes": "read", "authorization_params": {"prompt": "login"}, "connection_config": {"subdomain": "acme"}
    }});
    let token = session(
        &app,
        json!({
            "end_user": {"id": "u"}, "organization": {"id": "o"}, "integrations_config_defaults": defaults,
            "overrides": {"zendesk": {"docs_connect": "https://docs.acme.test"}}
        }),
    )
    .await;
    let data = app.get(PATH).bearer(&token).send().await.json()["data"].clone();
    assert_eq!(
        data["integrations_config_defaults"],
        json!({"zendesk": {"authorization_params": {"prompt": "login"}, "connection_config": {"subdomain": "acme"}}})
    );
    assert_eq!(data["overrides"], json!({"zendesk": {"docs_connect": "https://docs.acme.test"}}));
    assert_eq!(data["endUser"]["organization"], json!({"id": "o", "display_name": null}));
}

#[tokio::test]
async fn only_a_live_session_token_opens_it() {
    let app = TestApp::new().await;
    app.get(PATH).send().await.refused(401, "missing_auth_header");
    let answer = app.get(PATH).bearer(&app.key).send().await;
    answer.refused(401, "invalid_connect_session_token_format");
    assert_eq!(answer.json()["error"]["payload"], json!({}));
    let unknown = format!("nango_connect_session_{}", "0".repeat(64));
    app.get(PATH).bearer(&unknown).send().await.refused(401, "unknown_connect_session_token");
    let token = app.session(None).await;
    app.get(&format!("{PATH}?x=1")).bearer(&token).send().await.refused(400, "invalid_query_params");
    app.clock.advance(Duration::from_mins(31));
    app.get(PATH).bearer(&token).send().await.refused(401, "unknown_connect_session_token");
}

#[tokio::test]
async fn a_deleted_session_works_no_more() {
    let app = TestApp::new().await;
    let token = app.session(None).await;
    app.delete(PATH).bearer(&app.key).send().await.refused(401, "invalid_connect_session_token_format");
    app.delete(&format!("{PATH}?x=1")).bearer(&token).send().await.refused(400, "invalid_query_params");
    let answer = app.delete(PATH).bearer(&token).send().await;
    assert_eq!((answer.status, answer.text().as_str()), (204, ""));
    app.get(PATH).bearer(&token).send().await.refused(401, "unknown_connect_session_token");
    app.delete(PATH).bearer(&token).send().await.refused(401, "unknown_connect_session_token");
}
