use dovetail_model::Scope;
use serde_json::json;

use super::{API_KEY_PROVIDER, OAUTH2_PROVIDER};
use crate::kit::TestApp;

const PATH: &str = "/integrations/quickstart";

#[tokio::test]
async fn without_a_shared_app_the_reason_is_told() {
    let app = TestApp::new().await;
    for (provider, reason) in [(API_KEY_PROVIDER, "needs no app"), (OAUTH2_PROVIDER, "shared app")] {
        let body = json!({ "provider": provider, "unique_key": "x" });
        let answer = app.post(PATH).bearer(&app.key).json(body).send().await;
        answer.refused(400, "invalid_body");
        assert!(answer.json()["error"]["message"].as_str().unwrap().contains(reason));
    }
}

#[tokio::test]
async fn malformed_and_unauthorised_requests_are_refused() {
    let app = TestApp::new().await;
    app.post(PATH).send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::PROXY]).await;
    app.post(PATH).bearer(&key).send().await.refused(403, "forbidden");
    let body = json!({ "provider": API_KEY_PROVIDER, "unique_key": "x", "credentials": {} });
    app.post(PATH).bearer(&app.key).json(body).send().await.refused(400, "invalid_body");
    app.post(PATH)
        .bearer(&app.key)
        .json(json!({ "provider": "nope", "unique_key": "x" }))
        .send()
        .await
        .refused(400, "invalid_body");
}

#[tokio::test]
async fn for_other_methods_it_is_an_ordinary_key() {
    let app = TestApp::new().await;
    app.integration("quickstart", API_KEY_PROVIDER).await;
    let answer = app.get(PATH).bearer(&app.key).send().await;
    assert_eq!(answer.json()["data"]["unique_key"], "quickstart");
    app.post("/integrations/other").bearer(&app.key).send().await.refused(405, "method_not_allowed");
}
