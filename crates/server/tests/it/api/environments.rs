//! `POST /environments`, `DELETE /environments/{environmentId}`.

use dovetail_model::Scope;
use serde_json::json;

use crate::kit::TestApp;

#[tokio::test]
async fn a_new_environment_has_a_key_of_its_own() {
    let app = TestApp::new().await;
    let key = app.account_key(&[Scope::ACCOUNT_ENVIRONMENTS_CREATE]).await;
    let body = json!({ "name": "staging", "callback_url": "https://acme.test/cb", "hmac_key": "k", "hmac_enabled": true });
    let answer = app.post("/environments").bearer(&key).json(body).send().await;
    insta::assert_json_snapshot!(answer.whole(), { ".body.data.id" => "[id]" }, @r#"
    {
      "status": 200,
      "body": {
        "data": {
          "id": "[id]",
          "name": "staging"
        }
      }
    }
    "#);
    let mut db = app.state.store.read().await.unwrap();
    let made = dovetail_store::environments::by_name(&mut db, "staging").await.unwrap().unwrap();
    assert_eq!(made.callback_url.as_deref(), Some("https://acme.test/cb"));
    assert!(!made.is_production);
    let keys = dovetail_store::api_keys::list(&mut db, Some(made.id)).await.unwrap();
    assert_eq!(keys[0].name, "Default - Full access");
    assert!(dovetail_store::environments::private(&mut db, made.id).await.unwrap().hmac_enabled);
}

#[tokio::test]
async fn a_name_is_used_once() {
    let app = TestApp::new().await;
    let key = app.account_key(&[Scope::ACCOUNT]).await;
    let answer = app.post("/environments").bearer(&key).json(json!({ "name": "dev" })).send().await;
    answer.refused(409, "conflict");
}

#[tokio::test]
async fn production_takes_a_scope_of_its_own() {
    let app = TestApp::new().await;
    let key = app.account_key(&[Scope::ACCOUNT_ENVIRONMENTS_CREATE]).await;
    let post = async |key: &str, body| app.post("/environments").bearer(key).json(body).send().await;
    post(&key, json!({ "name": "live", "is_production": true })).await.refused(403, "forbidden");
    post(&key, json!({ "name": "prod" })).await.refused(403, "forbidden");
    post(&key, json!({ "name": "prod", "is_production": false })).await.refused(400, "invalid_is_prod_flag");
    let full = app.account_key(&[Scope::ACCOUNT]).await;
    assert_eq!(post(&full, json!({ "name": "live", "is_production": true })).await.status, 200);
    let answer = post(&full, json!({ "name": "x", "otlp_endpoint": "https://otlp.test" })).await;
    answer.refused(403, "forbidden");
}

#[tokio::test]
async fn malformed_bodies_are_told_field_by_field() {
    let app = TestApp::new().await;
    let key = app.account_key(&[Scope::ACCOUNT]).await;
    let body = json!({ "name": "Staging", "is_production": "yes", "callback_url": "x", "extra": 1 });
    let answer = app.post("/environments").bearer(&key).json(body).send().await;
    insta::assert_json_snapshot!(answer.json()["error"]["errors"], @r#"
    [
      {
        "code": "invalid_format",
        "message": "Invalid string: must match pattern /^[a-z0-9_-]+$/",
        "path": [
          "name"
        ]
      },
      {
        "code": "invalid_type",
        "message": "Invalid input: expected boolean, received string",
        "path": [
          "is_production"
        ]
      },
      {
        "code": "invalid_format",
        "message": "Invalid URL",
        "path": [
          "callback_url"
        ]
      },
      {
        "code": "unrecognized_keys",
        "message": "Unrecognized key: \"extra\"",
        "path": []
      }
    ]
    "#);
    let answer = app.post("/environments").bearer(&key).send().await;
    assert_eq!(
        answer.json()["error"]["errors"][0]["message"],
        "Invalid input: expected object, received undefined"
    );
}

#[tokio::test]
async fn environment_keys_do_not_govern_environments() {
    let app = TestApp::new().await;
    app.post("/environments")
        .bearer(&app.key)
        .json(json!({ "name": "x" }))
        .send()
        .await
        .refused(403, "forbidden");
    app.delete(&format!("/environments/{}", app.dev)).bearer(&app.key).send().await.refused(403, "forbidden");
    app.post("/environments").json(json!({ "name": "x" })).send().await.refused(401, "missing_auth_header");
    app.delete("/environments/1").send().await.refused(401, "missing_auth_header");
}

#[tokio::test]
async fn a_deleted_environment_takes_its_keys_along() {
    let app = TestApp::new().await;
    let key = app.account_key(&[Scope::ACCOUNT_ENVIRONMENTS_DELETE]).await;
    app.integration("coda", "coda").await;
    let answer = app.delete(&format!("/environments/{}", app.dev)).bearer(&key).send().await;
    assert_eq!((answer.status, answer.bytes.len()), (204, 0));
    app.get("/integrations").bearer(&app.key).send().await.refused(401, "unknown_account");
    app.delete(&format!("/environments/{}", app.dev)).bearer(&key).send().await.refused(404, "not_found");
}

#[tokio::test]
async fn prod_stays_and_ids_are_positive_numbers() {
    let app = TestApp::new().await;
    let key = app.account_key(&[Scope::ACCOUNT]).await;
    let delete = async |id: &str| app.delete(&format!("/environments/{id}")).bearer(&key).send().await;
    delete(&app.prod.to_string()).await.refused(400, "cannot_delete_prod_environment");
    delete("999999").await.refused(404, "not_found");
    for bad in ["0", "-1", "1.5", "x"] {
        delete(bad).await.refused(400, "invalid_uri_params");
    }
}
