//! `POST` and `DELETE /environment/api-keys`.

use dovetail_model::Scope;
use serde_json::json;

use crate::kit::TestApp;

#[tokio::test]
async fn a_key_is_shown_once_works_and_stops_when_deleted() {
    let app = TestApp::new().await;
    let account = app.account_key(&[Scope::ACCOUNT]).await;
    let body = json!({ "environment_id": app.prod.0.to_string(), "display_name": "ci" });
    let answer = app.post("/environment/api-keys").bearer(&account).json(body).send().await;
    insta::assert_json_snapshot!(
        answer.whole(),
        { ".body.data.id" => "[id]", ".body.data.secret" => "[uuid]" },
        @r#"
    {
      "status": 200,
      "body": {
        "data": {
          "id": "[id]",
          "display_name": "ci",
          "scopes": [
            "environment:*"
          ],
          "secret": "[uuid]",
          "created_at": "2026-02-03T04:05:06.789Z"
        }
      }
    }
    "#);
    let made = answer.json()["data"].clone();
    let secret = made["secret"].as_str().unwrap();
    assert_eq!(app.get("/integrations").bearer(secret).send().await.status, 200);

    let body = json!({ "environment_id": app.prod.0, "key_id": made["id"] });
    let answer = app.delete("/environment/api-keys").bearer(&account).json(body.clone()).send().await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "success": true })));
    app.get("/integrations").bearer(secret).send().await.refused(401, "unknown_account");
    let again = app.delete("/environment/api-keys").bearer(&account).json(body).send().await;
    again.refused(404, "not_found");
}

#[tokio::test]
async fn a_key_is_deleted_only_through_its_own_environment() {
    let app = TestApp::new().await;
    let account = app.account_key(&[Scope::ACCOUNT]).await;
    let mut db = app.state.store.read().await.unwrap();
    let key = dovetail_store::api_keys::list(&mut db, Some(app.dev)).await.unwrap()[0].id;
    drop(db);
    let body = json!({ "environment_id": app.prod.0, "key_id": key.0 });
    app.delete("/environment/api-keys").bearer(&account).json(body).send().await.refused(404, "not_found");
    assert_eq!(app.get("/integrations").bearer(&app.key).send().await.status, 200);
}

#[tokio::test]
async fn names_are_unique_and_the_number_is_bounded() {
    let app = TestApp::new().await;
    let account = app.account_key(&[Scope::ACCOUNT]).await;
    let make = async |name: &str, environment: i64| {
        let body = json!({ "environment_id": environment, "display_name": name });
        app.post("/environment/api-keys").bearer(&account).json(body).send().await
    };
    make("x", 999_999).await.refused(404, "not_found");
    assert_eq!(make("x", app.dev.0).await.status, 200);
    make("x", app.dev.0).await.refused(409, "conflict");
    for at in 2..50 {
        assert_eq!(make(&format!("key {at}"), app.dev.0).await.status, 200, "{at}");
    }
    make("one too many", app.dev.0).await.refused(400, "resource_capped");
}

#[tokio::test]
async fn malformed_and_unauthorised_requests_are_refused() {
    let app = TestApp::new().await;
    let account = app.account_key(&[Scope::ACCOUNT_ENVIRONMENTS_CREATE]).await;
    let body = json!({ "environment_id": app.dev.0, "display_name": "ci" });
    app.post("/environment/api-keys").json(body.clone()).send().await.refused(401, "missing_auth_header");
    app.delete("/environment/api-keys").send().await.refused(401, "missing_auth_header");
    app.post("/environment/api-keys")
        .bearer(&account)
        .json(body.clone())
        .send()
        .await
        .refused(403, "forbidden");
    app.delete("/environment/api-keys").bearer(&app.key).json(body).send().await.refused(403, "forbidden");

    let account = app.account_key(&[Scope::ACCOUNT]).await;
    let body = json!({ "environment_id": 0, "display_name": "" });
    let answer = app.post("/environment/api-keys").bearer(&account).json(body).send().await;
    answer.refused(400, "invalid_body");
    let errors = answer.json()["error"]["errors"].clone();
    assert_eq!(errors[0]["message"], "Too small: expected number to be >0");
    assert_eq!(errors[1]["message"], "Too small: expected string to have >=1 characters");
    let answer = app.delete("/environment/api-keys?x=1").bearer(&account).json(json!({})).send().await;
    answer.refused(400, "invalid_query_params");
}
