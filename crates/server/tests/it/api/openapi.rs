//! `GET /openapi.json`.

use crate::kit::TestApp;

#[tokio::test]
async fn the_description_names_the_routes_of_this_server() {
    let app = TestApp::new().await;
    let answer = app.get("/openapi.json").send().await;
    assert_eq!(answer.status, 200);
    let document = answer.json();
    for (path, method) in [
        ("/health", "get"),
        ("/providers", "get"),
        ("/providers/{provider}", "get"),
        ("/integrations", "post"),
        ("/integrations/quickstart", "post"),
        ("/integrations/{uniqueKey}", "patch"),
        ("/environment/api-keys", "delete"),
    ] {
        assert!(document["paths"][path][method].is_object(), "{method} {path}");
    }
    assert!(document["components"]["securitySchemes"]["apiKey"].is_object());
}
