use std::time::Duration;

use dovetail_store::audit_events;

use super::browser::{Browser, OWNER, PASSWORD, csrf_of, setup_token};
use crate::kit::TestApp;

#[tokio::test]
async fn the_first_page_asks_to_sign_in_and_remembers_where_to_go() {
    let app = TestApp::new().await;
    let answer = app.get("/dashboard/dev/connections?q=pia").send().await;
    assert_eq!(answer.status, 303);
    assert_eq!(
        answer.header("location"),
        "/dashboard/sign-in?next=%2Fdashboard%2Fdev%2Fconnections%3Fq%3Dpia"
    );
}

#[tokio::test]
async fn the_set_up_link_makes_the_owner_once() {
    let app = TestApp::new().await;
    let token = setup_token(&app).await;
    let mut browser = Browser::signed_in_with(&app, &token).await;
    let home = browser.get("/dashboard").await;
    assert_eq!(home.header("location"), "/dashboard/dev");
    let page = browser.get("/dashboard/dev").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Getting started") && page.text().contains(OWNER));

    let mut other = Browser::new(&app);
    let again = other.get(&format!("/dashboard/setup?token={token}")).await;
    assert_eq!(again.status, 403);
    assert!(again.text().contains("This set-up link does not work"));
}

#[tokio::test]
async fn a_wrong_set_up_token_makes_nobody() {
    let app = TestApp::new().await;
    setup_token(&app).await;
    let mut browser = Browser::new(&app);
    assert_eq!(browser.get("/dashboard/setup?token=wrong").await.status, 403);
    let fields = [("token", "wrong"), ("email", OWNER), ("password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(browser.submit("/dashboard/setup", &fields).await.status, 403);
    let mut db = app.state.store.read().await.unwrap();
    assert!(!dovetail_store::users::exist(&mut db).await.unwrap());
}

#[tokio::test]
async fn set_up_tells_what_to_correct_and_keeps_the_address() {
    let app = TestApp::new().await;
    let token = setup_token(&app).await;
    let mut browser = Browser::new(&app);
    let fields = [("token", token.as_str()), ("email", OWNER), ("password", "short"), ("again", "shorter")];
    let answer = browser.submit("/dashboard/setup", &fields).await;
    let text = answer.text();
    assert_eq!(answer.status, 400);
    assert!(text.contains("Use at least 12 characters.") && text.contains("The two passwords differ."));
    assert!(text.contains(OWNER) && !text.contains("shorter"));
}

#[tokio::test]
async fn signing_in_and_out() {
    let app = TestApp::new().await;
    drop(Browser::signed_in(&app).await);
    let mut browser = Browser::new(&app);
    let fields = [("email", "Ada@Acme.test"), ("password", PASSWORD), ("next", "/dashboard/prod/settings")];
    let answer = browser.submit("/dashboard/sign-in", &fields).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/dashboard/prod/settings"));
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    assert_eq!(browser.get("/dashboard/prod/settings").await.status, 200);

    let old = browser.cookie_header();
    let answer = browser.submit("/dashboard/sign-out", &[]).await;
    assert_eq!(answer.header("location"), "/dashboard/sign-in?done=signed-out");
    assert_eq!(browser.cookie("dovetail_session"), None);
    let stolen = app.get("/dashboard/dev").header("cookie", &old).send().await;
    assert_eq!(stolen.status, 303, "the session ended on the server too");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_read_the_same() {
    let app = TestApp::new().await;
    drop(Browser::signed_in(&app).await);
    let mut sentences = Vec::new();
    for (email, password) in [(OWNER, "wrong horse battery"), ("nobody@acme.test", PASSWORD)] {
        let mut browser = Browser::new(&app);
        let answer = browser.submit("/dashboard/sign-in", &[("email", email), ("password", password)]).await;
        assert_eq!(answer.status, 401);
        assert!(!answer.text().contains(password));
        let text = answer.text();
        let (_, rest) = text.split_once("role=\"alert\"").unwrap();
        sentences.push(rest.split_once("</div>").unwrap().0.to_owned());
    }
    assert_eq!(sentences[0], sentences[1]);
    let mut db = app.state.store.read().await.unwrap();
    let filter = audit_events::Filter { actions: vec!["login".to_owned()], ..Default::default() };
    assert_eq!(
        audit_events::list(&mut db, &filter, 10).await.unwrap().len(),
        2,
        "both are in the audit trail"
    );
}

#[tokio::test]
async fn guessing_is_stopped_and_the_right_password_waits_too() {
    let app = TestApp::new().await;
    drop(Browser::signed_in(&app).await);
    let mut browser = Browser::new(&app);
    browser.get("/dashboard/sign-in").await;
    let token = csrf_of(&browser.get("/dashboard/sign-in").await);
    for _ in 0..10 {
        let fields = [("csrf", token.as_str()), ("email", OWNER), ("password", "x")];
        assert_eq!(browser.post_raw("/dashboard/sign-in", &fields).await.status, 401);
    }
    let right = [("csrf", token.as_str()), ("email", OWNER), ("password", PASSWORD)];
    let answer = browser.post_raw("/dashboard/sign-in", &right).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "901"));
    app.clock.advance(Duration::from_mins(15));
    assert_eq!(browser.post_raw("/dashboard/sign-in", &right).await.status, 303);
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_after_two_weeks_at_last() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    app.clock.advance(Duration::from_hours(11));
    assert_eq!(browser.get("/dashboard/dev").await.status, 200);
    app.clock.advance(Duration::from_hours(11));
    assert_eq!(browser.get("/dashboard/dev").await.status, 200, "use moves the end");
    app.clock.advance(Duration::from_hours(12));
    assert_eq!(browser.get("/dashboard/dev").await.status, 303);

    let fields = [("email", OWNER), ("password", PASSWORD)];
    let mut browser = Browser::new(&app);
    assert_eq!(browser.submit("/dashboard/sign-in", &fields).await.status, 303);
    for hour in 0..14 * 24 / 10 {
        app.clock.advance(Duration::from_hours(10));
        assert_eq!(browser.get("/dashboard/dev").await.status, 200, "hour {hour}");
    }
    app.clock.advance(Duration::from_hours(10));
    assert_eq!(browser.get("/dashboard/dev").await.status, 303, "no use moves the absolute end");
}
