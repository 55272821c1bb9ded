//! `GET /images/template-logos/{file}`.

use crate::kit::TestApp;

#[tokio::test]
async fn every_provider_has_a_picture() {
    let app = TestApp::new().await;
    let answer = app.get("/images/template-logos/coda.svg").send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "image/svg+xml");
    assert_eq!(answer.header("cache-control"), "public, max-age=86400");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(answer.text().contains("<title>Coda</title>"));
}

#[tokio::test]
async fn there_is_no_picture_of_anything_else() {
    let app = TestApp::new().await;
    for file in ["none.svg", "coda.png", "coda", "..%2Fcoda.svg", ".svg"] {
        app.get(&format!("/images/template-logos/{file}")).send().await.refused(404, "not_found");
    }
}
