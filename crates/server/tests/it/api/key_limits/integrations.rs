//! Integrations, and what concerns the whole environment.

use serde_json::json;

use super::app;

#[tokio::test]
async fn only_integrations_within_reach_are_seen() {
    let app = app().await;
    let key = app.limited_key(json!({ "integrations": ["coda"] })).await;
    let answer = app.get("/integrations").bearer(&key).send().await.json();
    assert_eq!(answer["data"].as_array().unwrap().len(), 1);
    assert_eq!(answer["data"][0]["unique_key"], "coda");
    assert_eq!(app.get("/integrations/coda").bearer(&key).send().await.status, 200);
    app.get("/integrations/linear").bearer(&key).send().await.refused(403, "key_limited");
    app.get("/config/linear").bearer(&key).send().await.refused(403, "key_limited");
    assert_eq!(app.get("/providers/coda").bearer(&key).send().await.status, 200);
}

#[tokio::test]
async fn an_old_clients_view_counts_what_is_within_reach() {
    let app = app().await;
    let key = app.limited_key(json!({ "tags": { "team": "ops" } })).await;
    let config =
        app.get("/config/coda?include_creds=true").bearer(&key).send().await.json()["config"].clone();
    assert_eq!(config["connection_count"], 1);
    assert_eq!(config["connections"][0]["connection_id"], "coda-ops");
}

#[tokio::test]
async fn a_key_changes_an_integration_only_if_it_reaches_all_of_it() {
    let app = app().await;
    let patch = |key: String, body| app.patch("/integrations/coda").bearer(&key).json(body).send();
    let named = json!({ "display_name": "Docs" });
    for limits in [
        json!({ "integrations": ["linear"] }),
        json!({ "tags": { "team": "ops" } }),
        json!({ "use_only": true }),
        json!({ "methods": ["GET"] }),
        json!({ "paths": ["/**"] }),
    ] {
        let key = app.limited_key(limits.clone()).await;
        let answer = patch(key, named.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "key_limited"), "{limits}");
    }
    let own = app.limited_key(json!({ "integrations": ["coda"] })).await;
    assert_eq!(patch(own.clone(), named).await.status, 200);
    patch(own.clone(), json!({ "unique_key": "linear-2" })).await.refused(403, "key_limited");
    let create = json!({ "provider": "kit-webhooks", "unique_key": "other" });
    app.post("/integrations").bearer(&own).json(create).send().await.refused(403, "key_limited");
    app.delete("/integrations/linear").bearer(&own).send().await.refused(403, "key_limited");
    let ops = app.limited_key(json!({ "tags": { "team": "ops" }, "integrations": ["coda"] })).await;
    app.delete("/integrations/coda").bearer(&ops).send().await.refused(403, "key_limited");
    assert_eq!(app.delete("/integrations/coda").bearer(&own).send().await.status, 200);
}

#[tokio::test]
async fn what_concerns_the_whole_environment_needs_a_key_that_reaches_it() {
    let app = app().await;
    let key = app.limited_key(json!({ "integrations": ["coda"] })).await;
    app.get("/environment-variables").bearer(&key).send().await.refused(403, "key_limited");
    app.post("/environment/webhook-signing-key/rotate").bearer(&key).send().await.refused(403, "key_limited");
    let timed = app.limited_key(json!({ "requests_per_minute": 100 })).await;
    assert_eq!(app.get("/environment-variables").bearer(&timed).send().await.status, 200);
}
