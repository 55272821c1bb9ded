//! `GET /environment-variables`.

use dovetail_model::Scope;
use serde_json::json;

use crate::kit::TestApp;

const PATH: &str = "/environment-variables";

#[tokio::test]
async fn variables_are_a_bare_array_of_one_environment() {
    let app = TestApp::new().await;
    let key = app.key_with(&[Scope::VARIABLES_READ]).await;
    assert_eq!(app.get(PATH).bearer(&key).send().await.json(), json!([]));
    app.set_variable("STRIPE_KEY", "sk_x").await;
    insta::assert_json_snapshot!(app.get(PATH).bearer(&key).send().await.whole(), @r#"
    {
      "status": 200,
      "body": [
        {
          "name": "STRIPE_KEY",
          "value": "sk_x"
        }
      ]
    }
    "#);
    assert_eq!(app.get(PATH).bearer(&app.prod_key).send().await.json(), json!([]));
}

#[tokio::test]
async fn malformed_and_unauthorised_requests_are_refused() {
    let app = TestApp::new().await;
    app.get(PATH).send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::PROXY]).await;
    app.get(PATH).bearer(&key).send().await.refused(403, "forbidden");
    app.get(&format!("{PATH}?x=1")).bearer(&app.key).send().await.refused(400, "invalid_query_params");
    app.get(PATH).bearer(&app.key).json(json!({ "x": 1 })).send().await.refused(400, "invalid_body");
}
