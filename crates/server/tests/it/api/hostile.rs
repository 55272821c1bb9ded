//! Hostile input on every route: only 4xx that the contract knows, never a 5xx, never a panic.

use http::Method;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::kit::TestApp;

/// Values of every kind, nested a little.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Names that routes know, and others.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "provider",
            "unique_key",
            "display_name",
            "credentials",
            "type",
            "integration_config",
            "custom",
            "name",
            "environment_id",
            "key_id",
            "is_production",
            "otlp_headers",
            "end_user",
            "tags",
            "id",
            "email",
            "allowed_integrations",
            "integrations_config_defaults",
            "connection_config",
            "connection_id",
            "provider_config_key",
            "metadata",
            "token",
            "timestamp",
            "event",
            "params",
            "apiKey",
            "username",
        ])
        .prop_map(str::to_owned),
        ".{0,6}",
    ]
}

#[tokio::test]
async fn no_input_is_answered_with_a_server_error() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    let account = app.account_key(&[dovetail_model::Scope::ACCOUNT]).await;
    let routes = routes(&app).await;
    let session = app.session(None).await;
    let mut runner = TestRunner::new(Config { cases: 400, ..Config::default() });
    let input = (prop::sample::select(routes), any_json(), ".{0,30}", r"[\[\]a-z0-9=&%+.]{0,40}", 0..4_u8);
    for _ in 0..runner.config().cases {
        let ((method, template), body, segment, query, credentials) =
            input.new_tree(&mut runner).unwrap().current();
        let encoded =
            percent_encoding::utf8_percent_encode(&segment, percent_encoding::NON_ALPHANUMERIC).to_string();
        let path = fill(&template, &encoded);
        let mut request =
            app.request(method.clone(), &format!("{path}?{query}&connect_session_token={session}"));
        request = match credentials {
            0 => request,
            1 => request.bearer(&account),
            2 => request.bearer(&session),
            _ => request.bearer(&app.key),
        };
        let answer = request.json(body.clone()).send().await;
        assert!(answer.status < 500, "{} {method} {path}?{query} {body}: {}", answer.status, answer.text());
    }
}

/// Every method and path of the description.
async fn routes(app: &TestApp) -> Vec<(Method, String)> {
    let document = app.get("/openapi.json").send().await.json();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            if let Ok(method) = method.to_uppercase().parse::<Method>() {
                routes.push((method, path.clone()));
            }
        }
    }
    // Routes that destroy what the others need would end the walk.
    routes.retain(|(method, path)| !(method == Method::DELETE && path == "/environments/{environmentId}"));
    assert!(routes.len() > 15, "{}", json!(routes.len()));
    routes
}

/// A path for a template: every parameter is `segment`.
fn fill(template: &str, segment: &str) -> String {
    let segments = template.split('/').map(|part| if part.starts_with('{') { segment } else { part });
    segments.collect::<Vec<_>>().join("/")
}
