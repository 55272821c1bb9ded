//! Proxied calls.

use http::Method;
use serde_json::{Value, json};

use super::import;
use crate::kit::{Answer, Service, TestApp};

async fn app(service: &Service) -> TestApp {
    let app = TestApp::calling(service).await;
    app.integration("coda", "kit-webhooks").await;
    app.connection("coda", "c-1").await;
    app.integration("linear", "kit-webhooks").await;
    app.connection("linear", "c-1").await;
    app
}

async fn call(app: &TestApp, key: &str, method: Method, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = app.request(method, &format!("/proxy{path}")).bearer(key);
    let integration = ("provider-config-key", "coda");
    for (name, value) in [integration, ("connection-id", "c-1")].iter().chain(fields) {
        request = request.header(name, value);
    }
    request.send().await
}

async fn refused(
    app: &TestApp,
    limits: Value,
    method: Method,
    path: &str,
    fields: &[(&str, &str)],
) -> String {
    let key = app.limited_key(limits).await;
    let answer = call(app, &key, method, path, fields).await;
    answer.refused(403, "key_limited");
    assert_eq!(answer.header("dovetail-error"), "key_limited");
    answer.json()["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn methods_and_paths_are_judged_as_they_are_sent() {
    let service = Service::start().await;
    let app = app(&service).await;
    let limits = json!({ "methods": ["GET"], "paths": ["/docs/*", "/me"] });
    let key = app.limited_key(limits.clone()).await;
    for path in [
        "/docs/1",
        "/docs/1/?limit=5",
        "/docs/%61?x=/../admin",
        "/other/../docs/1",
        "//me",
        "/https://kit.test/me",
    ] {
        assert_eq!(call(&app, &key, Method::GET, path, &[]).await.status, 200, "{path}");
    }
    let through = service.seen().len();
    for path in [
        "/admin",
        "/docs",
        "/docs/1/2",
        "/docs/..",
        "/docs/../admin",
        "/docs/%2e%2e/admin",
        "/docs/x%2F..%2F..%2Fadmin",
        "/docs/..;/admin",
        "/docs/%252e%252e",
        "/docs//1",
        "/DOCS/1",
        "/",
        "/docs\\..\\admin",
        "/me%00",
        "/docs/1%23/../..",
    ] {
        let answer = call(&app, &key, Method::GET, path, &[]).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "key_limited"), "{path}");
    }
    for method in [Method::POST, Method::DELETE, Method::HEAD, Method::from_bytes(b"get").unwrap()] {
        let answer = call(&app, &key, method.clone(), "/me", &[]).await;
        assert_eq!(answer.status, 403, "{method}");
    }
    assert_eq!(service.seen().len(), through);
    assert_eq!(
        refused(&app, json!({ "methods": ["GET"] }), Method::POST, "/me", &[]).await,
        "This key may not make POST calls."
    );
}

#[tokio::test]
async fn a_limited_key_does_not_steer_past_its_limits() {
    let service = Service::start().await;
    let app = app(&service).await;
    let base = [("base-url-override", "https://evil.test")];
    for limits in [
        json!({ "integrations": ["coda"] }),
        json!({ "tags": { "team": "ops" } }),
        json!({ "methods": ["GET"] }),
        json!({ "paths": ["/**"] }),
        json!({ "use_only": true }),
    ] {
        if limits["tags"].is_null() {
            let told = refused(&app, limits.clone(), Method::GET, "/x", &base).await;
            assert_eq!(told, "This key is limited, so it may not choose a base URL.", "{limits}");
        }
    }
    let follow = [("forward-headers-on-redirect", "true")];
    refused(&app, json!({ "use_only": true, "requests_per_minute": 9 }), Method::GET, "/x", &follow).await;
    for field in ["x-http-method-override", "X-HTTP-Method", "x-method-override"] {
        let limits = json!({ "methods": ["GET"], "requests_per_minute": field.len() });
        refused(&app, limits, Method::GET, "/x", &[(&format!("nango-proxy-{field}"), "DELETE")]).await;
    }
    refused(&app, json!({ "methods": ["GET", "PUT"] }), Method::GET, "/x?_method=DELETE", &[]).await;
    let rewritten = [("nango-proxy-x-original-url", "/admin")];
    refused(&app, json!({ "paths": ["/x"] }), Method::GET, "/x", &rewritten).await;
    assert_eq!(service.seen(), [""; 0]);
    let sdk = [("base-url-override", ""), ("forward-headers-on-redirect", "false")];
    let key = app.limited_key(json!({ "use_only": true, "integrations": ["coda"] })).await;
    assert_eq!(call(&app, &key, Method::GET, "/x", &sdk).await.status, 200);
    let timed = app.limited_key(json!({ "requests_per_minute": 100 })).await;
    assert_eq!(call(&app, &timed, Method::GET, "/x", &base).await.status, 200);
}

#[tokio::test]
async fn only_connections_within_reach_are_used() {
    let service = Service::start().await;
    let app = app(&service).await;
    let linear = json!({ "integrations": ["linear"] });
    let told = refused(&app, linear, Method::GET, "/x", &[]).await;
    assert_eq!(told, "This key does not reach the integration coda.");
    let ops = app.limited_key(json!({ "tags": { "team": "ops" } })).await;
    let hidden = call(&app, &ops, Method::GET, "/x", &[]).await;
    let absent = call(&app, &ops, Method::GET, "/x", &[("connection-id", "nope")]).await;
    assert_eq!((hidden.status, hidden.json()["error"]["reason"].as_str()), (400, Some("unknown_connection")));
    assert_eq!(absent.status, 400);
    let body = import("coda", "c-1", json!({ "team": "ops" }));
    assert_eq!(app.post("/connections").bearer(&app.key).json(body).send().await.status, 201);
    assert_eq!(call(&app, &ops, Method::GET, "/x", &[]).await.status, 200);
}
