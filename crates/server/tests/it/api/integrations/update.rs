use dovetail_model::Scope;
use serde_json::{Value, json};

use super::{API_KEY_PROVIDER, oauth2};
use crate::kit::{Answer, TestApp};

async fn patch(app: &TestApp, key: &str, body: Value) -> Answer {
    app.patch(&format!("/integrations/{key}")).bearer(&app.key).json(body).send().await
}

async fn stored(app: &TestApp, key: &str) -> dovetail_model::Integration {
    let mut db = app.state.store.read().await.unwrap();
    dovetail_store::integrations::by_key(&mut db, app.dev, key).await.unwrap().unwrap()
}

#[tokio::test]
async fn only_passed_fields_change() {
    let app = TestApp::new().await;
    app.integration("coda", API_KEY_PROVIDER).await;
    app.clock.advance(std::time::Duration::from_secs(1));
    let answer = patch(&app, "coda", json!({ "display_name": "Ours" })).await;
    let data = &answer.json()["data"];
    assert_eq!((answer.status, data["display_name"].as_str()), (200, Some("Ours")));
    assert_eq!(data["updated_at"], "2026-02-03T04:05:07.789Z");
    let answer = patch(&app, "coda", json!({ "forward_webhooks": false })).await;
    assert_eq!(answer.json()["data"]["display_name"], "Ours");
    assert_eq!(answer.json()["data"]["forward_webhooks"], false);
}

/// Vector 20.
#[tokio::test]
async fn after_a_rename_the_old_key_is_gone() {
    let app = TestApp::new().await;
    app.integration("old", API_KEY_PROVIDER).await;
    app.integration("taken", API_KEY_PROVIDER).await;
    patch(&app, "old", json!({ "unique_key": "taken" })).await.refused(400, "invalid_body");
    let answer = patch(&app, "old", json!({ "unique_key": "new" })).await;
    assert_eq!(answer.json()["data"]["unique_key"], "new");
    app.get("/integrations/old").bearer(&app.key).send().await.refused(404, "not_found");
    assert_eq!(app.get("/integrations/new").bearer(&app.key).send().await.status, 200);
}

/// Vector 19.
#[tokio::test]
async fn an_integration_with_connections_keeps_its_key() {
    let app = TestApp::new().await;
    app.integration("coda", API_KEY_PROVIDER).await;
    app.connection("coda", "c1").await;
    let answer = patch(&app, "coda", json!({ "unique_key": "new" })).await;
    answer.refused(400, "invalid_body");
    let error = answer.json()["error"].clone();
    assert!(error.get("message").is_some() && error.get("errors").is_none());
    assert_eq!(patch(&app, "coda", json!({ "unique_key": "coda" })).await.status, 200);
}

#[tokio::test]
async fn an_absent_webhook_secret_stays_and_an_empty_one_goes() {
    let app = TestApp::new().await;
    let body = oauth2(json!({ "webhook_secret": "whs", "scopes": "mine" }));
    assert_eq!(app.post("/integrations").bearer(&app.key).json(body).send().await.status, 200);
    let secret = async || {
        let data = app.get("/integrations/oauth?include=credentials").bearer(&app.key).send().await.json();
        data["data"]["credentials"].clone()
    };
    let credentials = |extra: Value| json!({ "credentials": oauth2(extra)["credentials"] });
    assert_eq!(patch(&app, "oauth", credentials(json!({ "client_id": "id2" }))).await.status, 200);
    assert_eq!(
        (secret().await["client_id"].clone(), secret().await["webhook_secret"].clone()),
        (json!("id2"), json!("whs"))
    );
    assert_eq!(secret().await["scopes"], "mine");
    assert_eq!(patch(&app, "oauth", credentials(json!({ "webhook_secret": "" }))).await.status, 200);
    assert_eq!(secret().await["webhook_secret"], Value::Null);
    let wrong = json!({ "credentials": { "type": "TBA", "client_id": "a", "client_secret": "b" } });
    patch(&app, "oauth", wrong).await.refused(400, "invalid_body");
}

#[tokio::test]
async fn settings_are_merged_and_optional_ones_cleared() {
    let app = TestApp::new().await;
    let config = json!({ "keyLabel": "Key", "note": "n" });
    let body = json!({ "provider": "kit-settings", "unique_key": "s", "integration_config": config });
    assert_eq!(app.post("/integrations").bearer(&app.key).json(body).send().await.status, 200);
    assert_eq!(patch(&app, "s", json!({ "integration_config": { "note": "" } })).await.status, 200);
    let custom = stored(&app, "s").await.secrets.custom;
    assert_eq!(custom.get("keyLabel").map(dovetail_model::Secret::expose), Some("Key"));
    assert!(custom.get("note").is_none_or(dovetail_model::Secret::is_empty));
    patch(&app, "s", json!({ "integration_config": { "keyLabel": "" } })).await.refused(400, "invalid_body");
    app.integration("coda", API_KEY_PROVIDER).await;
    assert_eq!(patch(&app, "coda", json!({ "custom": { "a": "1" } })).await.status, 200);
    assert_eq!(patch(&app, "coda", json!({ "custom": { "b": "2" } })).await.status, 200);
    assert_eq!(stored(&app, "coda").await.secrets.custom.len(), 2);
}

#[tokio::test]
async fn the_audit_trail_names_changed_fields_but_no_values() {
    let app = TestApp::new().await;
    app.integration("coda", API_KEY_PROVIDER).await;
    let body = json!({ "display_name": "Ours", "custom": { "token": "sk_secret" } });
    assert_eq!(patch(&app, "coda", body).await.status, 200);
    let mut db = app.state.store.read().await.unwrap();
    let trail = dovetail_store::audit_events::list(&mut db, &Default::default(), 10).await.unwrap();
    let event = &trail[0].event;
    assert_eq!((event.resource.as_str(), event.action.as_str()), ("integration", "updated"));
    assert_eq!(event.targets[0].id, "coda");
    assert_eq!(json!(event.metadata), json!({ "fields": ["display_name", "custom"] }));
    assert_eq!(json!(event.context), json!({ "interface": "api" }));
    assert_eq!(trail[1].event.action, "created");
}

#[tokio::test]
async fn malformed_and_unauthorised_requests_are_refused() {
    let app = TestApp::new().await;
    app.integration("coda", API_KEY_PROVIDER).await;
    app.patch("/integrations/coda").json(json!({})).send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::INTEGRATIONS_CREATE]).await;
    app.patch("/integrations/coda").bearer(&key).json(json!({})).send().await.refused(403, "forbidden");
    let answer = app.patch("/integrations/coda").bearer(&app.prod_key).json(json!({})).send().await;
    answer.refused(404, "not_found");
    patch(&app, "coda", json!({ "provider": "ordinal" })).await.refused(400, "invalid_body");
    patch(&app, "none", json!({})).await.refused(404, "not_found");
}
