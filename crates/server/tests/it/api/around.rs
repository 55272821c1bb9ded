//! What surrounds every route: paths, content types, bodies, CORS, security headers.

use axum::body::Body;
use http::Method;
use serde_json::json;

use crate::kit::TestApp;

#[tokio::test]
async fn an_unknown_path_is_a_json_404() {
    let app = TestApp::new().await;
    let answer = app.get("/nowhere").send().await;
    insta::assert_json_snapshot!(answer.whole(), @r#"
    {
      "status": 404,
      "body": {
        "error": {
          "code": "not_found"
        }
      }
    }
    "#);
    assert!(answer.header("content-type").starts_with("application/json"));
}

#[tokio::test]
async fn paths_match_in_any_case_with_or_without_a_trailing_slash() {
    let app = TestApp::new().await;
    for path in ["/health", "/Health", "/health/", "/HEALTH/?x=1"] {
        assert_eq!(app.get(path).send().await.status, 200, "{path}");
    }
    app.integration("Coda Prod", "coda").await;
    let answer = app.get("/Integrations/Coda%20Prod/").bearer(&app.key).send().await;
    assert_eq!(answer.json()["data"]["unique_key"], "Coda Prod");
}

#[tokio::test]
async fn head_is_answered_like_get_without_a_body() {
    let app = TestApp::new().await;
    let answer = app.request(Method::HEAD, "/health").send().await;
    assert_eq!((answer.status, answer.bytes.len()), (200, 0));
}

#[tokio::test]
async fn a_wrong_method_is_a_json_405() {
    let app = TestApp::new().await;
    app.request(Method::PUT, "/health").send().await.refused(405, "method_not_allowed");
}

/// Vector 3, on a route of this room.
#[tokio::test]
async fn another_content_type_is_refused_before_authentication() {
    let app = TestApp::new().await;
    let answer = app.post("/integrations").header("content-type", "application/octet-stream").send().await;
    answer.refused(415, "invalid_content_type");
    app.get("/integrations")
        .header("content-type", "text/plain")
        .send()
        .await
        .refused(415, "invalid_content_type");
}

/// Vector 4.
#[tokio::test]
async fn an_empty_content_type_passes() {
    let app = TestApp::new().await;
    app.post("/integrations").header("content-type", "").send().await.refused(401, "missing_auth_header");
}

/// Vector 5.
#[tokio::test]
async fn a_body_that_is_no_json_is_refused_before_authentication() {
    let app = TestApp::new().await;
    for body in ["undefined", "{", "\"x\"", "7"] {
        let answer =
            app.post("/integrations").header("content-type", "application/json").body(body).send().await;
        answer.refused(400, "invalid_json");
    }
}

#[tokio::test]
async fn an_empty_json_body_is_no_body() {
    let app = TestApp::new().await;
    let answer =
        app.get("/integrations").bearer(&app.key).header("content-type", "application/json").send().await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn preflights_are_answered_for_every_origin() {
    let app = TestApp::new().await;
    let answer = app
        .request(Method::OPTIONS, "/connections/x")
        .header("origin", "https://product.test")
        .header("access-control-request-method", "DELETE")
        .send()
        .await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-methods"), "GET,HEAD,PUT,PATCH,POST,DELETE");
    assert_eq!(answer.header("access-control-max-age"), "600");
    assert!(answer.header("access-control-allow-headers").contains("Provider-Config-Key"));
}

#[tokio::test]
async fn the_dashboard_is_readable_by_no_other_origin() {
    let app = TestApp::new().await;
    let answer = app.get("/dashboard/x").header("origin", "https://evil.test").send().await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn every_answer_has_security_headers() {
    let app = TestApp::new().await;
    for path in ["/health", "/integrations", "/nowhere"] {
        let answer = app.get(path).send().await;
        assert_eq!(answer.header("referrer-policy"), "strict-origin", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "SAMEORIGIN", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("x-powered-by"), "", "{path}");
    }
}

#[tokio::test]
async fn a_text_with_nul_is_refused_everywhere() {
    let app = TestApp::new().await;
    let body = json!({ "provider": "coda", "unique_key": "a", "display_name": "a\u{0}b" });
    app.post("/integrations").bearer(&app.key).json(body).send().await.refused(400, "invalid_body");
    app.get("/providers?search=%00").bearer(&app.key).send().await.refused(400, "invalid_query_params");
    app.get("/integrations/%00").bearer(&app.key).send().await.refused(400, "invalid_uri_params");
}

#[tokio::test]
async fn the_root_sends_a_browser_to_the_dashboard() {
    let app = TestApp::new().await;
    let answer = app.get("/").send().await;
    assert_eq!((answer.status, answer.header("location")), (303, "/dashboard"));
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused() {
    let app = TestApp::new().await;
    let huge = vec![b' '; 75 * 1024 * 1024 + 1];
    let answer = app.post("/integrations").bearer(&app.key).body(huge).send().await;
    answer.refused(413, "request_too_large");
}

#[tokio::test]
async fn a_large_body_is_read_from_known_callers_only() {
    let app = TestApp::new().await;
    let large = || Body::from(vec![b' '; 1024 * 1024 + 1]);
    let chunked = || {
        Body::from_stream(futures_util::stream::iter(
            [0, 1].map(|_| Ok::<_, std::io::Error>(vec![b' '; 700_000])),
        ))
    };
    let post = || app.post("/integrations").header("content-type", "application/json");
    post().body(large()).send().await.refused(401, "missing_auth_header");
    post().body(chunked()).send().await.refused(401, "missing_auth_header");
    post().body(chunked()).bearer(&app.key).send().await.refused(400, "invalid_json");
}

#[tokio::test]
async fn a_body_that_stops_arriving_is_given_up() {
    let app = TestApp::new().await;
    tokio::time::pause();
    let stalled = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let answer = app.post("/integrations").bearer(&app.key).body(stalled).send().await;
    answer.refused(408, "request_timeout");
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let app = TestApp::new().await;
    let (first, second) = (app.get("/health").send().await, app.get("/nowhere").send().await);
    assert_eq!(first.header("x-request-id").len(), 36);
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}
