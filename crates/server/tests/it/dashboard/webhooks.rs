use std::time::Duration;

use dovetail_store::outbox::{self, AttemptRecord, NewDelivery, Outcome};

use super::browser::Browser;
use crate::kit::TestApp;

/// A delivery that was given up after one attempt.
async fn given_up(app: &TestApp) -> i64 {
    let message = NewDelivery {
        event_id: "evt_1".to_owned(),
        kind: "auth".to_owned(),
        connection: None,
        operation: None,
        url: "https://hooks.acme.test/x".to_owned(),
        headers: Vec::new(),
        body: r#"{"type":"auth"}"#.to_owned(),
    };
    let mut tx = app.state.store.begin().await.unwrap();
    let id = outbox::enqueue(&mut tx, app.dev, &message).await.unwrap();
    let leased = outbox::lease_due(&mut tx, 10, Duration::from_secs(30)).await.unwrap();
    let attempt = AttemptRecord {
        started_at: app.state.now(),
        took: Duration::from_millis(84),
        status: Some(410),
        error: None,
        answer: Some("gone".to_owned()),
    };
    let outcome = Outcome::Dead { reason: "The endpoint answered 410 Gone.".to_owned() };
    assert!(outbox::complete(&mut tx, &leased[0], &attempt, &outcome).await.unwrap());
    tx.commit().await.unwrap();
    id.0
}

#[tokio::test]
async fn a_dead_letter_is_shown_and_sent_again() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    assert!(browser.get("/dashboard/dev/webhooks").await.text().contains("No deliveries yet"));
    let id = given_up(&app).await;
    let list = browser.get("/dashboard/dev/webhooks?state=dead").await.text();
    assert!(list.contains("Given up") && list.contains("https://hooks.acme.test/x"));
    assert!(browser.get("/dashboard/dev/webhooks?state=delivered").await.text().contains("Nothing here"));

    let page = format!("/dashboard/dev/webhooks/{id}");
    let shown = browser.get(&page).await.text();
    for words in ["Answered 410 after 84 ms", "The endpoint answered 410 Gone.", "evt_1", "Send again"] {
        assert!(shown.contains(words), "{words}");
    }
    let answer = browser.submit(&format!("{page}/replay"), &[]).await;
    assert_eq!(answer.header("location"), format!("{page}?done=queued"));
    let shown = browser.get(&page).await.text();
    assert!(shown.contains("Waiting") && !shown.contains("Send again"));
    assert_eq!(browser.get(&format!("/dashboard/prod/webhooks/{id}")).await.status, 404);
}
