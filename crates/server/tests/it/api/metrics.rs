//! `GET /metrics`.

use dovetail_model::Scope;

use crate::kit::TestApp;

#[tokio::test]
async fn requests_are_counted_by_method_and_status() {
    let app = TestApp::new().await;
    app.get("/health").send().await;
    app.get("/nowhere").send().await;
    let answer = app.get("/metrics").bearer(&app.key_with(&[Scope::LOGS_READ]).await).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text();
    for line in [
        r#"dovetail_http_requests_total{method="GET",status="2xx"} 1"#,
        r#"dovetail_http_requests_total{method="GET",status="4xx"} 1"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
}

#[tokio::test]
async fn strangers_and_other_keys_read_nothing() {
    let app = TestApp::new().await;
    app.get("/metrics").send().await.refused(401, "missing_auth_header");
    app.get("/metrics").bearer(&app.key_with(&[Scope::PROXY]).await).send().await.refused(403, "forbidden");
    app.get("/metrics").bearer("x").send().await.refused(401, "invalid_secret_key_format");
}
