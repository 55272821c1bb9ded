use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use dovetail_activity::Beginning;
use dovetail_model::{OperationKind, OperationState, Scope};
use dovetail_store::operations::{self, Filter, Operation};
use http::{Method, Response};
use serde_json::json;

use crate::kit::{Answer, TestApp};

/// A service on loopback that says what it was asked.
async fn service() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(async |request: Request| {
        let key = request.headers().get("authorization").map(|key| key.to_str().unwrap().to_owned());
        let said = format!("{} {} {}", request.method(), request.uri(), key.unwrap_or_default());
        Response::builder()
            .status(201)
            .header("link", "<x>; rel=next")
            .header("x-ratelimit-remaining", "7")
            .header("set-cookie", "a=b")
            .body(Body::from(said))
            .unwrap()
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    base
}

async fn app() -> TestApp {
    let app = TestApp::with_loopback(|config| config.rate_limit_per_min = 100).await;
    app.integration("acme", "kit-webhooks").await;
    app.connection("acme", "c-1").await;
    app
}

async fn call(app: &TestApp, key: &str, path: &str, base: &str) -> Answer {
    let request = app.request(Method::PUT, path).bearer(key);
    let request = request.header("provider-config-key", "acme").header("connection-id", "c-1");
    request.header("base-url-override", base).send().await
}

#[tokio::test]
async fn the_providers_answer_comes_back_as_it_is() {
    let (app, base) = (app().await, service().await);
    let answer = call(&app, &app.key, "/proxy/V1/a%2Fb/?q=a%20b&x=%00&c[]=1", &base).await;
    assert_eq!(
        (answer.status, answer.text()),
        (201, "PUT /V1/a%2Fb/?q=a%20b&x=%00&c[]=1 Bearer k".to_owned())
    );
    assert_eq!(answer.header("link"), "<x>; rel=next");
    assert_eq!(answer.header("x-ratelimit-remaining"), "7");
    assert_eq!(answer.header("dovetail-ratelimit-limit"), "100");
    assert_eq!(answer.header("dovetail-proxy-attempts"), "1");
    for absent in ["set-cookie", "content-security-policy", "x-ratelimit-limit", "dovetail-error"] {
        assert!(!answer.headers.contains_key(absent), "{absent}");
    }
}

#[tokio::test]
async fn a_path_may_be_empty() {
    let (app, base) = (app().await, service().await);
    for (path, seen) in [
        ("/proxy", "PUT / "),
        ("/proxy/", "PUT / "),
        ("/proxy?x=1", "PUT /?x=1 "),
        ("/proxy/?x=1", "PUT /?x=1 "),
    ] {
        let answer = call(&app, &app.key, path, &base).await;
        assert!(answer.text().starts_with(seen), "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn without_a_key_nothing_is_called() {
    let app = app().await;
    for path in ["/proxy?x=1", "/proxy/?x=1", "/proxy/a"] {
        let answer = app.get(path).send().await;
        answer.refused(401, "missing_auth_header");
        assert_eq!(answer.header("dovetail-error"), "missing_auth_header");
    }
}

#[tokio::test]
async fn a_key_needs_the_scope() {
    let app = app().await;
    let key = app.key_with(&[Scope::CONNECTIONS_READ]).await;
    let answer = call(&app, &key, "/proxy/a", "").await;
    let message = "Insufficient scope. Required: environment:proxy";
    assert_eq!(answer.json(), json!({ "error": { "code": "forbidden", "message": message } }));
    let key = app.key_with(&[Scope::PROXY]).await;
    assert_eq!(call(&app, &key, "/proxy/a", &service().await).await.status, 201);
}

#[tokio::test]
async fn both_names_are_needed() {
    let app = app().await;
    let answer = app.get("/proxy/a").bearer(&app.key).send().await;
    let message = "Invalid input: expected string, received undefined";
    let issue = |name: &str| json!({ "code": "invalid_type", "message": message, "path": [name] });
    let errors = [issue("provider-config-key"), issue("connection-id")];
    assert_eq!(answer.json(), json!({ "error": { "code": "invalid_headers", "errors": errors } }));
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let app = app().await;
    let request = |integration: &str, connection: &str, key: &str| {
        let request = app.get("/proxy/a").bearer(key).header("provider-config-key", integration);
        request.header("connection-id", connection).send()
    };
    request("nope", "c-1", &app.key).await.refused(404, "unknown_provider_config");
    let answer = request("acme", "nope", &app.key).await;
    let error = json!({
        "code": "server_error", "message": "Failed to get connection", "reason": "unknown_connection"
    });
    assert_eq!((answer.status, answer.json()), (400, json!({ "error": error })));
    request("acme", "c-1", &app.prod_key).await.refused(404, "unknown_provider_config");
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_not_our_500() {
    let app = app().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let answer = call(&app, &app.key, "/proxy/a", &base).await;
    answer.refused(502, "provider_unreachable");
    assert_eq!(
        (answer.header("dovetail-error"), &answer.json()["method"]),
        ("provider_unreachable", &"put".into())
    );
    call(&app, &app.key, "/proxy/a", "http://169.254.169.254")
        .await
        .refused(400, "base_url_override_not_allowed");
}

#[tokio::test]
async fn preflights_are_answered_here() {
    let app = app().await;
    assert_eq!(app.request(Method::OPTIONS, "/proxy/a").send().await.status, 204);
}

/// The operations of `dev` with their messages.
async fn log(app: &TestApp) -> Vec<(Operation, Vec<String>)> {
    app.state.activity.flush().await;
    let mut db = app.state.store.read().await.unwrap();
    let mut log = Vec::new();
    for operation in operations::list(&mut db, app.dev, &Filter::default(), 10).await.unwrap() {
        let messages = operations::messages(&mut db, app.dev, &operation.id, None, 10).await.unwrap();
        let texts = messages.into_iter().map(|message| format!("{:?}", message.message)).collect();
        log.push((operation, texts));
    }
    log
}

#[tokio::test]
async fn a_call_leaves_an_operation_without_secrets() {
    let (app, base) = (app().await, service().await);
    call(&app, &app.key, "/proxy/a?x=1", &base).await;
    let log = log(&app).await;
    let (operation, messages) = &log[0];
    assert_eq!((operation.kind, operation.state), (OperationKind::ProxyCall, OperationState::Success));
    assert_eq!(operation.connection.as_ref().unwrap().1, "c-1");
    assert_eq!(operation.details["request"]["method"], "PUT");
    assert!(operation.details["request"]["url"].as_str().unwrap().ends_with("/a?x=1"));
    assert_eq!(operation.details["response"]["code"], 201);
    assert!(operation.ended_at.is_some() && messages.is_empty(), "one row for a call that goes well");
}

#[tokio::test]
async fn a_call_that_fails_leaves_a_failed_operation() {
    let app = app().await;
    call(&app, &app.key, "/proxy/a", "http://127.0.0.1:1").await.refused(502, "provider_unreachable");
    let log = log(&app).await;
    assert_eq!(log[0].0.state, OperationState::Failed);
    assert!(log[0].1[0].contains("ECONNREFUSED"), "{}", log[0].1[0]);
}

#[tokio::test]
async fn what_a_refusal_said_is_logged_without_secrets() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let refusing = Router::new().fallback(async || {
        let said = json!({ "error": "no such thing", "session": { "accessToken": "t-1" } });
        Response::builder()
            .status(422)
            .header("x-api-key", "echoed")
            .header("x-request-id", "r-1")
            .body(said.to_string())
            .unwrap()
    });
    tokio::spawn(async move { axum::serve(listener, refusing).await });
    let app = app().await;
    let answer = call(&app, &app.key, "/proxy/a?api_key=mine&n=1", &base).await;
    assert_eq!(answer.json()["session"]["accessToken"], "t-1");
    let (operation, _) = log(&app).await.remove(0);
    let mut db = app.state.store.read().await.unwrap();
    let messages = operations::messages(&mut db, app.dev, &operation.id, None, 10).await.unwrap();
    let details = |name: &str| messages.iter().find_map(|message| message.message.details.get(name)).unwrap();
    assert_eq!(
        details("meta"),
        &json!({ "body": { "error": "no such thing", "session": { "accessToken": "REDACTED" } } })
    );
    assert_eq!(details("request")["headers"]["authorization"], "REDACTED");
    assert!(details("request")["url"].as_str().unwrap().ends_with("/a?api_key=REDACTED&n=1"));
    assert_eq!(details("response")["headers"]["x-api-key"], "REDACTED");
    assert_eq!(details("response")["headers"]["x-request-id"], "r-1");
    assert_eq!(details("response")["code"], 422);
}

#[tokio::test]
async fn a_dry_run_leaves_nothing() {
    let (app, base) = (app().await, service().await);
    let request = app.get("/proxy/a").bearer(&app.key).header("provider-config-key", "acme");
    let request = request.header("connection-id", "c-1").header("base-url-override", &base);
    assert_eq!(request.header("nango-is-dry-run", "true").send().await.status, 201);
    assert!(log(&app).await.is_empty());
}

#[tokio::test]
async fn an_operation_of_the_same_environment_can_be_joined() {
    let (app, base) = (app().await, service().await);
    call(&app, &app.key, "/proxy/first", &base).await;
    let id = log(&app).await[0].0.id.clone();
    let joining = |id: &str| {
        let request = app.get("/proxy/joined").bearer(&app.key).header("provider-config-key", "acme");
        let request = request.header("connection-id", "c-1").header("base-url-override", &base);
        request.header("nango-activity-log-id", id).send()
    };
    joining(id.as_str()).await;
    let joined = log(&app).await;
    assert_eq!((joined.len(), joined[0].1.len()), (1, 1));

    let foreign = Beginning::new(OperationKind::ProxyCall, app.prod);
    let foreign = foreign.operation(app.state.now(), &*app.state.random);
    app.state.activity.open(&foreign);
    app.state.activity.flush().await;
    joining(foreign.id.as_str()).await;
    assert_eq!(log(&app).await.len(), 2, "a call that cannot join has its own operation");
    let mut db = app.state.store.read().await.unwrap();
    assert!(operations::messages(&mut db, app.prod, &foreign.id, None, 10).await.unwrap().is_empty());
}
