//! Refreshing on reads and proxied calls (auth-modes.md 28.6), with the real token request against a scripted service.

use std::time::Duration;

use dovetail_model::{OperationKind, OperationState};
use dovetail_store::operations::{self, Filter};
use dovetail_store::{connections, environments, outbox};
use serde_json::{Value, json};

use crate::kit::{Answer, Service, TestApp};

const READ: &str = "/connections/c?provider_config_key=kit";
const RENEWED: &str = r#"{"access_token":"new","refresh_token":"r2","expires_in":3600}"#;
const DEAD: &str = r#"{"error":"invalid_grant","error_description":"Token was revoked"}"#;

/// A connection whose access token ends in an hour.
async fn linked(service: &Service, refresh_token: Option<&str>, expires_at: Option<&str>) -> TestApp {
    let app = TestApp::calling(service).await;
    app.integration("kit", "kit-oauth2").await;
    let mut credentials = json!({"type": "OAUTH2", "access_token": "old"});
    if let Some(token) = refresh_token {
        credentials["refresh_token"] = json!(token);
    }
    if let Some(at) = expires_at {
        credentials["expires_at"] = json!(at);
    }
    let body = json!({"provider_config_key": "kit", "connection_id": "c", "credentials": credentials});
    let answer = app.post("/connections").bearer(&app.key).json(body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    app
}

const IN_AN_HOUR: Option<&str> = Some("2026-02-03T05:05:06.789Z");

async fn read(app: &TestApp, more: &str) -> Answer {
    app.get(&format!("{READ}{more}")).bearer(&app.key).send().await
}

fn token(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["credentials"]["access_token"].clone()
}

fn reason(answer: &Answer) -> Value {
    assert_eq!(answer.code(), "invalid_credentials");
    answer.json()["error"]["payload"]["reason"].clone()
}

#[tokio::test]
async fn a_fresh_token_is_answered_without_asking_anybody() {
    let service = Service::start().await;
    let app = linked(&service, Some("r1"), IN_AN_HOUR).await;
    assert_eq!(token(&read(&app, "").await), "old");
    app.clock.advance(Duration::from_mins(47));
    assert_eq!(token(&read(&app, "").await), "old");
    assert_eq!(service.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn a_token_about_to_expire_is_renewed_once_and_its_successor_is_kept() {
    let service = Service::start().await;
    let app = linked(&service, Some("r1"), IN_AN_HOUR).await;
    app.clock.advance(Duration::from_mins(50));
    service.answers(200, RENEWED);
    assert_eq!(token(&read(&app, "").await), "new");
    assert_eq!(token(&read(&app, "").await), "new");
    assert_eq!(service.seen().len(), 1, "{:?}", service.seen());
    let whole = read(&app, "&refresh_token=true").await.json();
    assert_eq!(whole["credentials"]["refresh_token"], "r2");
    assert_eq!(whole["credentials"]["expires_at"], "2026-02-03T05:55:06.789Z");
    app.state.activity.flush().await;
    let mut db = app.state.store.read().await.unwrap();
    let logged = operations::list(&mut db, app.dev, &Filter::default(), 10).await.unwrap();
    let refresh = logged.iter().find(|one| one.kind == OperationKind::AuthRefreshToken).unwrap();
    assert_eq!(refresh.state, OperationState::Success);
    let metrics = app.state.metrics.render();
    let counted = "dovetail_credential_refreshes_total{provider=\"kit-oauth2\",outcome=\"renewed\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn readers_at_once_share_one_request() {
    let service = Service::start().await;
    let app = linked(&service, Some("r1"), IN_AN_HOUR).await;
    app.clock.advance(Duration::from_hours(2));
    service.answers(200, RENEWED);
    let answers = futures_util::future::join_all((0..20).map(|_| read(&app, ""))).await;
    assert!(answers.iter().all(|answer| token(answer) == "new"));
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test]
async fn a_forced_refresh_asks_although_the_token_is_valid() {
    let service = Service::start().await;
    let app = linked(&service, Some("r1"), IN_AN_HOUR).await;
    service.answers(200, r#"{"access_token":"new"}"#);
    assert_eq!(token(&read(&app, "&force_refresh=true").await), "new");
    let whole = read(&app, "&refresh_token=true").await.json();
    assert_eq!(whole["credentials"]["refresh_token"], "r1", "none was returned, so the old one is kept");
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test]
async fn without_a_refresh_token_nothing_is_asked_and_the_end_is_told() {
    let service = Service::start().await;
    let app = linked(&service, None, IN_AN_HOUR).await;
    assert_eq!(token(&read(&app, "&force_refresh=true").await), "old");
    app.clock.advance(Duration::from_hours(2));
    let answer = read(&app, "").await;
    answer.refused(424, "invalid_credentials");
    assert_eq!(reason(&answer), "expired");
    assert_eq!(answer.json()["error"]["payload"]["connection"]["credentials"], json!({}));
    assert_eq!(service.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn an_unknown_end_is_not_renewed_by_reading() {
    let service = Service::start().await;
    let app = linked(&service, Some("r1"), None).await;
    app.clock.advance(Duration::from_hours(20));
    assert_eq!(token(&read(&app, "").await), "old");
    assert_eq!(service.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn a_dead_grant_is_told_held_back_confirmed_and_given_up_until_a_forced_refresh_succeeds() {
    let service = Service::start().await;
    let app = linked(&service, Some("r1"), IN_AN_HOUR).await;
    let mut tx = app.state.store.begin().await.unwrap();
    let settings = dovetail_model::WebhookSettings {
        primary_url: Some("https://product.test/hook".to_owned()),
        ..dovetail_model::WebhookSettings::for_new_environment()
    };
    environments::set_webhooks(&mut tx, app.dev, &settings).await.unwrap();
    tx.commit().await.unwrap();
    app.clock.advance(Duration::from_hours(2));

    service.answers(400, DEAD);
    let first = read(&app, "").await;
    first.refused(400, "invalid_credentials");
    assert_eq!(reason(&first), "revoked");
    let problems = &first.json()["error"]["payload"]["connection"]["errors"];
    assert_eq!(problems[0]["type"], "auth");

    app.clock.advance(Duration::from_secs(29));
    let held = read(&app, "").await;
    held.refused(424, "invalid_credentials");
    assert_eq!(reason(&held), "backoff");
    assert_eq!(service.seen().len(), 1);

    app.clock.advance(Duration::from_secs(2));
    service.answers(400, DEAD);
    read(&app, "").await.refused(400, "invalid_credentials");
    app.clock.advance(Duration::from_hours(5));
    let given_up = read(&app, "").await;
    given_up.refused(424, "invalid_credentials");
    assert_eq!(reason(&given_up), "revoked");
    assert_eq!(service.seen().len(), 2);

    service.answers(200, RENEWED);
    assert_eq!(token(&read(&app, "&force_refresh=true").await), "new");
    assert_eq!(read(&app, "").await.json()["errors"], json!([]));
    let mut db = app.state.store.read().await.unwrap();
    let queued = outbox::list(&mut db, app.dev, outbox::Filter::All, None, 10).await.unwrap();
    let mut told: Vec<Value> =
        queued.iter().map(|one| serde_json::from_str(&one.message.body).unwrap()).collect();
    told.reverse();
    let turns: Vec<_> = told.iter().map(|one| (&one["operation"], &one["success"])).collect();
    let refresh = json!("refresh");
    assert_eq!(turns, [(&refresh, &json!(false)), (&refresh, &json!(false)), (&refresh, &json!(true))]);
    assert_eq!(told[0]["error"]["type"], "refresh_token_external_error");
}

#[tokio::test]
async fn an_outage_leaves_a_valid_token_in_use_and_gives_nothing_up() {
    let service = Service::start().await;
    let app = linked(&service, Some("r1"), IN_AN_HOUR).await;
    app.clock.advance(Duration::from_mins(50));
    service.answers(503, "{}");
    assert_eq!(token(&read(&app, "").await), "old");
    app.clock.advance(Duration::from_mins(11));
    service.answers(503, "{}");
    let answer = read(&app, "").await;
    answer.refused(400, "invalid_credentials");
    assert_eq!(reason(&answer), "network");
    app.clock.advance(Duration::from_hours(1));
    service.answers(200, RENEWED);
    assert_eq!(token(&read(&app, "").await), "new");
}

#[tokio::test]
async fn a_proxied_call_renews_before_it_and_once_more_when_the_service_refuses() {
    let service = Service::start().await;
    let app = linked(&service, Some("r1"), IN_AN_HOUR).await;
    app.clock.advance(Duration::from_hours(2));
    service.answers(200, RENEWED);
    service.answers(401, "{}");
    service.answers(200, r#"{"access_token":"newer","refresh_token":"r3","expires_in":3600}"#);
    service.answers(200, r#"{"ok":true}"#);
    let call = app.get("/proxy/me").bearer(&app.key);
    let call = call.header("provider-config-key", "kit").header("connection-id", "c");
    let answer = call.send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json(), json!({"ok": true}));
    assert_eq!(answer.header("dovetail-proxy-refreshed"), "true");
    let seen = service.seen();
    assert_eq!(seen.len(), 4, "{seen:?}");
    assert!(seen[1].ends_with("Bearer new"), "{seen:?}");
    assert!(seen[3].ends_with("Bearer newer"), "{seen:?}");
}

#[tokio::test]
async fn a_proxied_call_says_why_there_are_no_credentials() {
    let service = Service::start().await;
    let app = linked(&service, Some("r1"), IN_AN_HOUR).await;
    app.clock.advance(Duration::from_hours(2));
    let call = async || {
        let call = app.get("/proxy/x").bearer(&app.key);
        call.header("provider-config-key", "kit").header("connection-id", "c").send().await
    };
    service.answers(400, DEAD);
    call().await.refused(400, "server_error");
    call().await.refused(424, "connection_refresh_backoff");
    app.clock.advance(Duration::from_secs(31));
    service.answers(400, DEAD);
    call().await.refused(400, "server_error");
    let given_up = call().await;
    given_up.refused(424, "server_error");
    let said =
        "Failed to get connection credentials: 'The refresh limit has been reached for this connection.'";
    assert_eq!(given_up.json()["error"]["message"], said);
}

#[tokio::test]
async fn a_connection_deleted_during_its_refresh_is_gone() {
    let service = Service::start().await;
    let app = linked(&service, Some("r1"), IN_AN_HOUR).await;
    let mut db = app.state.store.read().await.unwrap();
    let stored = connections::by_key(&mut db, app.dev, "kit", "c").await.unwrap().unwrap();
    drop(db);
    let mut tx = app.state.store.begin().await.unwrap();
    connections::delete(&mut tx, app.dev, stored.info.id).await.unwrap();
    tx.commit().await.unwrap();
    read(&app, "&force_refresh=true").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_forced_refresh_that_is_refused_says_so_and_a_forced_one_is_never_held_back() {
    let service = Service::start().await;
    let app = linked(&service, Some("r1"), IN_AN_HOUR).await;
    for _ in 0..2 {
        service.answers(400, r#"{"error":"invalid_client"}"#);
        let answer = read(&app, "&force_refresh=true").await;
        answer.refused(400, "invalid_credentials");
        assert_eq!(reason(&answer), "provider_error");
    }
    assert_eq!(service.seen().len(), 2);
    assert_eq!(token(&read(&app, "").await), "old", "it is still valid");
}

#[tokio::test]
async fn a_key_of_another_environment_refreshes_nothing() {
    let service = Service::start().await;
    let app = linked(&service, Some("r1"), IN_AN_HOUR).await;
    let path = format!("{READ}&force_refresh=true");
    app.get(&path).bearer(&app.prod_key).send().await.refused(400, "unknown_provider_config");
    assert_eq!(service.seen(), Vec::<String>::new());
}
