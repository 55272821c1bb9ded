//! The control API and the tools.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;

use crate::harness::{World, get};
use dovetail_mock::SIMULATED_URL;

fn own(method: &str, path: &str, body: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "127.0.0.1:3999")
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

#[tokio::test]
async fn the_credentials_are_listed() {
    let answer = World::new().send(own("GET", "/__credentials", "")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let list = answer.body["credentials"].as_array().cloned().unwrap_or_default();
    let coda = json!({"provider": "coda", "field": "credentials.apiKey", "value": "demo-key", "shown": true});
    let ordinal =
        json!({"provider": "ordinal", "field": "credentials.apiKey", "value": "ord_demo-key", "shown": true});
    assert!(list.contains(&coda) && list.contains(&ordinal));
}

#[tokio::test]
async fn a_delivery_is_kept_and_shown() {
    let world = World::new();
    let request = Request::builder()
        .method("POST")
        .uri("/hook")
        .header(SIMULATED_URL, "https://orders.webhook.test/hook")
        .header("X-Signature", "abc")
        .body(Body::from(r#"{"type":"auth"}"#))
        .unwrap();
    assert_eq!(world.send(request).await.body, json!({"received": true}));
    let direct = world.send(own("POST", "/__sink/orders?__status=500", "second")).await;
    assert_eq!(direct.status, StatusCode::INTERNAL_SERVER_ERROR);

    let shown = world.send(own("GET", "/__sink/orders?count=2&wait_ms=1000", "")).await.body;
    let requests = shown["requests"].as_array().cloned().unwrap_or_default();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0]["url"], "https://orders.webhook.test/hook");
    assert_eq!(requests[0]["headers"]["x-signature"], "abc");
    assert_eq!(requests[0]["body"], r#"{"type":"auth"}"#);
    assert_eq!(requests[0]["received_at"], 1_770_091_506_789_i64);
    assert_eq!(requests[1]["number"], 2);

    assert_eq!(world.send(own("DELETE", "/__sink/orders", "")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.send(own("GET", "/__sink/orders", "")).await.body["requests"], json!([]));
}

#[tokio::test]
async fn tools_answer_behind_a_providers_credentials_and_directly() {
    let world = World::new();
    let direct = world.send(own("GET", "/__sse?events=1", "")).await;
    assert_eq!(direct.headers["content-type"], "text/event-stream");
    let url = "https://coda.io/apis/v1/__redirect?to=https://coda.io/apis/v1/docs&status=307";
    assert_eq!(world.send(get(url, &[])).await.status, StatusCode::UNAUTHORIZED);
    let answer = world.send(get(url, &[("authorization", "Bearer demo-key")])).await;
    assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(answer.headers["location"], "https://coda.io/apis/v1/docs");
    let discarded = world.send(own("POST", "/__discard", "12345")).await;
    assert_eq!(discarded.body, json!({"bytes": 5}));
}

#[tokio::test]
async fn mistakes_are_explained() {
    let world = World::new();
    for (method, path, body, status) in [
        ("GET", "/", "", 404),
        ("POST", "/__faults", "{", 400),
        ("POST", "/__faults", r#"{"fault":{"status":99}}"#, 400),
        ("POST", "/__faults", r#"{"fault":{"explode":true}}"#, 422),
        ("GET", "/__sink/a?count=x", "", 400),
    ] {
        let answer = world.send(own(method, path, body)).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path} {body}");
        assert!(answer.body["error"]["message"].is_string(), "{method} {path}");
    }
    let bad_target = world.send(get("not a url", &[])).await;
    assert_eq!(bad_target.body["error"]["code"], "bad_target");
}
