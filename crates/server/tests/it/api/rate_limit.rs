//! Requests a minute.

use std::time::Duration;

use crate::kit::TestApp;

#[tokio::test]
async fn an_authenticated_answer_tells_what_remains() {
    let app = TestApp::with(|config| config.rate_limit_per_min = 2).await;
    let answer = app.get("/integrations").bearer(&app.key).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-ratelimit-limit"), "2");
    assert_eq!(answer.header("x-ratelimit-remaining"), "1");
    assert_eq!(answer.header("x-ratelimit-reset"), "1770091566");
}

#[tokio::test]
async fn a_caller_above_the_limit_waits_for_the_window_to_end() {
    let app = TestApp::with(|config| config.rate_limit_per_min = 1).await;
    assert_eq!(app.get("/integrations").bearer(&app.key).send().await.status, 200);
    app.clock.advance(Duration::from_millis(15_500));
    let answer = app.get("/integrations").bearer(&app.key).send().await;
    insta::assert_json_snapshot!(answer.whole(), @r#"
    {
      "status": 429,
      "body": {
        "error": {
          "code": "too_many_request",
          "method": "GET",
          "path": "/integrations"
        }
      }
    }
    "#);
    assert_eq!(answer.header("retry-after"), "44");
    assert_eq!(answer.header("x-ratelimit-remaining"), "0");
    app.clock.advance(Duration::from_millis(44_500));
    assert_eq!(app.get("/integrations").bearer(&app.key).send().await.status, 200);
}

#[tokio::test]
async fn sessions_are_counted_apart_from_keys() {
    let app = TestApp::with(|config| config.rate_limit_per_min = 1).await;
    let session = app.session(None).await;
    assert_eq!(app.get("/integrations").bearer(&app.key).send().await.status, 200);
    assert_eq!(app.get("/integrations").bearer(&session).send().await.status, 200);
    assert_eq!(app.get("/integrations").bearer(&session).send().await.status, 429);
}

#[tokio::test]
async fn the_limit_comes_before_scope_and_validation() {
    let app = TestApp::with(|config| config.rate_limit_per_min = 1).await;
    let key = app.key_with(&[dovetail_model::Scope::PROXY]).await;
    assert_eq!(app.get("/integrations?x=1").bearer(&key).send().await.status, 403);
    assert_eq!(app.get("/integrations?x=1").bearer(&key).send().await.status, 429);
}

#[tokio::test]
async fn failed_authentications_carry_no_headers_and_end_in_429() {
    let app = TestApp::with(|config| config.rate_limit_per_min = 1).await;
    for _ in 0..300 {
        let answer = app.get("/integrations").bearer("x").send().await;
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (401, ""));
    }
    app.get("/integrations").bearer("x").send().await.refused(429, "too_many_request");
    // A good key from the same address does not pay for it.
    assert_eq!(app.get("/integrations").bearer(&app.key).send().await.status, 200);
}

#[tokio::test]
async fn the_public_catalogue_is_limited_by_address() {
    let app = TestApp::with(|config| config.rate_limit_per_min = 1).await;
    assert_eq!(app.get("/providers.json").send().await.status, 200);
    assert_eq!(app.get("/providers.json").send().await.status, 429);
}
