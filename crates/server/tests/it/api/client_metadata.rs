//! `GET /oauth/client-metadata/{environmentUuid}/{providerConfigKey}` (auth-modes.md 8.3).

use dovetail_store::environments;

use crate::kit::TestApp;

#[tokio::test]
async fn a_server_that_is_not_reached_over_https_has_no_document() {
    let app = TestApp::with(|config| config.public_url = "http://localhost:3003".parse().unwrap()).await;
    app.get("/oauth/client-metadata/not-a-uuid/kit").send().await.refused(400, "invalid_uri_params");
    let path = "/oauth/client-metadata/7c1f3c58-0d55-4a4e-9d4a-6a2f5b1c0e11/kit";
    app.get(path).send().await.refused(404, "feature_disabled");
}

#[tokio::test]
async fn the_document_names_the_client_by_its_own_address() {
    let app = TestApp::new().await;
    let environment = environments::get(&mut app.state.store.read().await.unwrap(), app.dev).await.unwrap();
    let uuid = environment.unwrap().uuid;
    app.integration("notes", "kit-mcp").await;
    app.integration("coda", "coda").await;
    let answer = app.get(&format!("/oauth/client-metadata/{uuid}/notes")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let document = answer.json();
    assert_eq!(document["client_id"], format!("https://dovetail.test/oauth/client-metadata/{uuid}/notes"));
    assert_eq!(document["redirect_uris"][0], "https://dovetail.test/oauth/callback");
    assert_eq!(document["token_endpoint_auth_method"], "none");
    for (path, code) in [
        (format!("/oauth/client-metadata/{uuid}/coda"), "unknown_provider_config"),
        (format!("/oauth/client-metadata/{uuid}/nope"), "unknown_provider_config"),
        (
            "/oauth/client-metadata/7c1f3c58-0d55-4a4e-9d4a-6a2f5b1c0e11/notes".to_owned(),
            "unknown_environment",
        ),
    ] {
        app.get(&path).send().await.refused(404, code);
    }
}
