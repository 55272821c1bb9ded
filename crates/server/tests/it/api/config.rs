//! `GET /config/{providerConfigKey}`.

use dovetail_model::Scope;

use crate::kit::TestApp;

#[tokio::test]
async fn an_integration_as_old_sdks_read_it() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    for path in
        ["/config/coda", "/config/coda?include_creds=false&anything=1", "/config/coda?include_creds=yes"]
    {
        let answer = app.get(path).bearer(&app.key).send().await;
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(answer.whole(), @r#"
            {
              "status": 200,
              "body": {
                "config": {
                  "unique_key": "coda",
                  "provider": "coda",
                  "syncs": [],
                  "actions": []
                }
              }
            }
            "#);
        }
    }
}

#[tokio::test]
async fn with_credentials_it_tells_all() {
    let app = TestApp::new().await;
    app.integration("mine", "coda").await;
    app.connection("mine", "c1").await;
    let answer = app.get("/config/mine?include_creds=true").bearer(&app.key).send().await;
    insta::assert_json_snapshot!(
        answer.whole(),
        {
            ".body.config.connections[].id" => "[id]",
            ".body.config.connections[].environment_id" => "[id]",
        },
        @r#"
    {
      "status": 200,
      "body": {
        "config": {
          "unique_key": "mine",
          "provider": "coda",
          "client_id": null,
          "client_secret": null,
          "custom": null,
          "scopes": null,
          "app_link": null,
          "auth_mode": "API_KEY",
          "created_at": "2026-02-03T04:05:06.789Z",
          "syncs": [],
          "actions": [],
          "has_webhook": false,
          "webhook_secret": null,
          "connections": [
            {
              "connection_config": {},
              "connection_id": "c1",
              "environment_id": "[id]",
              "id": "[id]",
              "provider_config_key": "mine"
            }
          ],
          "docs": "https://dovetail.test/guides/coda",
          "connection_count": 1,
          "has_webhook_user_defined_secret": false,
          "webhook_url": null
        }
      }
    }
    "#
    );
}

#[tokio::test]
async fn malformed_and_unauthorised_requests_are_refused() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    app.get("/config/coda").send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::INTEGRATIONS_READ]).await;
    assert_eq!(app.get("/config/coda").bearer(&key).send().await.status, 200);
    app.get("/config/coda?include_creds=true").bearer(&key).send().await.refused(403, "forbidden");
    app.get("/config/coda").bearer(&app.prod_key).send().await.refused(400, "unknown_provider_config");
    let answer = app.get("/config/none").bearer(&app.key).send().await;
    answer.refused(400, "unknown_provider_config");
    assert_eq!(answer.json()["error"]["payload"], serde_json::json!({}));
}
