//! `POST /environment/webhook-signing-key/rotate`.

use dovetail_model::Scope;
use serde_json::json;

use crate::kit::TestApp;

const PATH: &str = "/environment/webhook-signing-key/rotate";

#[tokio::test]
async fn a_rotated_key_is_the_one_that_signs() {
    let app = TestApp::new().await;
    let key = app.key_with(&[Scope::WEBHOOK_SIGNING_KEY_ROTATE]).await;
    let answer = app.post(PATH).bearer(&key).json(json!({ "anything": 1 })).send().await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    let shown = body["data"]["webhook_signing_key"].as_str().unwrap();
    let mut db = app.state.store.read().await.unwrap();
    let current = dovetail_store::signing_keys::current(&mut db, app.dev).await.unwrap();
    assert_eq!(current[0].key.expose(), shown);
    assert_eq!(current.len(), 2, "the old key signs along for a while");
    let other = dovetail_store::signing_keys::current(&mut db, app.prod).await.unwrap();
    assert_eq!(other.len(), 1, "other environments keep theirs");
}

#[tokio::test]
async fn malformed_and_unauthorised_requests_are_refused() {
    let app = TestApp::new().await;
    app.post(PATH).send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::PROXY]).await;
    app.post(PATH).bearer(&key).send().await.refused(403, "forbidden");
    app.post(&format!("{PATH}?x=1")).bearer(&app.key).send().await.refused(400, "invalid_query_params");
}
