//! Time, rate, and keys that make keys.

use std::time::Duration;

use dovetail_model::{Scope, Scopes};
use serde_json::json;

use super::{app, listed};

#[tokio::test]
async fn an_expired_key_says_so() {
    let app = app().await;
    let key = app.limited_key(json!({ "expires_at": "2026-02-03T05:00:00Z" })).await;
    assert_eq!(app.get("/integrations").bearer(&key).send().await.status, 200);
    app.clock.advance(Duration::from_hours(1));
    insta::assert_json_snapshot!(app.get("/integrations").bearer(&key).send().await.whole(), @r#"
    {
      "status": 401,
      "body": {
        "error": {
          "message": "This API key has expired.",
          "code": "key_expired",
          "payload": {}
        }
      }
    }
    "#);
    let call = app.get("/proxy/x").bearer(&key).header("provider-config-key", "coda");
    let answer = call.header("connection-id", "coda-ops").send().await;
    answer.refused(401, "key_expired");
    assert_eq!(answer.header("dovetail-error"), "key_expired");
}

#[tokio::test]
async fn a_key_keeps_to_its_own_rate() {
    let app = app().await;
    let key = app.limited_key(json!({ "requests_per_minute": 1 })).await;
    let answer = app.get("/integrations").bearer(&key).send().await;
    assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (200, "1"));
    let answer = app.get("/integrations").bearer(&key).send().await;
    answer.refused(429, "too_many_request");
    assert_eq!(answer.header("retry-after"), "60");
    assert_eq!(app.get("/integrations").bearer(&app.key).send().await.status, 200);
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(app.get("/integrations").bearer(&key).send().await.status, 200);
}

#[tokio::test]
async fn a_key_makes_no_key_that_is_wider_than_itself() {
    let app = app().await;
    let account = Scopes::new([Scope::ACCOUNT]);
    let limits = json!({ "integrations": ["coda", "linear"], "expires_at": "2026-03-01T00:00:00Z" });
    let maker = app.limited_key_of(None, account, limits).await;
    let make = |limits| {
        let body = json!({ "environment_id": app.dev.0, "display_name": "agent", "limits": limits });
        app.post("/environment/api-keys").bearer(&maker).json(body).send()
    };
    let answer = make(json!({ "integrations": ["coda", "github"], "tags": { "team": "ops" } })).await;
    insta::assert_json_snapshot!(answer.whole(), { ".body.data.id" => "[id]", ".body.data.secret" => "[uuid]" });
    let made = answer.json()["data"]["secret"].as_str().unwrap().to_owned();
    assert_eq!(listed(&app, &made, "").await, ["coda-ops"]);

    make(json!({ "integrations": ["github"] })).await.refused(403, "key_limited");
    let deleting = json!({ "environment_id": app.dev.0, "key_id": 1 });
    app.delete("/environment/api-keys")
        .bearer(&maker)
        .json(deleting)
        .send()
        .await
        .refused(403, "key_limited");
    app.delete(&format!("/environments/{}", app.dev)).bearer(&maker).send().await.refused(403, "key_limited");
}

#[tokio::test]
async fn limits_that_do_not_read_are_named() {
    let app = app().await;
    let account = app.account_key(&[Scope::ACCOUNT]).await;
    let mut told = Vec::new();
    for limits in [
        json!({ "paths": ["docs"] }),
        json!({ "methods": ["FETCH"] }),
        json!({ "tags": { "9": "x" } }),
        json!({ "integrations": [] }),
        json!({ "countries": ["is"] }),
        json!({ "requests_per_minute": 0 }),
        json!("all"),
    ] {
        let body = json!({ "environment_id": app.dev.0, "display_name": "k", "limits": limits });
        let answer = app.post("/environment/api-keys").bearer(&account).json(body).send().await;
        answer.refused(400, "invalid_body");
        told.push(answer.json()["error"]["errors"].clone());
    }
    insta::assert_json_snapshot!(told);
}
