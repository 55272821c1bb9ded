//! Credentials whose end the token response does not tell, and second tokens beside them (auth-modes.md 21.2, 21.3).

use std::time::Duration;

use dovetail_store::connections::{self, SealedConnection};
use serde_json::{Value, json};

use crate::kit::{Answer, Service, TestApp};

const HOUR: Duration = Duration::from_hours(1);
/// Names the tenant `0a1b-tenant`; unsigned.
const JWT: &str = "eyJhbGciOiJub25lIn0.eyJ0aWQiOiIwYTFiLXRlbmFudCIsImNvcnBJZCI6NzcsImF1dGhlbnRpY2F0aW9uX2V2ZW50X2lkIjoiZXZlbnQtMiJ9.c2ln";

async fn integration(app: &TestApp, provider: &str) {
    let credentials = json!({ "type": "OAUTH2", "client_id": "c", "client_secret": "s" });
    let body = json!({ "provider": provider, "unique_key": "kit", "credentials": credentials });
    let answer = app.post("/integrations").bearer(&app.key).json(body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

async fn import(app: &TestApp, credentials: Value) {
    let body = json!({ "provider_config_key": "kit", "connection_id": "c", "credentials": credentials });
    let answer = app.post("/connections").bearer(&app.key).json(body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

fn endless() -> Value {
    json!({ "type": "OAUTH2", "access_token": "old", "refresh_token": "r" })
}

async fn row(app: &TestApp) -> SealedConnection {
    let mut db = app.state.store.read().await.unwrap();
    connections::by_key(&mut db, app.dev, "kit", "c").await.unwrap().unwrap()
}

/// From now to the planned refresh.
async fn planned_in(app: &TestApp) -> Option<Duration> {
    row(app).await.info.refresh_at.map(|at| at.since(app.state.now()))
}

async fn read(app: &TestApp, more: &str) -> Answer {
    let path = format!("/connections/c?provider_config_key=kit{more}");
    let answer = app.get(&path).bearer(&app.key).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

async fn call(app: &TestApp) -> u16 {
    let call = app.get("/proxy/me").bearer(&app.key);
    call.header("provider-config-key", "kit").header("connection-id", "c").send().await.status
}

/// Whether a plan for a life of so long: four fifths of it, less up to a tenth.
fn fits(planned: Option<Duration>, life: Duration) -> bool {
    planned.is_some_and(|at| at <= life / 5 * 4 && at >= life / 5 * 4 * 9 / 10)
}

#[tokio::test]
async fn a_grant_of_unknown_age_is_renewed_once_a_day_and_one_without_refresh_token_never() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    integration(&app, "kit-oauth2").await;
    import(&app, endless()).await;
    let planned = planned_in(&app).await.unwrap();
    assert!(planned <= HOUR * 24 && planned >= HOUR * 21, "{planned:?}");
    import(&app, json!({ "type": "OAUTH2", "access_token": "old" })).await;
    assert_eq!(planned_in(&app).await, None);
}

#[tokio::test]
async fn a_grant_is_renewed_at_half_of_the_life_that_the_service_tells_of_its_refresh_token() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    integration(&app, "kit-oauth2").await;
    import(&app, endless()).await;
    service.answers(200, r#"{"access_token":"new","refresh_token":"r2","refresh_token_expires_in":7200}"#);
    read(&app, "&force_refresh=true").await;
    let planned = planned_in(&app).await.unwrap();
    assert!(planned <= HOUR && planned >= HOUR * 9 / 10, "{planned:?}");
}

#[tokio::test]
async fn the_first_refusal_teaches_how_long_a_token_lives() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    integration(&app, "kit-oauth2").await;
    import(&app, endless()).await;
    app.clock.advance(HOUR * 2);
    service.answers(401, "{}");
    service.answers(200, r#"{"access_token":"new"}"#);
    service.answers(200, "{}");
    assert_eq!(call(&app).await, 200);
    assert_eq!(row(&app).await.learned_life, Some(HOUR * 2));
    assert!(fits(planned_in(&app).await, HOUR * 2));
}

#[tokio::test]
async fn a_refusal_of_a_new_token_teaches_nothing_and_is_not_answered_by_one_renewal_after_another() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    integration(&app, "kit-oauth2").await;
    import(&app, endless()).await;
    service.answers(401, "{}");
    service.answers(200, r#"{"access_token":"new"}"#);
    for _ in 0..4 {
        service.answers(401, "{}");
    }
    for _ in 0..4 {
        assert_eq!(call(&app).await, 401);
    }
    let renewals = service.seen().iter().filter(|asked| asked.starts_with("POST")).count();
    assert_eq!(renewals, 1, "{:?}", service.seen());
    assert_eq!(row(&app).await.learned_life, None);
}

#[tokio::test]
async fn a_service_that_can_be_asked_tells_how_long_a_token_lives() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    integration(&app, "salesforce").await;
    let exp = app.state.now().plus(HOUR * 2).millis() / 1000 + 1;
    service.answers(200, &json!({ "active": true, "exp": exp }).to_string());
    import(&app, endless()).await;
    assert_eq!(service.seen(), ["POST https://login.salesforce.com/services/oauth2/introspect"]);
    assert!(fits(planned_in(&app).await, HOUR * 2 + Duration::from_secs(1)));

    // What is known is not asked again.
    service.answers(200, r#"{"access_token":"new"}"#);
    read(&app, "&force_refresh=true").await;
    assert_eq!(service.seen().len(), 2, "{:?}", service.seen());
    assert!(fits(planned_in(&app).await, HOUR * 2 + Duration::from_secs(1)));
}

#[tokio::test]
async fn a_service_that_does_not_tell_leaves_the_end_unknown_and_is_asked_at_the_next_refresh() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    integration(&app, "salesforce").await;
    service.answers(503, "{}");
    import(&app, endless()).await;
    assert!(planned_in(&app).await.unwrap() >= HOUR * 21);
    // Reading asks nobody.
    read(&app, "").await;
    assert_eq!(service.seen().len(), 1);
    service.answers(200, r#"{"access_token":"new"}"#);
    let exp = app.state.now().plus(HOUR).millis() / 1000 + 1;
    service.answers(200, &json!({ "active": true, "exp": exp }).to_string());
    read(&app, "&force_refresh=true").await;
    assert_eq!(service.seen().len(), 3, "{:?}", service.seen());
    assert!(fits(planned_in(&app).await, HOUR + Duration::from_secs(1)));
}

/// A SharePoint account whose second token lives for ten minutes, and whose first one for an hour.
async fn sharepoint(service: &Service) -> TestApp {
    let app = TestApp::calling(service).await;
    integration(&app, "sharepoint-online").await;
    service.answers(200, r#"{"access_token":"sp-1","expires_in":600}"#);
    import(
        &app,
        json!({
            "type": "OAUTH2", "access_token": JWT, "refresh_token": "r",
            "expires_at": app.state.now().plus(HOUR).iso_z(),
        }),
    )
    .await;
    app
}

async fn second_token(app: &TestApp) -> Value {
    row(app).await.open_config().unwrap()["sharepointAccessToken"]["access_token"].clone()
}

fn first() -> String {
    json!({ "access_token": JWT, "refresh_token": "r2", "expires_in": 3600 }).to_string()
}

#[tokio::test]
async fn a_second_token_is_renewed_with_the_first_before_either_ends() {
    let service = Service::start().await;
    let app = sharepoint(&service).await;
    assert_eq!(second_token(&app).await, "sp-1");
    assert_eq!(planned_in(&app).await, Some(Duration::from_mins(8)));
    app.clock.advance(Duration::from_mins(7));
    read(&app, "").await;
    assert_eq!(service.seen().len(), 1, "neither is due");

    app.clock.advance(Duration::from_mins(2));
    service.answers(200, &first());
    service.answers(200, r#"{"access_token":"sp-2","expires_in":3600}"#);
    read(&app, "").await;
    assert_eq!(service.seen().len(), 3, "{:?}", service.seen());
    let asked = "POST https://login.microsoftonline.com/0a1b-tenant/oauth2/v2.0/token";
    assert_eq!(service.seen()[2], asked);
    assert_eq!(second_token(&app).await, "sp-2");
    assert!(planned_in(&app).await.unwrap() >= Duration::from_mins(40));
}

#[tokio::test]
async fn a_second_token_that_is_refused_costs_neither_the_first_nor_a_request_at_every_read() {
    let service = Service::start().await;
    let app = sharepoint(&service).await;
    app.clock.advance(Duration::from_secs(9 * 60 + 40));
    service.answers(200, &first());
    service.answers(400, r#"{"error":"invalid_grant"}"#);
    let whole = read(&app, "&refresh_token=true").await.json();
    assert_eq!(whole["credentials"]["refresh_token"], "r2");
    assert_eq!(second_token(&app).await, "sp-1");
    assert_eq!(row(&app).await.info.refresh, dovetail_model::RefreshState::Healthy);
    for _ in 0..3 {
        app.clock.advance(Duration::from_secs(15));
        read(&app, "").await;
    }
    assert_eq!(service.seen().len(), 3, "{:?}", service.seen());
}
