use dovetail_model::Scope;
use serde_json::json;

use super::API_KEY_PROVIDER;
use crate::kit::TestApp;

/// Vectors 10 and 11.
#[tokio::test]
async fn an_empty_environment_has_an_empty_list_and_takes_no_query() {
    let app = TestApp::new().await;
    let answer = app.get("/integrations").bearer(&app.key).send().await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "data": [] })));
    insta::assert_json_snapshot!(app.get("/integrations?foo=bar").bearer(&app.key).send().await.whole(), @r#"
    {
      "status": 400,
      "body": {
        "error": {
          "code": "invalid_query_params",
          "errors": [
            {
              "code": "unrecognized_keys",
              "message": "Unrecognized key: \"foo\"",
              "path": []
            }
          ]
        }
      }
    }
    "#);
}

/// Vector 12.
#[tokio::test]
async fn an_item_has_exactly_the_keys_of_the_contract() {
    let app = TestApp::new().await;
    app.integration("coda-prod", API_KEY_PROVIDER).await;
    insta::assert_json_snapshot!(app.get("/integrations").bearer(&app.key).send().await.whole(), @r#"
    {
      "status": 200,
      "body": {
        "data": [
          {
            "unique_key": "coda-prod",
            "provider": "coda",
            "display_name": "Coda",
            "logo": "https://dovetail.test/images/template-logos/coda.svg",
            "forward_webhooks": true,
            "created_at": "2026-02-03T04:05:06.789Z",
            "updated_at": "2026-02-03T04:05:06.789Z"
          }
        ]
      }
    }
    "#);
}

#[tokio::test]
async fn a_session_sees_the_integrations_it_may_link() {
    let app = TestApp::new().await;
    app.integration("one", "coda").await;
    app.integration("two", "ordinal").await;
    let keys = async |session: &str| {
        let body = app.get("/integrations").bearer(session).send().await.json();
        body["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| i["unique_key"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&app.session(None).await).await, ["one", "two"]);
    assert_eq!(keys(&app.session(Some(&["two", "gone"])).await).await, ["two"]);
}

#[tokio::test]
async fn environments_and_scopes_are_kept_apart() {
    let app = TestApp::new().await;
    app.integration("one", "coda").await;
    assert_eq!(app.get("/integrations").bearer(&app.prod_key).send().await.json(), json!({ "data": [] }));
    app.get("/integrations").send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::INTEGRATIONS_READ]).await;
    app.get("/integrations").bearer(&key).send().await.refused(403, "forbidden");
    let key = app.key_with(&[Scope::INTEGRATIONS_LIST_CREDENTIALS]).await;
    assert_eq!(app.get("/integrations").bearer(&key).send().await.status, 200);
}

#[tokio::test]
async fn a_role_to_be_linked_has_an_external_id_that_only_its_session_sees() {
    let app = TestApp::new().await;
    let body = json!({
        "provider": "kit-role", "unique_key": "aws", "integration_config": { "service": "s3" }
    });
    let made = app.post("/integrations").bearer(&app.key).json(body).send().await;
    assert_eq!(made.status, 200, "{}", made.text());
    let id = async |token: &str| {
        let list = app.get("/integrations").bearer(token).send().await.json();
        list["data"][0]["external_id"].as_str().map(str::to_owned)
    };
    let (one, other) = (app.session(None).await, app.session(None).await);
    let shown = id(&one).await.unwrap();
    assert_eq!(uuid::Uuid::parse_str(&shown).unwrap().get_version_num(), 4);
    assert_eq!(id(&one).await.as_ref(), Some(&shown), "as often as it is asked for");
    assert_ne!(id(&other).await, Some(shown));
    assert_eq!(id(&app.key).await, None);
}
