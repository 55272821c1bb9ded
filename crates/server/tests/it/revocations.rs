//! Services that are told of deleted connections, whatever was deleted (auth-modes.md 24).

use std::time::Duration;

use dovetail_model::{OperationKind, OperationState, Scope};
use dovetail_server::workers;
use dovetail_store::operations::{self, Filter};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::kit::{Service, TestApp};

/// Far longer than telling a service on loopback takes.
const SOON: Duration = Duration::from_secs(10);

/// An environment with two GitLab accounts, and a third whose product opted out.
async fn linked(service: &Service) -> TestApp {
    let app = TestApp::calling(service).await;
    let body = json!({
        "provider": "gitlab", "unique_key": "gitlab",
        "credentials": { "type": "OAUTH2", "client_id": "c", "client_secret": "s" },
    });
    assert_eq!(app.post("/integrations").bearer(&app.key).json(body).send().await.status, 200);
    for (id, metadata) in [("a", json!({})), ("b", json!({})), ("c", json!({"skipTokenRevocation": true}))] {
        let body = json!({
            "provider_config_key": "gitlab", "connection_id": id, "metadata": metadata,
            "credentials": { "type": "OAUTH2", "access_token": "at", "refresh_token": format!("rt-{id}") },
        });
        assert_eq!(app.post("/connections").bearer(&app.key).json(body).send().await.status, 201);
    }
    app
}

/// Lets the workers run until the service has heard of so many deletions.
async fn told(app: &TestApp, service: &Service, count: usize) {
    let stop = CancellationToken::new();
    let running = tokio::spawn(workers::run(app.state.clone(), stop.clone()));
    tokio::time::timeout(SOON, service.asked(count)).await.unwrap();
    // What was begun is ended before the workers stop.
    stop.cancel();
    tokio::time::timeout(SOON, running).await.unwrap().unwrap();
}

async fn recorded(app: &TestApp) -> Vec<OperationState> {
    let mut db = app.state.store.read().await.unwrap();
    let logged = operations::list(&mut db, app.dev, &Filter::default(), 20).await.unwrap();
    let of_kind = logged.iter().filter(|one| one.kind == OperationKind::EventsPreConnectionDeletion);
    of_kind.map(|one| one.state).collect()
}

#[tokio::test]
async fn the_service_is_told_of_every_connection_of_a_deleted_integration() {
    let service = Service::start().await;
    let app = linked(&service).await;
    assert_eq!(app.delete("/integrations/gitlab").bearer(&app.key).send().await.status, 200);
    assert_eq!(recorded(&app).await, [OperationState::Running; 2], "one opted out");
    told(&app, &service, 2).await;
    assert_eq!(service.seen(), ["POST https://gitlab.com/oauth/revoke"; 2], "the client is still known");
    assert_eq!(recorded(&app).await, [OperationState::Success; 2]);
}

#[tokio::test]
async fn the_services_are_told_of_every_connection_of_a_deleted_environment() {
    let service = Service::start().await;
    let app = linked(&service).await;
    let key = app.account_key(&[Scope::ACCOUNT]).await;
    let answer = app.delete(&format!("/environments/{}", app.dev)).bearer(&key).send().await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    told(&app, &service, 2).await;
    assert_eq!(service.seen(), ["POST https://gitlab.com/oauth/revoke"; 2]);
    assert_eq!(recorded(&app).await, [OperationState::Success; 2]);
}

#[tokio::test]
async fn an_integration_that_is_deleted_before_its_service_listens_does_not_keep_it_from_being_told() {
    let service = Service::start().await;
    let app = linked(&service).await;
    let path = "/connections/a?provider_config_key=gitlab";
    assert_eq!(app.delete(path).bearer(&app.key).send().await.status, 200);
    service.answers(503, "{}");
    told(&app, &service, 1).await;
    assert_eq!(app.delete("/integrations/gitlab").bearer(&app.key).send().await.status, 200);
    app.clock.advance(Duration::from_mins(1));
    told(&app, &service, 3).await;
    assert_eq!(recorded(&app).await, [OperationState::Success; 2]);
}
