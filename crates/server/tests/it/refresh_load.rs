//! The measured bar of refreshing: 10 000 due connections on one server, a service that takes 200 ms.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use dovetail_connect::limits::PROVIDER_BUDGET;
use dovetail_model::{CredentialState, Credentials, Oauth2Credentials, SecretJson, Tags, UrlOverride};
use dovetail_server::workers;
use dovetail_store::connections::{self, ConfigUpdate, RefreshPlan, TagsUpdate, Upsert};
use dovetail_store::integrations;
use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::kit::TestApp;

const CONNECTIONS: usize = 10_000;
const LATENCY: Duration = Duration::from_millis(200);
const BAR: Duration = Duration::from_mins(1);
const MEMORY_MIB: u64 = 150;

/// A token endpoint that takes its time, and counts.
#[derive(Default)]
struct Slow {
    now: AtomicUsize,
    most: AtomicUsize,
    total: AtomicUsize,
}

async fn slow_service(slow: Arc<Slow>) -> url::Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let app = Router::new().fallback(move || {
        let slow = Arc::clone(&slow);
        async move {
            let now = slow.now.fetch_add(1, Ordering::SeqCst) + 1;
            slow.most.fetch_max(now, Ordering::SeqCst);
            let number = slow.total.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(LATENCY).await;
            slow.now.fetch_sub(1, Ordering::SeqCst);
            axum::Json(json!({
                "access_token": format!("new-{number}"), "refresh_token": format!("r-{number}"), "expires_in": 3600
            }))
        }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

/// Resident memory of this process, in MiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

async fn fill(app: &TestApp) {
    app.integration("kit", "kit-oauth2").await;
    let now = app.state.now();
    let credentials = Credentials::Oauth2(Oauth2Credentials {
        access_token: "old".into(),
        refresh_token: Some("r".into()),
        expires_at: Some(now.plus(Duration::from_mins(5))),
        raw: SecretJson::default(),
        config_override: None,
    });
    for chunk in 0..CONNECTIONS / 500 {
        let mut tx = app.state.store.begin().await.unwrap();
        let integration = integrations::by_key(&mut tx, app.dev, "kit").await.unwrap().unwrap();
        for number in chunk * 500..(chunk + 1) * 500 {
            let new = Upsert {
                integration: &integration,
                connection_id: format!("c-{number}"),
                credentials: &credentials,
                state: CredentialState::Unverified,
                config: ConfigUpdate::default(),
                metadata: None,
                tags: TagsUpdate::Replace(Tags::default()),
                end_user: None,
                webhook_url: UrlOverride::Keep,
            };
            let made = connections::upsert(&mut tx, app.dev, new).await.unwrap().connection;
            let plan = RefreshPlan { at: Some(now), learned_life: None };
            connections::set_refresh_plan(&mut tx, app.dev, made.info.id, 1, plan).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    app.integration("coda", "coda").await;
    app.connection("coda", "fresh").await;
}

/// Durations of reads of a fresh connection until `stop`, a read every 2 ms.
async fn reads(app: &TestApp, stop: CancellationToken) -> Vec<Duration> {
    let mut took = Vec::new();
    while !stop.is_cancelled() {
        let started = Instant::now();
        let path = "/connections/fresh?provider_config_key=coda";
        assert_eq!(app.get(path).bearer(&app.key).send().await.status, 200);
        took.push(started.elapsed());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    took.sort();
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement; `make bench-refresh` runs it"]
async fn ten_thousand_due_connections_are_refreshed_within_the_bar() {
    let slow = Arc::new(Slow::default());
    let app = TestApp::simulating(slow_service(Arc::clone(&slow)).await).await;
    fill(&app).await;
    let calm = {
        let stop = CancellationToken::new();
        let until = stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(3)).await;
            until.cancel();
        });
        reads(&app, stop).await
    };
    let before = resident();
    let stop = CancellationToken::new();
    let started = Instant::now();
    let running = tokio::spawn(workers::run(app.state.clone(), stop.clone()));
    let done = CancellationToken::new();
    let watching = {
        let (slow, done) = (Arc::clone(&slow), done.clone());
        tokio::spawn(async move {
            let mut most = 0;
            while slow.total.load(Ordering::SeqCst) < CONNECTIONS || slow.now.load(Ordering::SeqCst) > 0 {
                most = most.max(resident());
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            done.cancel();
            most
        })
    };
    let busy = reads(&app, done).await;
    let took = started.elapsed();
    let most = watching.await.unwrap();
    stop.cancel();
    running.await.unwrap();
    let p99 = |took: &[Duration]| took[took.len() * 99 / 100];
    eprintln!(
        "{CONNECTIONS} refreshes in {took:.1?}, {} requests at once at most, {} MiB before, {most} MiB at most; \
         reads of a fresh connection: p99 {:.1?} before, {:.1?} meanwhile",
        slow.most.load(Ordering::SeqCst),
        before,
        p99(&calm),
        p99(&busy),
    );
    assert_eq!(slow.total.load(Ordering::SeqCst), CONNECTIONS, "each was asked for once");
    assert!(slow.most.load(Ordering::SeqCst) <= PROVIDER_BUDGET);
    assert!(took < BAR, "{took:?}");
    assert!(most < MEMORY_MIB, "{most} MiB");
}
