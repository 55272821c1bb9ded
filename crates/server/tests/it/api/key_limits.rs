//! Keys with limits, on every class of route.

mod connections;
mod integrations;
mod keys;
mod proxy;
mod sessions;

use serde_json::{Value, json};

use crate::kit::TestApp;

/// Integrations `coda` and `linear` of `dev`; of each a connection of the team `ops` and one of the team `sales`, named
/// like `coda-ops`.
async fn app() -> TestApp {
    let app = TestApp::new().await;
    for integration in ["coda", "linear"] {
        app.integration(integration, "kit-webhooks").await;
        for team in ["ops", "sales"] {
            let body = import(integration, &format!("{integration}-{team}"), json!({ "team": team }));
            let answer = app.post("/connections").bearer(&app.key).json(body).send().await;
            assert_eq!(answer.status, 201, "{}", answer.text());
        }
    }
    app
}

fn import(integration: &str, connection_id: &str, tags: Value) -> Value {
    json!({
        "provider_config_key": integration,
        "connection_id": connection_id,
        "credentials": { "type": "API_KEY", "apiKey": "k" },
        "tags": tags,
    })
}

/// The tags of a connection, as its environment's full key sees them.
async fn tags_of(app: &TestApp, integration: &str, connection_id: &str) -> Value {
    let path = format!("/connections/{connection_id}?provider_config_key={integration}");
    app.get(&path).bearer(&app.key).send().await.json()["tags"].clone()
}

/// Ids of the connections that a key lists.
async fn listed(app: &TestApp, key: &str, query: &str) -> Vec<String> {
    let answer = app.get(&format!("/connections{query}")).bearer(key).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let found = answer.json()["connections"].as_array().unwrap().clone();
    let mut ids: Vec<String> =
        found.iter().map(|one| one["connection_id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}
