//! `GET /openapi.json`, against the index of the contract (spec: http-api.md 2.0).

use http::Method;
use serde_json::Value;

use crate::kit::TestApp;

/// Every route of the index that this server has.
const INDEX: &[(&str, &str)] = &[
    ("get", "/health"),
    ("get", "/ready"),
    ("get", "/env.js"),
    ("get", "/providers.json"),
    ("post", "/environments"),
    ("delete", "/environments/{environmentId}"),
    ("post", "/environment/api-keys"),
    ("delete", "/environment/api-keys"),
    ("post", "/environment/webhook-signing-key/rotate"),
    ("get", "/environment-variables"),
    ("get", "/providers"),
    ("get", "/providers/{provider}"),
    ("get", "/integrations"),
    ("post", "/integrations"),
    ("post", "/integrations/quickstart"),
    ("get", "/integrations/{uniqueKey}"),
    ("patch", "/integrations/{uniqueKey}"),
    ("delete", "/integrations/{uniqueKey}"),
    ("get", "/config/{providerConfigKey}"),
    ("post", "/connect/sessions"),
    ("post", "/connect/sessions/reconnect"),
    ("get", "/connect/session"),
    ("delete", "/connect/session"),
    ("post", "/connect/session/pairing"),
    ("get", "/connect/session/pairing"),
    ("post", "/connect/telemetry"),
    ("get", "/connections"),
    ("post", "/connections"),
    ("get", "/connections/{connectionId}"),
    ("patch", "/connections/{connectionId}"),
    ("delete", "/connections/{connectionId}"),
    ("post", "/connections/metadata"),
    ("patch", "/connections/metadata"),
    ("get", "/connection"),
    ("post", "/connection"),
    ("get", "/connection/{connectionId}"),
    ("delete", "/connection/{connectionId}"),
    ("post", "/connection/metadata"),
    ("patch", "/connection/metadata"),
    ("post", "/connection/{connectionId}/metadata"),
    ("patch", "/connection/{connectionId}/metadata"),
    ("post", "/api-auth/api-key/{providerConfigKey}"),
    ("post", "/api-auth/basic/{providerConfigKey}"),
    ("post", "/auth/unauthenticated/{providerConfigKey}"),
    ("get", "/proxy/{path}"),
    ("post", "/proxy/{path}"),
];

#[tokio::test]
async fn every_route_of_the_index_is_described() {
    let app = TestApp::new().await;
    let document = app.get("/openapi.json").send().await.json();
    let missing: Vec<_> =
        INDEX.iter().filter(|(method, path)| !document["paths"][path][method].is_object()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(document["components"]["securitySchemes"]["apiKey"].is_object());
}

#[tokio::test]
async fn operations_have_ids_of_their_own() {
    let app = TestApp::new().await;
    let document = app.get("/openapi.json").send().await.json();
    let mut seen = std::collections::BTreeSet::new();
    for methods in document["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values().filter(|value| value.is_object()) {
            assert!(seen.insert(operation["operationId"].as_str().unwrap().to_owned()), "{operation}");
        }
    }
    assert!(seen.contains("get_integrations_uniqueKey"));
}

#[tokio::test]
async fn every_described_route_exists_and_asks_who_calls() {
    let app = TestApp::new().await;
    let document = app.get("/openapi.json").send().await.json();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let Ok(verb) = method.to_uppercase().parse::<Method>() else { continue };
            let answer = app.request(verb, &path.replace(['{', '}'], "")).send().await;
            let guarded = asks_for_credentials(&methods[method]) || path == "/connect/telemetry";
            // A callback is called by browsers, and refuses in a page what brings no state.
            let is_page = path == "/oauth/callback" && answer.status == 400;
            // The path's words stand in for its parameters, and not all of them may.
            let is_about_path = answer.status == 400 && answer.text().contains("invalid_uri_params");
            let is_open = is_page || is_about_path || matches!(answer.status, 200 | 404);
            let expected = if guarded { answer.status == 401 } else { is_open };
            assert!(expected, "{method} {path}: {} {}", answer.status, answer.text());
        }
    }
}

fn asks_for_credentials(operation: &Value) -> bool {
    operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty())
}
