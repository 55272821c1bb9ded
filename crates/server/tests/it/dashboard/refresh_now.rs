//! "Refresh now", and what the page of a connection tells of refreshing.

use std::time::Duration;

use dovetail_model::RefreshState;
use dovetail_store::connections;
use serde_json::json;

use super::browser::{Browser, csrf_of};
use crate::kit::{Service, TestApp};

const PAGE: &str = "/dashboard/dev/connections/kit/c";

/// A server with an OAuth 2 connection whose token ends in an hour.
async fn linked(service: &Service) -> TestApp {
    let app = TestApp::calling(service).await;
    app.integration("kit", "kit-oauth2").await;
    let body = json!({
        "provider_config_key": "kit", "connection_id": "c",
        "credentials": { "type": "OAUTH2", "access_token": "old", "refresh_token": "r1",
            "expires_at": app.state.now().plus(Duration::from_hours(1)).iso_z() },
    });
    assert_eq!(app.post("/connections").bearer(&app.key).json(body).send().await.status, 201);
    app
}

/// The text of a row of the page's list of facts.
fn fact(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("<dt>{name}</dt><dd>"))?;
    Some(rest.split_once("</dd>")?.0.to_owned())
}

async fn version(app: &TestApp) -> (i64, RefreshState) {
    let mut db = app.state.store.read().await.unwrap();
    let row = connections::by_key(&mut db, app.dev, "kit", "c").await.unwrap().unwrap();
    (row.version, row.info.refresh)
}

#[tokio::test]
async fn new_credentials_are_asked_for_and_the_page_tells_when() {
    let service = Service::start().await;
    let app = linked(&service).await;
    let mut browser = Browser::signed_in(&app).await;
    let before = browser.get(PAGE).await.text();
    assert!(before.contains("Refresh now"));
    assert_eq!(fact(&before, "Last refresh").as_deref(), Some("not yet"));
    assert!(
        fact(&before, "Next refresh").is_some() && fact(&before, "Credentials expire").is_some(),
        "{before}"
    );

    service.answers(200, r#"{"access_token":"new","refresh_token":"r2","expires_in":7200}"#);
    let answer = browser.submit(&format!("{PAGE}/refresh"), &[]).await;
    assert_eq!((answer.status, answer.header("location")), (303, &*format!("{PAGE}?done=refreshed")));
    assert_eq!(version(&app).await.0, 2);
    app.state.activity.flush().await;
    let after = browser.get(PAGE).await.text();
    assert_ne!(fact(&after, "Last refresh").as_deref(), Some("not yet"));
    assert_ne!(fact(&after, "Credentials expire"), fact(&before, "Credentials expire"));
    assert_ne!(fact(&after, "Next refresh"), fact(&before, "Next refresh"));
}

#[tokio::test]
async fn a_refusal_of_the_service_is_shown_with_its_reason_and_what_happens_next() {
    let service = Service::start().await;
    let app = linked(&service).await;
    let mut browser = Browser::signed_in(&app).await;
    service.answers(400, r#"{"error":"invalid_grant","error_description":"Token was revoked"}"#);
    let answer = browser.submit(&format!("{PAGE}/refresh"), &[]).await;
    assert_eq!(answer.status, 200);
    let text = answer.text();
    assert!(
        text.contains("The credentials were not refreshed") && text.contains("Token was revoked"),
        "{text}"
    );
    let page = browser.get(PAGE).await.text();
    assert!(page.contains("Refreshing has failed 1 time") && page.contains("Dovetail tries again"), "{page}");
    assert!(page.contains("Token was revoked"), "the last error");

    service.answers(200, r#"{"access_token":"new","refresh_token":"r2","expires_in":7200}"#);
    assert_eq!(browser.submit(&format!("{PAGE}/refresh"), &[]).await.status, 303);
    assert!(!browser.get(PAGE).await.text().contains("Refreshing has failed"));
    assert_eq!(version(&app).await, (2, RefreshState::Healthy));
}

#[tokio::test]
async fn another_environment_and_a_form_without_its_token_refresh_nothing() {
    let service = Service::start().await;
    let app = linked(&service).await;
    let mut browser = Browser::signed_in(&app).await;
    let elsewhere = "/dashboard/prod/connections/kit/c/refresh";
    assert_eq!(browser.submit(elsewhere, &[]).await.status, 404);
    let form = format!("{PAGE}/refresh");
    assert_eq!(browser.post_raw(&form, &[]).await.status, 403);
    let foreign = csrf_of(&Browser::signed_in_again(&app).await.get("/dashboard/environments/new").await);
    assert_eq!(browser.post_raw(&form, &[("csrf", &foreign)]).await.status, 403);
    let mut stranger = Browser::new(&app);
    stranger.get("/dashboard/sign-in").await;
    assert!([303, 403].contains(&stranger.submit(&form, &[]).await.status));
    assert_eq!(service.seen(), Vec::<String>::new());
    assert_eq!(version(&app).await.0, 1);
}
