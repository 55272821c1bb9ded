//! `/providers`, `/providers.json`.

use dovetail_model::Scope;

use crate::kit::TestApp;

#[tokio::test]
async fn the_list_holds_every_provider_in_order() {
    let app = TestApp::new().await;
    let answer = app.get("/providers").bearer(&app.key).send().await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    let names: Vec<&str> =
        body["data"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"coda") && names.contains(&"ordinal"));
    assert!(names.is_sorted());
}

/// Vector 22.
#[tokio::test]
async fn a_search_is_a_substring_of_the_name() {
    let app = TestApp::new().await;
    let answer = app.get("/providers?search=foobar-none").bearer(&app.key).send().await;
    insta::assert_json_snapshot!(answer.whole(), @r#"
    {
      "status": 200,
      "body": {
        "data": []
      }
    }
    "#);
    let found = app.get("/providers?search=CODA").bearer(&app.key).send().await.json();
    assert_eq!(found["data"][0]["name"], "coda");
}

#[tokio::test]
async fn a_provider_is_its_definition_with_absolute_links() {
    let app = TestApp::new().await;
    let key = app.key_with(&[Scope::PROXY]).await;
    let answer =
        app.get("/providers/coda").bearer(&key).header("accept-language", "de;q=0.9,fr").send().await;
    assert_eq!(answer.status, 200);
    let data = &answer.json()["data"];
    assert_eq!(data["name"], "coda");
    assert_eq!(data["auth_mode"], "API_KEY");
    assert_eq!(data["docs"], "https://dovetail.test/guides/coda");
    assert_eq!(data["docs_connect"], "https://dovetail.test/guides/coda");
    assert_eq!(data["logo_url"], "https://dovetail.test/images/template-logos/coda.svg");
    assert_eq!(data["credentials"]["apiKey"]["type"], "string");
}

/// Vector 23.
#[tokio::test]
async fn an_unknown_provider_is_not_found() {
    let app = TestApp::new().await;
    app.get("/providers/none").bearer(&app.key).send().await.refused(404, "not_found");
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    let app = TestApp::new().await;
    app.get("/providers/a.b").bearer(&app.key).send().await.refused(400, "invalid_uri_params");
    app.get("/providers/coda?x=1").bearer(&app.key).send().await.refused(400, "invalid_query_params");
    app.get("/providers?search=%C3%A9").bearer(&app.key).send().await.refused(400, "invalid_query_params");
    let session = app.session(None).await;
    let answer =
        app.get(&format!("/providers?connect_session_token={session}")).bearer(&session).send().await;
    answer.refused(400, "invalid_query_params");
}

#[tokio::test]
async fn nobody_reads_providers_unauthenticated() {
    let app = TestApp::new().await;
    for path in ["/providers", "/providers/coda"] {
        app.get(path).send().await.refused(401, "missing_auth_header");
    }
}

#[tokio::test]
async fn the_whole_catalogue_is_one_public_object() {
    let app = TestApp::new().await;
    let answer = app.get("/providers.json").send().await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(body["coda"]["display_name"], "Coda");
    assert!(body["coda"].get("name").is_none() && body["coda"].get("logo_url").is_none());
}
