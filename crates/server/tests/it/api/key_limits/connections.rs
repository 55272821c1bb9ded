//! Reading, changing, importing and deleting connections.

use serde_json::json;

use super::{app, import, listed, tags_of};

#[tokio::test]
async fn a_list_shows_what_the_key_reaches_and_no_filter_widens_it() {
    let app = app().await;
    let key = app.limited_key(json!({ "integrations": ["coda"], "tags": { "team": "ops" } })).await;
    assert_eq!(listed(&app, &key, "").await, ["coda-ops"]);
    assert_eq!(listed(&app, &key, "?integrationId=linear,coda").await, ["coda-ops"]);
    assert_eq!(listed(&app, &key, "?tags[team]=sales").await, [""; 0]);
    let coda = app.limited_key(json!({ "integrations": ["coda"] })).await;
    assert_eq!(listed(&app, &coda, "").await, ["coda-ops", "coda-sales"]);
    let ops = app.limited_key(json!({ "tags": { "team": "ops" } })).await;
    assert_eq!(listed(&app, &ops, "").await, ["coda-ops", "linear-ops"]);
}

#[tokio::test]
async fn a_connection_out_of_reach_is_not_there() {
    let app = app().await;
    let key = app.limited_key(json!({ "tags": { "team": "ops" } })).await;
    let read = |id: &str| app.get(&format!("/connections/{id}?provider_config_key=coda")).bearer(&key).send();
    assert_eq!(read("coda-ops").await.status, 200);
    let (hidden, absent) = (read("coda-sales").await, read("nope").await);
    assert_eq!(hidden.whole(), absent.whole());
    hidden.refused(404, "not_found");
}

#[tokio::test]
async fn another_integration_is_refused_whether_or_not_it_exists() {
    let app = app().await;
    let key = app.limited_key(json!({ "integrations": ["coda"] })).await;
    let there = app.get("/connections/linear-ops?provider_config_key=linear").bearer(&key).send().await;
    insta::assert_json_snapshot!(there.whole(), @r#"
    {
      "status": 403,
      "body": {
        "error": {
          "code": "key_limited",
          "message": "This key does not reach the integration linear."
        }
      }
    }
    "#);
    app.get("/connections/x?provider_config_key=nope").bearer(&key).send().await.refused(403, "key_limited");
}

#[tokio::test]
async fn changes_and_deletions_stay_within_reach() {
    let app = app().await;
    let key = app.limited_key(json!({ "integrations": ["coda"], "tags": { "team": "ops" } })).await;
    let at = |id: &str, integration: &str| format!("/connections/{id}?provider_config_key={integration}");

    let patch = |id: &str, integration: &str| {
        app.patch(&at(id, integration)).bearer(&key).json(json!({ "tags": { "plan": "pro" } })).send()
    };
    patch("coda-sales", "coda").await.refused(404, "not_found");
    patch("linear-ops", "linear").await.refused(403, "key_limited");

    let metadata = |id: &str, integration: &str| {
        let body =
            json!({ "connection_id": ["coda-ops", id], "provider_config_key": integration, "metadata": {} });
        app.post("/connections/metadata").bearer(&key).json(body).send()
    };
    metadata("coda-sales", "coda").await.refused(404, "unknown_connection");
    metadata("linear-ops", "linear").await.refused(403, "key_limited");
    assert_eq!(metadata("coda-ops", "coda").await.status, 201);
    let flat = app.patch("/connection/coda-sales/metadata?provider_config_key=coda").bearer(&key);
    flat.json(json!({})).send().await.refused(404, "unknown_connection");

    app.delete(&at("coda-sales", "coda")).bearer(&key).send().await.refused(400, "unknown_connection");
    app.delete(&at("linear-ops", "linear")).bearer(&key).send().await.refused(403, "key_limited");
    assert_eq!(app.delete(&at("coda-ops", "coda")).bearer(&key).send().await.status, 200);
    assert_eq!(listed(&app, &app.key, "").await, ["coda-sales", "linear-ops", "linear-sales"]);
}

#[tokio::test]
async fn nothing_is_tagged_out_of_reach_or_into_it() {
    let app = app().await;
    let key = app.limited_key(json!({ "tags": { "team": "ops" } })).await;
    let path = "/connections/coda-ops?provider_config_key=coda";
    let patch = |body| app.patch(path).bearer(&key).json(body).send();
    insta::assert_json_snapshot!(patch(json!({ "tags": { "team": "sales" } })).await.whole(), @r#"
    {
      "status": 403,
      "body": {
        "error": {
          "code": "key_limited",
          "message": "This key reaches only connections with the tags team=ops."
        }
      }
    }
    "#);
    assert_eq!(patch(json!({ "tags": {} })).await.status, 200);
    assert_eq!(tags_of(&app, "coda", "coda-ops").await, json!({ "team": "ops" }));
    assert_eq!(patch(json!({ "end_user": { "id": "u" } })).await.status, 200);
    assert_eq!(tags_of(&app, "coda", "coda-ops").await, json!({ "end_user_id": "u", "team": "ops" }));
}

#[tokio::test]
async fn an_import_makes_what_the_key_reaches_and_replaces_nothing_else() {
    let app = app().await;
    let key = app.limited_key(json!({ "integrations": ["coda"], "tags": { "team": "ops" } })).await;
    let post = |body| app.post("/connections").bearer(&key).json(body).send();
    assert_eq!(post(import("coda", "new", json!({ "plan": "pro" }))).await.status, 201);
    assert_eq!(tags_of(&app, "coda", "new").await, json!({ "plan": "pro", "team": "ops" }));
    post(import("coda", "coda-sales", json!({}))).await.refused(403, "key_limited");
    post(import("coda", "other", json!({ "team": "sales" }))).await.refused(403, "key_limited");
    post(import("linear", "new", json!({}))).await.refused(403, "key_limited");

    let flat = |integration: &str, id: &str| {
        let body = json!({ "provider_config_key": integration, "connection_id": id, "api_key": "k" });
        app.post("/connection").bearer(&key).json(body).send()
    };
    assert_eq!(flat("coda", "flat").await.status, 201);
    assert_eq!(tags_of(&app, "coda", "flat").await, json!({ "team": "ops" }));
    flat("coda", "coda-sales").await.refused(403, "key_limited");
    flat("linear", "flat").await.refused(403, "key_limited");
    assert_eq!(tags_of(&app, "coda", "coda-sales").await, json!({ "team": "sales" }));
}

#[tokio::test]
async fn a_use_only_key_reads_a_connection_without_its_credentials() {
    let app = app().await;
    let key = app.limited_key(json!({ "use_only": true })).await;
    let path = "/connections/coda-ops?provider_config_key=coda";
    let answer = app.get(path).bearer(&key).send().await;
    assert_eq!((answer.status, &answer.json()["credentials"]), (200, &json!({})));
    let asked = app.get(&format!("{path}&force_refresh=true")).bearer(&key).send().await;
    insta::assert_json_snapshot!(asked.whole(), @r#"
    {
      "status": 403,
      "body": {
        "error": {
          "code": "key_limited",
          "message": "This key uses credentials and is never shown secrets."
        }
      }
    }
    "#);
    let answer = app.post("/connections").bearer(&key).json(import("coda", "new", json!({}))).send().await;
    assert_eq!((answer.status, &answer.json()["credentials"]), (201, &json!({})));
}
