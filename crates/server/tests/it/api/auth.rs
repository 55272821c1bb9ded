//! Who is let in, and how others are told that they are not.

use dovetail_model::Scope;

use crate::kit::TestApp;

const UNKNOWN_KEY: &str = "00000000-0000-4000-8000-000000000000";

/// Vector 1.
#[tokio::test]
async fn a_keyed_route_without_a_header_is_a_long_401() {
    let app = TestApp::new().await;
    insta::assert_json_snapshot!(app.get("/integrations").send().await.whole(), @r#"
    {
      "status": 401,
      "body": {
        "error": {
          "message": "The Authorization header is missing.",
          "code": "missing_auth_header",
          "payload": {}
        }
      }
    }
    "#);
}

/// Vector 2.
#[tokio::test]
async fn an_unknown_key_is_an_unknown_account() {
    let app = TestApp::new().await;
    let answer = app.get("/providers").bearer(UNKNOWN_KEY).send().await;
    answer.refused(401, "unknown_account");
    assert_eq!(answer.json()["error"]["payload"], serde_json::json!({}));
    assert_eq!(answer.header("referrer-policy"), "strict-origin");
}

#[tokio::test]
async fn a_key_that_is_no_uuid_v4_is_told_so() {
    let app = TestApp::new().await;
    for key in ["abc", "00000000-0000-1000-8000-000000000000"] {
        let answer = app.get("/integrations").bearer(key).send().await;
        answer.refused(401, "invalid_secret_key_format");
    }
    app.get("/integrations").bearer("nango_sbx_v1_x.y.z").send().await.refused(401, "unknown_account");
}

#[tokio::test]
async fn the_word_bearer_may_be_left_out() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/integrations").header("authorization", &app.key).send().await.status, 200);
    let upper = app.key.to_uppercase();
    assert_eq!(app.get("/integrations").bearer(&upper).send().await.status, 200);
}

/// Vector 8.
#[tokio::test]
async fn a_session_does_not_open_a_keyed_route() {
    let app = TestApp::new().await;
    let session = app.session(None).await;
    let answer = app.get("/integrations/x").bearer(&session).send().await;
    answer.refused(401, "invalid_secret_key_format");
}

/// Vector 9.
#[tokio::test]
async fn a_session_reads_providers_and_integrations() {
    let app = TestApp::new().await;
    let session = app.session(None).await;
    for path in ["/providers", "/providers/coda", "/integrations"] {
        assert_eq!(app.get(path).bearer(&session).send().await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_bad_session_token_is_reported_as_one() {
    let app = TestApp::new().await;
    let answer = app.get("/integrations").bearer("nango_connect_session_x").send().await;
    answer.refused(401, "invalid_connect_session_token_format");
    let unknown = format!("nango_connect_session_{}", "0".repeat(64));
    app.get("/integrations").bearer(&unknown).send().await.refused(401, "unknown_connect_session_token");
}

#[tokio::test]
async fn an_expired_session_is_unknown() {
    let app = TestApp::new().await;
    let session = app.session(None).await;
    app.clock.advance(std::time::Duration::from_mins(31));
    app.get("/integrations").bearer(&session).send().await.refused(401, "unknown_connect_session_token");
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let app = TestApp::new().await;
    let key = app.key_with(&[Scope::PROXY]).await;
    let answer = app.delete("/integrations/x").bearer(&key).send().await;
    insta::assert_json_snapshot!(answer.whole(), @r#"
    {
      "status": 403,
      "body": {
        "error": {
          "code": "forbidden",
          "message": "Insufficient scope. Required: environment:integrations:delete"
        }
      }
    }
    "#);
    let answer = app.get("/integrations").bearer(&key).send().await;
    assert_eq!(
        answer.json()["error"]["message"],
        "Insufficient scope. Required one of: environment:integrations:list or environment:integrations:list_credentials"
    );
}

#[tokio::test]
async fn a_key_of_the_account_has_no_environment() {
    let app = TestApp::new().await;
    let key = app.account_key(&[Scope::ACCOUNT]).await;
    app.get("/providers").bearer(&key).send().await.refused(403, "forbidden");
    app.get("/integrations").bearer(&key).send().await.refused(403, "forbidden");
}

#[tokio::test]
async fn an_operator_key_opens_its_environment_and_no_other() {
    let key = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
    let app = TestApp::with(|config| {
        config.environment_keys.insert("dev".to_owned(), key.into());
        config.environment_keys.insert("gone".to_owned(), UNKNOWN_KEY.into());
    })
    .await;
    app.integration("coda", "coda").await;
    let answer = app.get("/integrations/coda").bearer(key).send().await;
    assert_eq!(answer.status, 200);
    app.get("/integrations").bearer(UNKNOWN_KEY).send().await.refused(401, "unknown_account");
}

#[tokio::test]
async fn using_a_key_is_noted() {
    let app = TestApp::new().await;
    let used = async || {
        app.state.store.flush_touches().await.unwrap();
        let mut db = app.state.store.read().await.unwrap();
        dovetail_store::api_keys::list(&mut db, Some(app.dev)).await.unwrap()[0].last_used_at
    };
    assert_eq!(used().await, None);
    app.get("/integrations").bearer(&app.key).send().await;
    assert_eq!(used().await, Some(app.state.now()));
}
