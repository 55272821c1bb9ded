//! `/connect/session/pairing` (RFC 8628; connect.md 13).

use std::time::Duration;

use serde_json::{Value, json};

use crate::kit::TestApp;

const PATH: &str = "/connect/session/pairing";
const PAGE: &str = "/connect/pair";

/// A code of the session, as the device shows it.
async fn code(app: &TestApp, token: &str) -> String {
    let answer = app.post(PATH).bearer(token).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["data"]["user_code"].as_str().unwrap().to_owned()
}

async fn standing(app: &TestApp, token: &str) -> Value {
    let answer = app.get(PATH).bearer(token).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["data"].clone()
}

/// Answers the page's question about a code; the token of the session that a yes opens.
async fn bring(app: &TestApp, code: &str, word: &str) -> Option<String> {
    let form = format!("code={code}&answer={word}");
    let request = app.post(PAGE).header("content-type", "application/x-www-form-urlencoded");
    let answer = request.header("sec-fetch-site", "same-origin").body(form).send().await;
    let target = answer.header("location").to_owned();
    target.split_once("session_token=").map(|(_, token)| token.to_owned())
}

#[tokio::test]
async fn a_code_is_described_in_the_words_of_the_standard() {
    let app = TestApp::new().await;
    let token = app.session(None).await;
    let answer = app.post(PATH).bearer(&token).json(json!({"client_name": "acme CLI"})).send().await;
    let data = answer.json()["data"].clone();
    let code = data["user_code"].as_str().unwrap().to_owned();
    assert!(regex(&code), "{code}");
    let page = app.state.config.absolute("/connect/pair");
    assert_eq!(
        (answer.status, data),
        (
            201,
            json!({
                "user_code": code, "verification_uri": page,
                "verification_uri_complete": format!("{page}?code={code}"), "expires_in": 600, "interval": 5
            })
        )
    );
    assert_eq!(standing(&app, &token).await, json!({"status": "pending"}));
}

fn regex(code: &str) -> bool {
    let groups: Vec<&str> = code.split('-').collect();
    groups.len() == 3
        && groups.iter().all(|group| group.len() == 3 && group.bytes().all(|b| b.is_ascii_uppercase()))
}

#[tokio::test]
async fn a_browser_that_brings_the_code_links_and_the_device_hears_of_it() {
    let app = TestApp::new().await;
    app.integration("open", "unauthenticated").await;
    let body = json!({"end_user": {"id": "u_9"}, "tags": {"team": "ops"}, "allowed_integrations": ["open"]});
    let made = app.post("/connect/sessions").bearer(&app.key).json(body).send().await.json();
    let token = made["data"]["token"].as_str().unwrap();
    let code = code(&app, token).await;
    let visitor = bring(&app, &code.to_lowercase(), "yes").await.unwrap();
    assert_ne!(visitor, token);
    assert_eq!(standing(&app, token).await, json!({"status": "confirmed"}));

    let seen = app.get("/connect/session").bearer(&visitor).send().await.json();
    assert_eq!(seen["data"]["endUser"]["id"], "u_9");
    assert_eq!(seen["data"]["allowed_integrations"], json!(["open"]));
    let path = format!("/auth/unauthenticated/open?connect_session_token={visitor}");
    let linked = app.post(&path).send().await.json();
    assert_eq!(
        standing(&app, token).await,
        json!({
            "status": "success", "providerConfigKey": "open", "connectionId": linked["connectionId"],
            "isPending": false
        })
    );
    let found = app.get("/connections?tags[team]=ops").bearer(&app.key).send().await.json();
    assert_eq!(found["connections"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_code_works_once_and_not_for_long() {
    let app = TestApp::new().await;
    let token = app.session(None).await;
    let first = code(&app, &token).await;
    assert!(bring(&app, &first, "yes").await.is_some());
    assert_eq!(bring(&app, &first, "yes").await, None);
    assert_eq!(app.get(&format!("{PAGE}?code={first}")).send().await.status, 404);

    let second = code(&app, &token).await;
    app.clock.advance(Duration::from_mins(10));
    assert_eq!(bring(&app, &second, "yes").await, None);
    assert_eq!(standing(&app, &token).await["errorType"], "expired_token");
    // Twenty minutes are left of the session's thirty, and a code of its last minutes ends with it.
    app.clock.advance(Duration::from_mins(15));
    let answer = app.post(PATH).bearer(&token).send().await.json();
    assert_eq!(answer["data"]["expires_in"], 300);
}

#[tokio::test]
async fn a_new_code_ends_the_one_before_and_the_browser_that_brought_it() {
    let app = TestApp::new().await;
    let token = app.session(None).await;
    let first = code(&app, &token).await;
    let visitor = bring(&app, &first, "yes").await.unwrap();
    let second = code(&app, &token).await;
    app.get("/connect/session").bearer(&visitor).send().await.refused(401, "unknown_connect_session_token");
    assert_eq!(standing(&app, &token).await, json!({"status": "pending"}));
    let visitor = bring(&app, &second, "yes").await.unwrap();
    // The browser's session ends with the device's.
    assert_eq!(app.delete("/connect/session").bearer(&token).send().await.status, 204);
    app.get("/connect/session").bearer(&visitor).send().await.refused(401, "unknown_connect_session_token");
}

#[tokio::test]
async fn a_code_of_a_session_that_ended_opens_nothing() {
    let app = TestApp::new().await;
    let token = app.session(None).await;
    let code = code(&app, &token).await;
    assert_eq!(app.delete("/connect/session").bearer(&token).send().await.status, 204);
    assert_eq!(bring(&app, &code, "yes").await, None);
}

#[tokio::test]
async fn a_no_ends_the_code_and_tells_the_device() {
    let app = TestApp::new().await;
    let token = app.session(None).await;
    let code = code(&app, &token).await;
    assert_eq!(bring(&app, &code, "no").await, None);
    assert_eq!(
        standing(&app, &token).await,
        json!({
            "status": "error", "errorType": "access_denied",
            "errorMessage": "Whoever read the code had not asked for it. Nothing is linked."
        })
    );
    assert_eq!(bring(&app, &code, "yes").await, None);
}

#[tokio::test]
async fn only_a_live_session_pairs_and_only_its_own_code_is_told() {
    let app = TestApp::new().await;
    let token = app.session(None).await;
    let other = app.session(None).await;
    code(&app, &token).await;
    app.get(PATH).bearer(&other).send().await.refused(404, "not_found");
    for (method, bearer, refusal) in [
        ("post", app.key.as_str(), "invalid_connect_session_token_format"),
        ("get", app.key.as_str(), "invalid_connect_session_token_format"),
        ("post", "", "missing_auth_header"),
        ("get", "", "missing_auth_header"),
    ] {
        let request = if method == "post" { app.post(PATH) } else { app.get(PATH) };
        let request = if bearer.is_empty() { request } else { request.bearer(bearer) };
        request.send().await.refused(401, refusal);
    }
    app.post(&format!("{PATH}?x=1")).bearer(&token).send().await.refused(400, "invalid_query_params");
    for body in [json!({"client_name": ""}), json!({"client_name": "x".repeat(65)}), json!({"name": "x"})] {
        app.post(PATH).bearer(&token).json(body).send().await.refused(400, "invalid_body");
    }
}
