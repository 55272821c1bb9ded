//! `/connections/metadata` and its older spellings (http-api.md 2.8, 2.9, 6 vectors 58 to 60).

use dovetail_model::Scope;
use http::Method;
use serde_json::{Value, json};

use crate::kit::{Answer, TestApp};

const PATHS: [&str; 2] = ["/connections/metadata", "/connection/metadata"];

async fn app() -> TestApp {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    app.connection("coda", "one").await;
    app.connection("coda", "two").await;
    app
}

async fn send(app: &TestApp, method: Method, path: &str, body: Value) -> Answer {
    app.request(method, path).bearer(&app.key).json(body).send().await
}

async fn metadata(app: &TestApp, id: &str) -> Value {
    let answer =
        app.get(&format!("/connections/{id}?provider_config_key=coda")).bearer(&app.key).send().await;
    answer.json()["metadata"].clone()
}

#[tokio::test]
async fn it_is_replaced_or_merged_for_one_or_many() {
    let app = app().await;
    for path in PATHS {
        let all = json!({"connection_id": ["one", "two"], "provider_config_key": "coda", "metadata": {"a": 1, "b": {"c": 1}}});
        let answer = send(&app, Method::POST, path, all.clone()).await;
        assert_eq!((answer.status, answer.json()), (201, all));
        let one = json!({"connection_id": "one", "provider_config_key": "coda", "metadata": {"b": {"d": 1}}});
        let answer = send(&app, Method::PATCH, path, one.clone()).await;
        assert_eq!((answer.status, answer.json()), (200, one.clone()));
        assert_eq!(metadata(&app, "one").await, json!({"a": 1, "b": {"d": 1}}));
        assert_eq!(metadata(&app, "two").await, json!({"a": 1, "b": {"c": 1}}));
        assert_eq!(send(&app, Method::POST, path, one).await.status, 201);
        assert_eq!(metadata(&app, "one").await, json!({"b": {"d": 1}}));
    }
    let none = json!({"connection_id": [], "provider_config_key": "coda", "metadata": {}});
    assert_eq!(send(&app, Method::POST, PATHS[0], none).await.status, 201);
}

#[tokio::test]
async fn an_unknown_id_changes_nothing() {
    let app = app().await;
    let body = json!({"connection_id": ["one", "none"], "provider_config_key": "coda", "metadata": {"a": 1}});
    for method in [Method::POST, Method::PATCH] {
        let answer = send(&app, method, PATHS[0], body.clone()).await;
        answer.refused(404, "unknown_connection");
        assert!(answer.text().contains("“none”"), "{}", answer.text());
    }
    assert_eq!(metadata(&app, "one").await, Value::Null);
    let theirs = app.post(PATHS[0]).bearer(&app.prod_key).json(body).send().await;
    theirs.refused(404, "unknown_connection");
}

#[tokio::test]
async fn malformed_and_unauthorised_requests_are_refused() {
    let app = app().await;
    let empty = json!({"connection_id": "", "provider_config_key": "coda", "metadata": {}});
    let answer = send(&app, Method::PATCH, PATHS[0], empty.clone()).await;
    answer.refused(400, "invalid_body");
    assert_eq!(
        answer.json()["error"]["errors"],
        json!([{"code": "invalid_union", "message": "Invalid input", "path": ["connection_id"]}])
    );
    let text = json!({"connection_id": "one", "provider_config_key": "coda", "metadata": "x"});
    send(&app, Method::POST, PATHS[0], text).await.refused(400, "invalid_body");
    app.post(PATHS[0]).json(empty.clone()).send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::CONNECTIONS_READ]).await;
    app.post(PATHS[0]).bearer(&key).json(empty.clone()).send().await.refused(403, "forbidden");
    let query = format!("{}?x=1", PATHS[0]);
    send(&app, Method::POST, &query, empty).await.refused(400, "invalid_query_params");
}

#[tokio::test]
async fn the_oldest_spelling_takes_the_metadata_itself() {
    let app = app().await;
    let path = "/connection/one/metadata";
    let with_key = format!("{path}?provider_config_key=coda");
    let answer = send(&app, Method::POST, &with_key, json!({"a": 1})).await;
    assert_eq!((answer.status, answer.json()), (201, json!({"a": 1})));
    let merged = app.patch(path).header("provider-config-key", "coda").bearer(&app.key).json(json!({"b": 2}));
    let answer = merged.send().await;
    assert_eq!((answer.status, answer.json()), (200, json!({"b": 2})));
    assert_eq!(metadata(&app, "one").await, json!({"a": 1, "b": 2}));
    let unknown =
        send(&app, Method::POST, "/connection/none/metadata?provider_config_key=coda", json!({})).await;
    unknown.refused(404, "unknown_connection");
    assert_eq!(unknown.json()["error"]["payload"], json!({}));
    send(&app, Method::POST, path, json!({})).await.refused(400, "missing_provider_config");
    send(&app, Method::POST, &with_key, json!([1])).await.refused(400, "invalid_body");
    app.post(&with_key).json(json!({})).send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::CONNECTIONS_READ]).await;
    app.post(&with_key).bearer(&key).json(json!({})).send().await.refused(403, "forbidden");
}
