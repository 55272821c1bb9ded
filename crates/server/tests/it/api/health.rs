//! `GET /health`, `GET /ready`.

use crate::kit::TestApp;

#[tokio::test]
async fn a_running_server_is_healthy_and_ready() {
    let app = TestApp::new().await;
    for path in ["/health", "/ready"] {
        let answer = app.get(path).send().await;
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(answer.whole(), @r#"
            {
              "status": 200,
              "body": {
                "result": "ok"
              }
            }
            "#);
        }
    }
}

#[tokio::test]
async fn a_draining_server_is_healthy_but_not_ready() {
    let app = TestApp::new().await;
    app.state.begin_draining();
    assert_eq!(app.get("/health").send().await.status, 200);
    let answer = app.get("/ready").send().await;
    assert_eq!((answer.status, answer.json()["result"].as_str()), (503, Some("not ready")));
}

#[tokio::test]
async fn a_server_without_its_database_is_not_ready_and_answers_500_with_an_id() {
    let app = TestApp::new().await;
    app.state.store.close().await;
    assert_eq!(app.get("/ready").send().await.status, 503);
    let answer = app.get("/integrations").bearer(&app.key).send().await;
    answer.refused(500, "generic_error_support");
    let body = answer.json();
    let id = body["error"]["payload"].as_str().unwrap();
    assert_eq!(id, answer.header("x-request-id"));
    assert_eq!(
        body["error"]["message"],
        format!("The server could not answer this request. Quote the id {id} when you ask about it.")
    );
}
