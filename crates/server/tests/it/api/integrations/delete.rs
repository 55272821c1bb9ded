use dovetail_model::Scope;
use serde_json::json;

use super::API_KEY_PROVIDER;
use crate::kit::TestApp;

/// Vector 21.
#[tokio::test]
async fn a_deleted_integration_is_gone_with_its_connections() {
    let app = TestApp::new().await;
    app.integration("coda", API_KEY_PROVIDER).await;
    app.connection("coda", "c1").await;
    let answer = app.delete("/integrations/coda").bearer(&app.key).send().await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "success": true })));
    app.get("/integrations/coda").bearer(&app.key).send().await.refused(404, "not_found");
    app.delete("/integrations/coda").bearer(&app.key).send().await.refused(404, "not_found");
    app.integration("coda", API_KEY_PROVIDER).await;
    let mut db = app.state.store.read().await.unwrap();
    let again = dovetail_store::integrations::by_key(&mut db, app.dev, "coda").await.unwrap().unwrap();
    assert_eq!(dovetail_store::integrations::connection_count(&mut db, app.dev, again.id).await.unwrap(), 0);
}

#[tokio::test]
async fn malformed_and_unauthorised_requests_are_refused() {
    let app = TestApp::new().await;
    app.integration("coda", API_KEY_PROVIDER).await;
    app.delete("/integrations/coda").send().await.refused(401, "missing_auth_header");
    let key = app.key_with(&[Scope::INTEGRATIONS_UPDATE]).await;
    app.delete("/integrations/coda").bearer(&key).send().await.refused(403, "forbidden");
    app.delete("/integrations/coda").bearer(&app.prod_key).send().await.refused(404, "not_found");
    app.delete("/integrations/coda?x=1").bearer(&app.key).send().await.refused(400, "invalid_query_params");
    assert_eq!(app.get("/integrations/coda").bearer(&app.key).send().await.status, 200);
}
