//! The activity log.

use super::browser::Browser;
use crate::kit::{Service, TestApp};

#[tokio::test]
async fn an_attempt_is_listed_found_and_told_in_full() {
    let service = Service::start().await;
    service.answers(401, r#"{"message":"bad key"}"#);
    let app = TestApp::calling(&service).await;
    app.integration("coda", "coda").await;
    let mut browser = Browser::signed_in(&app).await;
    let list = "/dashboard/dev/activity";
    assert!(browser.get(list).await.text().contains("Nothing happened in dev yet"));

    let token = app.session(None).await;
    let link = format!("/api-auth/api-key/coda?connect_session_token={token}");
    let answer = app.post(&link).json(serde_json::json!({ "apiKey": "k_live_1" })).send().await;
    assert_eq!(answer.status, 400);
    app.state.activity.flush().await;

    let page =
        browser.get(&format!("{list}?state=failed&type=auth&integration=coda&period=day")).await.text();
    assert!(page.contains("Link an account") && page.contains("Failed"), "{page}");
    assert!(browser.get(&format!("{list}?state=success")).await.text().contains("No operation matches"));
    assert!(browser.get(&format!("{list}?type=proxy")).await.text().contains("No operation matches"));
    let (_, rest) = page.split_once("class=\"row-link\" href=\"").unwrap();
    let detail = browser.get(rest.split_once('"').unwrap().0).await;
    assert_eq!(detail.status, 200);
    let text = detail.text();
    assert!(text.contains("The credentials were not kept.") && text.contains("401"), "{text}");
    assert!(!text.contains("k_live_1"));
    let other = rest.split_once('"').unwrap().0.replace("/dev/", "/prod/");
    assert_eq!(browser.get(&other).await.status, 404, "another environment");
}
