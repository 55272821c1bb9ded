use dovetail_activity::Beginning;
use dovetail_model::{Level, MessageContext, OperationKind, OperationState};
use dovetail_store::{audit_events, connections};
use serde_json::Map;

use super::browser::Browser;
use crate::kit::{Service, TestApp};

const KEY: &str = "key-of-a-linked-account";
const PAGE: &str = "/dashboard/dev/connections/coda/c-1";

/// A server with the integration `coda` and its connection `c-1`.
async fn linked() -> TestApp {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    app.connection_with_key("coda", "c-1", KEY).await;
    app
}

#[tokio::test]
async fn the_list_is_searched_and_filtered_in_the_url() {
    let app = linked().await;
    app.connection("coda", "c-2").await;
    let mut browser = Browser::signed_in(&app).await;
    let list = "/dashboard/dev/connections";
    let all = browser.get(list).await.text();
    assert!(all.contains("/connections/coda/c-1\"") && all.contains("/connections/coda/c-2\""));
    let one = browser.get(&format!("{list}?q=C-2&integration=coda")).await.text();
    assert!(!one.contains("/connections/coda/c-1\"") && one.contains("/connections/coda/c-2\""));
    for nothing in ["?q=zzz", "?status=error", "?tag=team%3Dops", "?integration=other", "?tag=team"] {
        let page = browser.get(&format!("{list}{nothing}")).await.text();
        assert!(page.contains("No connection matches"), "{nothing}");
    }
    assert!(
        browser.get("/dashboard/prod/connections").await.text().contains("No accounts are linked in prod")
    );
    assert_eq!(browser.get("/dashboard/prod/connections/coda/c-1").await.status, 404);
}

#[tokio::test]
async fn credentials_are_masked_until_revealed_and_the_reveal_is_audited() {
    let app = linked().await;
    let mut browser = Browser::signed_in(&app).await;
    let secret = KEY;
    let page = browser.get(PAGE).await.text();
    assert!(page.contains("apiKey") && !page.contains(secret));
    assert!(page.contains("Connection-Id: c-1"), "a ready command");

    let revealed = browser.submit(&format!("{PAGE}/reveal"), &[]).await;
    assert_eq!(revealed.status, 200);
    assert_eq!(revealed.header("cache-control"), "no-store");
    assert!(revealed.text().contains(secret));
    assert!(!browser.get(PAGE).await.text().contains(secret), "the next load is masked again");

    let mut db = app.state.store.read().await.unwrap();
    let filter = audit_events::Filter { environment: Some(app.dev), ..Default::default() };
    let events = audit_events::list(&mut db, &filter, 10).await.unwrap();
    let seen = events.iter().find(|event| event.event.action == "credentials_revealed").unwrap();
    assert_eq!(seen.event.targets[0].display, "c-1");
}

#[tokio::test]
async fn tags_metadata_and_webhook_url_are_edited() {
    let app = linked().await;
    let mut browser = Browser::signed_in(&app).await;
    let tags = [("key", "Team"), ("value", "ops"), ("key", ""), ("value", "")];
    let answer = browser.submit(&format!("{PAGE}/tags"), &tags).await;
    assert_eq!(answer.header("location"), format!("{PAGE}?done=tags"));
    let answer = browser.submit(&format!("{PAGE}/metadata"), &[("metadata", r#"{"plan":"pro"}"#)]).await;
    assert_eq!(answer.header("location"), format!("{PAGE}?done=metadata"));
    let url = "https://hooks.acme.test/x";
    let answer = browser.submit(&format!("{PAGE}/webhook"), &[("webhook_url_override", url)]).await;
    assert_eq!(answer.header("location"), format!("{PAGE}?done=webhook-url"), "{}", answer.text());
    let page = browser.get(PAGE).await.text();
    for words in [r#"value="team""#, r#"value="ops""#, "&#34;plan&#34;: &#34;pro&#34;", url] {
        assert!(page.contains(words), "{words}");
    }
    assert!(browser.get("/dashboard/dev/connections?tag=team%3Dops").await.text().contains("/coda/c-1\""));
}

#[tokio::test]
async fn what_is_not_valid_stays_in_the_form_with_its_reason() {
    let app = linked().await;
    let mut browser = Browser::signed_in(&app).await;
    for (form, fields, words) in [
        ("tags", [("key", "1st"), ("value", "x")], "cannot be a name"),
        ("metadata", [("metadata", "{\"a\":"), ("x", "")], "This is not JSON"),
        ("metadata", [("metadata", "[]"), ("x", "")], "no object"),
        (
            "webhook",
            [("webhook_url_override", "http://169.254.169.254/x"), ("x", "")],
            "does not send to this address",
        ),
        ("webhook", [("webhook_url_override", "nonsense"), ("x", "")], "This is not a URL"),
        ("delete", [("confirm", "c-2"), ("x", "")], "This is not the same text"),
    ] {
        let answer = browser.submit(&format!("{PAGE}/{form}"), &fields).await;
        assert_eq!(answer.status, 400, "{form}");
        assert!(answer.text().contains(words), "{form}: {words}");
    }
    assert_eq!(browser.get(PAGE).await.status, 200);
}

#[tokio::test]
async fn deleting_takes_the_typed_id() {
    let app = linked().await;
    let mut browser = Browser::signed_in(&app).await;
    let answer = browser.submit(&format!("{PAGE}/delete"), &[("confirm", "c-1")]).await;
    assert_eq!(answer.header("location"), "/dashboard/dev/connections?done=connection-deleted");
    assert_eq!(browser.get(PAGE).await.status, 404);
}

#[tokio::test]
async fn links_for_new_and_known_end_users() {
    let app = linked().await;
    let mut browser = Browser::signed_in(&app).await;
    let new = "/dashboard/dev/connections/new";
    let answer = browser.submit(new, &[("integration", "coda"), ("then", "open")]).await;
    assert_eq!(answer.status, 303);
    assert!(answer.header("location").starts_with("/connect/?session_token=nango_connect_session_"));

    let fields = [("integration", "coda"), ("end_user_id", "u_81"), ("end_user_email", "pia@acme.test")];
    let shown = browser.submit(new, &fields).await.text();
    assert!(shown.contains("https://dovetail.test/connect/?session_token=nango_connect_session_"));
    let answer = browser.submit(new, &[("end_user_id", ""), ("end_user_email", "pia")]).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("The id is missing."));
    let answer = browser.submit(new, &[("end_user_id", "u"), ("integration", "gone")]).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("Integration does not exist"));

    let again = browser.submit(&format!("{PAGE}/reconnect"), &[]).await;
    assert_eq!(again.status, 200);
    assert!(again.text().contains("https://dovetail.test/connect/?session_token=nango_connect_session_"));
}

#[tokio::test]
async fn a_check_keeps_what_the_service_says() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("coda", "coda").await;
    app.connection_with_key("coda", "c-1", KEY).await;
    let mut browser = Browser::signed_in(&app).await;
    assert!(browser.get(PAGE).await.text().contains("Not checked"));

    let good = browser.submit(&format!("{PAGE}/check"), &[]).await.text();
    assert!(good.contains("Coda answered 200") && good.contains("Working, checked"));
    assert!(service.seen()[0].ends_with(KEY), "the stored key was tried: {:?}", service.seen());

    service.answers(401, "{}");
    let bad = browser.submit(&format!("{PAGE}/check"), &[]).await.text();
    assert!(bad.contains("Coda answered 401") && bad.contains("Refused by the service"));
    let failing = browser.get("/dashboard/dev/connections?status=error").await.text();
    assert!(failing.contains("/connections/coda/c-1\""));
    app.state.activity.flush().await;
    assert!(browser.get(PAGE).await.text().contains("Connection test: failed"));

    service.answers(503, "{}");
    let down = browser.submit(&format!("{PAGE}/check"), &[]).await.text();
    assert!(down.contains("Nothing was changed.") && down.contains("Refused by the service"));
    assert!(!browser.submit(&format!("{PAGE}/check"), &[]).await.text().contains("Refused by the service"));
    assert!(
        browser.get("/dashboard/dev/connections?status=error").await.text().contains("No connection matches")
    );
}

#[tokio::test]
async fn a_gap_that_linking_left_is_told_with_its_operation() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    app.connection("coda", "c-1").await;
    let mut db = app.state.store.read().await.unwrap();
    let info = connections::by_key(&mut db, app.dev, "coda", "c-1").await.unwrap().unwrap().info;
    drop(db);
    let beginning = Beginning {
        integration: Some((info.integration, "coda".to_owned())),
        connection: Some((Some(info.id), "c-1".to_owned())),
        ..Beginning::new(OperationKind::AuthCreateConnection, app.dev)
    };
    let operation = beginning.operation(app.state.now(), &*app.state.random);
    let activity = &app.state.activity;
    activity.open(&operation);
    activity.note(
        &operation.id,
        Level::Warn,
        MessageContext::Auth,
        "Coda did not tell its region.",
        Map::new(),
    );
    activity.close(&operation.id, OperationState::Success);
    activity.flush().await;
    let mut browser = Browser::signed_in(&app).await;
    let page = browser.get("/dashboard/dev/connections/coda/c-1").await.text();
    assert!(page.contains("Linked, with a gap") && page.contains("Coda did not tell its region."), "{page}");
    assert!(page.contains(&format!("/dashboard/dev/activity/{}", operation.id)));
}

#[tokio::test]
async fn a_key_is_not_offered_to_be_refreshed() {
    let app = linked().await;
    let mut browser = Browser::signed_in(&app).await;
    let page = browser.get(PAGE).await.text();
    assert!(page.contains("Check now") && !page.contains("Refresh now"));
}
