//! `/connections`: list, read, change, delete (http-api.md 6, vectors 43 to 57).

use std::time::Duration;

use dovetail_model::Scope;
use serde_json::{Value, json};

use crate::kit::{Answer, TestApp};

async fn list(app: &TestApp, query: &str) -> Value {
    let answer = app.get(&format!("/connections{query}")).bearer(&app.key).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["connections"].clone()
}

async fn ids(app: &TestApp, query: &str) -> Vec<String> {
    let found = list(app, query).await;
    found.as_array().unwrap().iter().map(|one| one["connection_id"].as_str().unwrap().to_owned()).collect()
}

async fn patch(app: &TestApp, body: Value) -> Answer {
    app.patch("/connections/conn-42?provider_config_key=coda").bearer(&app.key).json(body).send().await
}

async fn import(app: &TestApp, body: Value) {
    let answer = app.post("/connections").bearer(&app.key).json(body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[tokio::test]
async fn a_new_environment_has_none() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/connections").bearer(&app.key).send().await.json(), json!({"connections": []}));
    assert_eq!(app.get("/connection").bearer(&app.key).send().await.json(), json!({"connections": []}));
}

#[tokio::test]
async fn an_item_has_exactly_the_keys_of_the_wire() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    app.connection("coda", "conn-42").await;
    assert_eq!(
        list(&app, "").await,
        json!([{
            "id": 1, "connection_id": "conn-42", "provider_config_key": "coda", "provider": "coda", "errors": [],
            "end_user": null, "tags": {}, "metadata": null, "created": "2026-02-03T04:05:06.789+00:00"
        }])
    );
    let theirs = app.get("/connections").bearer(&app.prod_key).send().await.json();
    assert_eq!(theirs, json!({"connections": []}));
}

#[tokio::test]
async fn all_filters_must_match() {
    let app = TestApp::new().await;
    app.integration("open", "unauthenticated").await;
    app.integration("open-2", "unauthenticated").await;
    for (key, id, end_user, tags) in [
        (
            "open",
            "one",
            json!({"id": "u1", "email": "Pia@acme.test"}),
            json!({"department": "a,b", "env": "p"}),
        ),
        ("open", "two", json!({"id": "u2", "display_name": "Ana"}), json!({"department": "a,b", "env": "q"})),
        ("open-2", "one", json!({"id": "u1"}), json!({"env": "p"})),
    ] {
        import(&app, json!({
            "provider_config_key": key, "connection_id": id, "credentials": {"type": "NONE"}, "end_user": end_user, "tags": tags
        }))
        .await;
        app.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(ids(&app, "").await, ["one", "two", "one"]);
    assert_eq!(ids(&app, "?connectionId=one").await.len(), 2);
    assert_eq!(ids(&app, "?endUserId=u2").await, ["two"]);
    assert!(ids(&app, "?endUserId=none").await.is_empty());
    assert_eq!(ids(&app, "?search=ANA").await, ["two"]);
    assert_eq!(ids(&app, "?search=pia@").await, ["one"]);
    assert_eq!(ids(&app, "?integrationId=open-2,%20nope").await, ["one"]);
    assert_eq!(ids(&app, "?tags%5Bdepartment%5D=a,b&tags[env]=p").await, ["one"]);
    assert_eq!(ids(&app, "?tags[ENV]=p&integrationId=open").await, ["one"]);
    assert!(ids(&app, "?tags[env]=P").await.is_empty());
    assert_eq!(ids(&app, "?limit=2").await.len(), 2);
    assert_eq!(ids(&app, "?limit=2&page=1").await, ["one"]);
    assert!(ids(&app, "?limit=2&page=2").await.is_empty());
}

#[tokio::test]
async fn a_malformed_list_request_is_refused() {
    let app = TestApp::new().await;
    app.get("/connections").send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::PROXY]).await;
    app.get("/connections").bearer(&key).send().await.refused(403, "forbidden");
    let answer = app.get("/connections?tags[123invalid]=v").bearer(&app.key).send().await;
    answer.refused(400, "invalid_query_params");
    assert_eq!(
        answer.json()["error"]["errors"],
        json!([{"code": "invalid_key", "message": "Invalid key in record", "path": ["tags", "123invalid"]}])
    );
    for query in ["foo=1", "limit=0", "limit=2001", "page=-1", "connectionId=", "limit=x"] {
        let answer = app.get(&format!("/connections?{query}")).bearer(&app.key).send().await;
        answer.refused(400, "invalid_query_params");
    }
}

#[tokio::test]
async fn a_connection_is_answered_whole() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    app.connection("coda", "conn-42").await;
    let path = "/connections/conn-42?provider_config_key=coda&force_refresh=false&refresh_token=false&refresh_github_app_jwt_token=false";
    let answer = app.get(path).bearer(&app.key).send().await;
    assert_eq!(
        (answer.status, answer.json()),
        (
            200,
            json!({
                "id": 1, "connection_id": "conn-42", "provider_config_key": "coda", "provider": "coda", "errors": [],
                "end_user": null, "tags": {}, "metadata": null, "connection_config": {}, "webhook_url_override": null,
                "created_at": "2026-02-03T04:05:06.789+00:00", "updated_at": "2026-02-03T04:05:06.789+00:00",
                "last_fetched_at": null, "credentials": {"type": "API_KEY", "apiKey": "k"}
            })
        )
    );
    let older = app.get("/connection/conn-42?provider_config_key=coda").bearer(&app.key).send().await;
    assert_eq!(older.json()["connection_id"], "conn-42");
    app.state.store.flush_touches().await.unwrap();
    let again = app.get(path).bearer(&app.key).send().await.json();
    assert_eq!(again["last_fetched_at"], "2026-02-03T04:05:06.789+00:00");
}

#[tokio::test]
async fn two_integrations_may_have_connections_of_one_id() {
    let app = TestApp::new().await;
    for key in ["coda", "coda-2"] {
        app.integration(key, "coda").await;
        app.connection(key, "same").await;
    }
    let answer = app.get("/connections/same?provider_config_key=coda-2").bearer(&app.key).send().await;
    assert_eq!(answer.json()["provider_config_key"], "coda-2");
}

#[tokio::test]
async fn a_missing_connection_and_a_missing_integration_are_told_apart() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    app.connection("coda", "conn-42").await;
    let get = |path: &'static str| app.get(path).bearer(&app.key).send();
    get("/connections/conn-42?provider_config_key=nope").await.refused(400, "unknown_provider_config");
    get("/connections/none?provider_config_key=coda").await.refused(404, "not_found");
    get("/connections/metadata?provider_config_key=coda").await.refused(404, "not_found");
    get("/connections/conn-42").await.refused(400, "invalid_query_params");
    get("/connections/conn-42?provider_config_key=coda&force_refresh=maybe")
        .await
        .refused(400, "invalid_query_params");
    get("/connections/a%3Cb?provider_config_key=coda").await.refused(400, "invalid_uri_params");
    let path = "/connections/conn-42?provider_config_key=coda";
    app.get(path).send().await.refused(401, "missing_auth_header");
    app.get(path).bearer(&app.prod_key).send().await.refused(400, "unknown_provider_config");
    let key = app.key_with(&[Scope::CONNECTIONS_LIST]).await;
    app.get(path).bearer(&key).send().await.refused(403, "forbidden");
}

#[tokio::test]
async fn credentials_need_their_own_scope() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    app.connection("coda", "conn-42").await;
    let key = app.key_with(&[Scope::CONNECTIONS_READ]).await;
    let path = "/connections/conn-42?provider_config_key=coda";
    let answer = app.get(path).bearer(&key).send().await;
    assert_eq!((answer.status, answer.json()["credentials"].clone()), (200, json!({})));
    for flag in ["force_refresh", "refresh_token", "refresh_github_app_jwt_token"] {
        let answer = app.get(&format!("{path}&{flag}=TRUE")).bearer(&key).send().await;
        answer.refused(403, "forbidden");
    }
}

#[tokio::test]
async fn refresh_tokens_are_answered_only_when_asked_for() {
    let app = TestApp::new().await;
    app.integration("kit", "kit-oauth2").await;
    import(&app, json!({
        "provider_config_key": "kit", "connection_id": "c", "connection_config": {"Refresh-Token": "r", "kept": "k"},
        "credentials": {"type": "OAUTH2", "access_token": "t", "refresh_token": "r", "expires_at": "2026-02-03T05:05:06.789Z"}
    }))
    .await;
    let path = "/connections/c?provider_config_key=kit";
    let shown = app.get(path).bearer(&app.key).send().await.json();
    assert_eq!(shown["credentials"].get("refresh_token"), None);
    assert_eq!(shown["credentials"]["raw"].get("refresh_token"), None);
    assert_eq!(shown["connection_config"], json!({"kept": "k"}));
    let whole = app.get(&format!("{path}&refresh_token=yes")).bearer(&app.key).send().await.json();
    assert_eq!(whole["credentials"]["refresh_token"], "r");
    assert_eq!(whole["connection_config"]["Refresh-Token"], "r");
}

#[tokio::test]
async fn a_change_replaces_tags_and_keeps_the_rest() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    app.connection("coda", "conn-42").await;
    let tags = async || list(&app, "").await[0]["tags"].clone();
    assert_eq!(patch(&app, json!({})).await.json(), json!({"success": true}));
    assert_eq!(patch(&app, json!({"tags": {"Team": "ops"}})).await.json(), json!({"success": true}));
    assert_eq!(tags().await, json!({"team": "ops"}));
    patch(&app, json!({"end_user": {"id": "u", "email": "u@x.test"}, "tags": {"x": "1"}})).await;
    assert_eq!(tags().await, json!({"end_user_id": "u", "end_user_email": "u@x.test", "x": "1"}));
    patch(&app, json!({"end_user": {"id": "u2"}})).await;
    assert_eq!(tags().await, json!({"end_user_id": "u2"}));
    assert_eq!(list(&app, "").await[0]["end_user"]["id"], "u2");
    patch(&app, json!({"tags": {}})).await;
    assert_eq!(tags().await, json!({}));
    let override_of = async || {
        let answer = app.get("/connections/conn-42?provider_config_key=coda").bearer(&app.key).send().await;
        answer.json()["webhook_url_override"].clone()
    };
    patch(&app, json!({"webhook_url_override": "https://hooks.acme.test"})).await;
    assert_eq!(override_of().await, "https://hooks.acme.test");
    patch(&app, json!({"tags": {"a": "b"}})).await;
    assert_eq!(override_of().await, "https://hooks.acme.test");
    patch(&app, json!({"webhook_url_override": ""})).await;
    assert_eq!(override_of().await, Value::Null);
}

#[tokio::test]
async fn a_malformed_change_is_refused() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    app.connection("coda", "conn-42").await;
    let path = "/connections/conn-42?provider_config_key=coda";
    let send = |path: &'static str| app.patch(path).bearer(&app.key).json(json!({"tags": {}})).send();
    send("/connections/conn-42?provider_config_key=nope").await.refused(400, "unknown_provider_config");
    send("/connections/none?provider_config_key=coda").await.refused(404, "not_found");
    send("/connections/conn-42").await.refused(400, "invalid_query_params");
    for bad in [json!({"webhook_url_override": "not-a-url"}), json!({"x": 1}), json!({"tags": {"1": "x"}})] {
        patch(&app, bad).await.refused(400, "invalid_body");
    }
    app.patch(path).json(json!({})).send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::CONNECTIONS_READ]).await;
    app.patch(path).bearer(&key).json(json!({})).send().await.refused(403, "forbidden");
    app.patch(path)
        .bearer(&app.prod_key)
        .json(json!({}))
        .send()
        .await
        .refused(400, "unknown_provider_config");
}

#[tokio::test]
async fn a_deleted_connection_is_gone_and_its_id_is_free() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    app.connection("coda", "conn-42").await;
    let path = "/connections/conn-42?provider_config_key=coda";
    app.delete(path).send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::CONNECTIONS_READ]).await;
    app.delete(path).bearer(&key).send().await.refused(403, "forbidden");
    app.delete(path).bearer(&app.prod_key).send().await.refused(400, "unknown_connection");
    app.delete("/connections/conn-42").bearer(&app.key).send().await.refused(400, "invalid_query_params");
    app.delete("/connections/a%3Cb").bearer(&app.key).send().await.refused(400, "invalid_uri_params");
    let answer = app.delete(path).header("content-type", "application/json").bearer(&app.key).send().await;
    assert_eq!((answer.status, answer.json()), (200, json!({"success": true})));
    assert_eq!(
        app.delete(path).bearer(&app.key).send().await.json(),
        json!({"error": {"code": "unknown_connection", "message": "The connection does not exist."}})
    );
    assert_eq!(list(&app, "").await, json!([]));
    app.connection("coda", "conn-42").await;
    let older = app.delete("/connection/conn-42?provider_config_key=coda").bearer(&app.key).send().await;
    assert_eq!(older.json(), json!({"success": true}));
}
