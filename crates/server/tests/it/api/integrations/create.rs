use dovetail_model::Scope;
use serde_json::{Value, json};

use super::{API_KEY_PROVIDER, oauth2};
use crate::kit::{Answer, TestApp};

async fn create(app: &TestApp, body: Value) -> Answer {
    app.post("/integrations").bearer(&app.key).json(body).send().await
}

#[tokio::test]
async fn a_created_integration_is_answered_with_200() {
    let app = TestApp::new().await;
    let body = json!({
        "provider": API_KEY_PROVIDER, "unique_key": "coda", "display_name": "Our Coda", "forward_webhooks": false,
        "custom": { "team": "ops" },
    });
    insta::assert_json_snapshot!(create(&app, body).await.whole(), @r#"
    {
      "status": 200,
      "body": {
        "data": {
          "unique_key": "coda",
          "provider": "coda",
          "display_name": "Our Coda",
          "logo": "https://dovetail.test/images/template-logos/coda.svg",
          "forward_webhooks": false,
          "created_at": "2026-02-03T04:05:06.789Z",
          "updated_at": "2026-02-03T04:05:06.789Z"
        }
      }
    }
    "#);
}

/// Vector 13.
#[tokio::test]
async fn all_issues_are_reported_together() {
    let app = TestApp::new().await;
    let body = json!({"provider": "nope", "unique_key": "bad_é", "display_name": false, "credentials": {"type": "X"}});
    let answer = create(&app, body).await;
    answer.refused(400, "invalid_body");
    let error = answer.json()["error"].clone();
    assert!(error.get("message").is_none());
    assert_eq!(
        error["errors"],
        json!([
            {"code": "invalid_format", "message": "Invalid string: must match pattern /^[a-zA-Z0-9~:.@ _-]+$/", "path": ["unique_key"]},
            {"code": "invalid_type", "message": "Invalid input: expected string, received boolean", "path": ["display_name"]},
            {"code": "invalid_union", "message": "invalid credentials object", "path": ["credentials", "type"]},
        ])
    );
}

/// Vector 14.
#[tokio::test]
async fn an_unknown_provider_is_an_issue_of_its_field() {
    let app = TestApp::new().await;
    let answer = create(&app, json!({ "provider": "nope", "unique_key": "x" })).await;
    insta::assert_json_snapshot!(answer.whole(), @r#"
    {
      "status": 400,
      "body": {
        "error": {
          "code": "invalid_body",
          "errors": [
            {
              "code": "invalid_string",
              "message": "Invalid provider",
              "path": [
                "provider"
              ]
            }
          ]
        }
      }
    }
    "#);
}

#[tokio::test]
async fn a_key_is_used_once_in_an_environment() {
    let app = TestApp::new().await;
    app.integration("x", API_KEY_PROVIDER).await;
    let answer = create(&app, json!({ "provider": API_KEY_PROVIDER, "unique_key": "x" })).await;
    assert_eq!(
        answer.json()["error"]["errors"],
        json!([{"code": "invalid_string", "message": "Unique key already exists", "path": ["uniqueKey"]}])
    );
    let body = json!({ "provider": API_KEY_PROVIDER, "unique_key": "x" });
    assert_eq!(app.post("/integrations").bearer(&app.prod_key).json(body).send().await.status, 200);
}

#[tokio::test]
async fn credentials_must_fit_the_auth_mode() {
    let app = TestApp::new().await;
    let refused = async |body: Value, about: &str| {
        let answer = create(&app, body).await;
        answer.refused(400, "invalid_body");
        let error = answer.json()["error"].clone();
        assert!(error.get("errors").is_none());
        assert!(error["message"].as_str().unwrap().contains(about), "{error}");
    };
    let mut wrong = oauth2(json!({}));
    wrong["provider"] = json!(API_KEY_PROVIDER);
    refused(wrong, "API_KEY").await;
    let mut missing = oauth2(json!({}));
    missing.as_object_mut().unwrap().remove("credentials");
    refused(missing, "credentials").await;
    let mut other = oauth2(json!({}));
    other["credentials"]["type"] = json!("OAUTH1");
    refused(other, "OAUTH2").await;
    let config =
        json!({ "provider": API_KEY_PROVIDER, "unique_key": "x", "integration_config": { "a": "b" } });
    refused(config, "integration_config").await;
}

#[tokio::test]
async fn settings_of_a_provider_are_checked_and_defaulted() {
    let app = TestApp::new().await;
    let body = |config: Value| json!({ "provider": "kit-settings", "unique_key": "s", "integration_config": config });
    create(&app, body(json!({}))).await.refused(400, "invalid_body");
    create(&app, body(json!({ "keyLabel": "x", "unknown": "y" }))).await.refused(400, "invalid_body");
    let custom = json!({ "provider": "kit-settings", "unique_key": "s", "custom": { "a": "b" } });
    create(&app, custom).await.refused(400, "invalid_body");
    let answer = create(&app, body(json!({ "keyLabel": "Access key" }))).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["data"]["credentials_label"], json!({ "apiKey": "Access key" }));
}

#[tokio::test]
async fn malformed_and_unauthorised_requests_are_refused() {
    let app = TestApp::new().await;
    let body = json!({ "provider": API_KEY_PROVIDER, "unique_key": "x" });
    app.post("/integrations").json(body.clone()).send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::INTEGRATIONS_UPDATE]).await;
    app.post("/integrations").bearer(&key).json(body.clone()).send().await.refused(403, "forbidden");
    app.post("/integrations?x=1")
        .bearer(&app.key)
        .json(body)
        .send()
        .await
        .refused(400, "invalid_query_params");
    create(&app, json!([])).await.refused(400, "invalid_body");
}
