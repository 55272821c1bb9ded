use dovetail_model::Scope;
use serde_json::{Value, json};

use super::{API_KEY_PROVIDER, oauth2};
use crate::kit::TestApp;

/// Vector 15.
#[tokio::test]
async fn credentials_are_added_on_request() {
    let app = TestApp::new().await;
    let body = oauth2(json!({ "webhook_secret": "whs", "scopes": "a,b" }));
    assert_eq!(app.post("/integrations").bearer(&app.key).json(body).send().await.status, 200);
    for query in ["include=credentials", "include[]=credentials", "include=webhook&include=credentials"] {
        let answer = app.get(&format!("/integrations/oauth?{query}")).bearer(&app.key).send().await;
        assert_eq!(
            answer.json()["data"]["credentials"],
            json!({ "type": "OAUTH2", "client_id": "id", "client_secret": "secret", "scopes": "a,b", "webhook_secret": "whs" }),
            "{query}"
        );
    }
}

/// Vector 15.
#[tokio::test]
async fn an_absent_webhook_secret_is_null_and_scopes_default_to_the_providers() {
    let app = TestApp::new().await;
    assert_eq!(app.post("/integrations").bearer(&app.key).json(oauth2(json!({}))).send().await.status, 200);
    let data = app.get("/integrations/oauth?include=credentials").bearer(&app.key).send().await.json();
    assert_eq!(data["data"]["credentials"]["webhook_secret"], Value::Null);
    assert_eq!(data["data"]["credentials"]["scopes"], "read,write");
}

#[tokio::test]
async fn credentials_are_left_out_silently_without_the_scope() {
    let app = TestApp::new().await;
    app.integration("coda", API_KEY_PROVIDER).await;
    let key = app.key_with(&[Scope::INTEGRATIONS_READ]).await;
    let answer = app.get("/integrations/coda?include=credentials").bearer(&key).send().await;
    assert_eq!(answer.status, 200);
    assert!(answer.json()["data"].get("credentials").is_none());
    let answer = app.get("/integrations/coda?include=credentials").bearer(&app.key).send().await;
    assert_eq!(answer.json()["data"].get("credentials"), Some(&Value::Null), "API_KEY has no client");
}

/// Vector 17.
#[tokio::test]
async fn the_webhook_address_names_environment_and_key() {
    let app = TestApp::new().await;
    app.integration("coda", API_KEY_PROVIDER).await;
    let answer = app.get("/integrations/coda?include=webhook").bearer(&app.key).send().await;
    assert_eq!(answer.json()["data"].get("webhook_url"), Some(&Value::Null));
    app.integration("hooks @1", "kit-webhooks").await;
    let answer = app.get("/integrations/hooks%20@1?include=webhook").bearer(&app.key).send().await;
    let mut db = app.state.store.read().await.unwrap();
    let environment = dovetail_store::environments::get(&mut db, app.dev).await.unwrap().unwrap();
    assert_eq!(
        answer.json()["data"]["webhook_url"],
        format!("https://dovetail.test/webhook/{}/hooks%20%401", environment.uuid)
    );
}

/// Vector 18.
#[tokio::test]
async fn an_unknown_integration_is_not_found() {
    let app = TestApp::new().await;
    let answer = app.get("/integrations/none").bearer(&app.key).send().await;
    insta::assert_json_snapshot!(answer.whole(), @r#"
    {
      "status": 404,
      "body": {
        "error": {
          "code": "not_found",
          "message": "The integration none does not exist."
        }
      }
    }
    "#);
    app.integration("coda", API_KEY_PROVIDER).await;
    app.get("/integrations/coda").bearer(&app.prod_key).send().await.refused(404, "not_found");
}

#[tokio::test]
async fn malformed_and_unauthorised_requests_are_refused() {
    let app = TestApp::new().await;
    app.get("/integrations/x").send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::INTEGRATIONS_LIST]).await;
    app.get("/integrations/x").bearer(&key).send().await.refused(403, "forbidden");
    for query in ["include=all", "include=webhook&include=all", "foo=bar"] {
        let answer = app.get(&format!("/integrations/x?{query}")).bearer(&app.key).send().await;
        answer.refused(400, "invalid_query_params");
    }
    app.get("/integrations/%C3%A9").bearer(&app.key).send().await.refused(400, "invalid_uri_params");
}
