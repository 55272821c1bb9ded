//! Two servers on one PostgreSQL, and a provider that rotates refresh tokens and withdraws the grant when one comes
//! again: the running system, where `simulation` of the `connect` room plays the machine.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use dovetail_model::{Credentials, Timestamp};
use dovetail_store::connections;
use futures_util::future::join_all;
use http::{Method, StatusCode};
use serde_json::json;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::kit::{RequestBuilder, TestApp};

const CONNECTIONS: usize = 12;
const READERS: usize = 6;
/// Far longer than a refresh takes here.
const SOON: Duration = Duration::from_secs(30);

/// One account at the provider.
#[derive(Default)]
struct Account {
    /// How often its token was rotated; the one that is good ends with this number.
    rotations: u32,
    withdrawn: bool,
}

/// The provider.
#[derive(Clone)]
struct Rotating {
    accounts: Arc<Mutex<HashMap<String, Account>>>,
    /// Requests that came.
    asked: Arc<watch::Sender<usize>>,
    /// Requests that were carried out.
    done: Arc<watch::Sender<usize>>,
    /// Whether requests are carried out, or held.
    open: Arc<watch::Sender<bool>>,
}

impl Rotating {
    async fn start() -> (Self, url::Url) {
        let provider = Self {
            accounts: Arc::default(),
            asked: Arc::default(),
            done: Arc::default(),
            open: Arc::new(watch::Sender::new(true)),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let inside = provider.clone();
        let service = Router::new().fallback(move |body: String| {
            let inside = inside.clone();
            // What has come is carried out, also when nobody waits for the answer any more.
            async move { tokio::spawn(inside.redeem(body)).await.unwrap() }
        });
        tokio::spawn(async move { axum::serve(listener, service).await });
        (provider, url)
    }

    async fn redeem(self, body: String) -> Response {
        self.asked.send_modify(|asked| *asked += 1);
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
        let form: HashMap<String, String> =
            url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let (account, number) = form["refresh_token"].rsplit_once('.').unwrap();
        let (status, answer) = {
            let mut accounts = self.accounts.lock().unwrap();
            let known = accounts.entry(account.to_owned()).or_default();
            if known.withdrawn || number.parse() != Ok(known.rotations) {
                known.withdrawn = true;
                (400, json!({"error": "invalid_grant"}))
            } else {
                known.rotations += 1;
                let next = known.rotations;
                let tokens = json!({
                    "access_token": format!("at-{account}.{next}"), "refresh_token": format!("{account}.{next}"),
                    "expires_in": 3600,
                });
                (200, tokens)
            }
        };
        self.done.send_modify(|done| *done += 1);
        (StatusCode::from_u16(status).unwrap(), axum::Json(answer)).into_response()
    }

    async fn asked(&self, count: usize) {
        let mut asked = self.asked.subscribe();
        tokio::time::timeout(SOON, asked.wait_for(|asked| *asked >= count)).await.unwrap().unwrap();
    }

    async fn done(&self, count: usize) {
        let mut done = self.done.subscribe();
        tokio::time::timeout(SOON, done.wait_for(|done| *done >= count)).await.unwrap().unwrap();
    }

    fn rotations(&self, account: usize) -> u32 {
        self.accounts.lock().unwrap().get(&format!("c-{account}")).map_or(0, |known| known.rotations)
    }

    fn withdrawn(&self) -> usize {
        self.accounts.lock().unwrap().values().filter(|known| known.withdrawn).count()
    }
}

async fn linked(app: &TestApp) {
    app.integration("kit", "kit-oauth2").await;
    for number in 0..CONNECTIONS {
        let body = json!({
            "provider_config_key": "kit", "connection_id": format!("c-{number}"),
            "credentials": { "type": "OAUTH2", "access_token": "old", "refresh_token": format!("c-{number}.0"),
                "expires_at": app.clock_in(3600).iso_z() },
        });
        assert_eq!(app.post("/connections").bearer(&app.key).json(body).send().await.status, 201);
    }
}

/// The access token that a server gives.
async fn token(server: Router, key: String, number: usize) -> String {
    let path = format!("/connections/c-{number}?provider_config_key=kit");
    let answer = RequestBuilder::new(server, Method::GET, &path).bearer(&key).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["credentials"]["access_token"].as_str().unwrap().to_owned()
}

/// Every connection is read by many at once, on both servers.
async fn read_all(servers: [&Router; 2], key: &str) -> Vec<(usize, String)> {
    let reads = (0..CONNECTIONS * READERS * 2).map(|at| {
        let (number, server) = (at % CONNECTIONS, servers[at / CONNECTIONS % 2].clone());
        let read = token(server, key.to_owned(), number);
        async move { (number, read.await) }
    });
    tokio::time::timeout(SOON, join_all(reads)).await.unwrap()
}

/// The refresh token that is stored.
async fn stored(app: &TestApp, number: usize) -> String {
    let mut db = app.state.store.read().await.unwrap();
    let connection =
        connections::by_key(&mut db, app.dev, "kit", &format!("c-{number}")).await.unwrap().unwrap();
    let Credentials::Oauth2(tokens) = connection.open_credentials().unwrap() else { panic!("OAuth 2") };
    tokens.refresh_token.unwrap().expose().to_owned()
}

impl TestApp {
    fn clock_in(&self, seconds: u64) -> Timestamp {
        self.state.now().plus(Duration::from_secs(seconds))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_redeem_every_refresh_token_once_and_lose_none() {
    let (provider, url) = Rotating::start().await;
    let Some(app) = TestApp::on_postgres(url).await else { return };
    linked(&app).await;
    let other = app.replica(2).await;
    for round in 1..=4 {
        app.clock.advance(Duration::from_secs(3590));
        let read = read_all([&app.router(), &other], &app.key).await;
        for (number, token) in read {
            assert_eq!(token, format!("at-c-{number}.{round}"));
        }
        assert_eq!(*provider.asked.borrow(), CONNECTIONS * round, "one request a connection and round");
    }
    assert_eq!(provider.withdrawn(), 0);
    for number in 0..CONNECTIONS {
        assert_eq!(stored(&app, number).await, format!("c-{number}.4"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies_while_it_asks_does_not_make_the_other_use_its_tokens_again() {
    let (provider, url) = Rotating::start().await;
    let Some(app) = TestApp::on_postgres(url).await else { return };
    linked(&app).await;
    // A process of its own, as far as one process can have another.
    let process = Runtime::new().unwrap();
    let other = process.spawn(app.replica(2)).await.unwrap();
    app.clock.advance(Duration::from_secs(3590));

    // The first half of the connections is asked for by the server that dies before it hears the answers.
    provider.open.send_replace(false);
    let half = CONNECTIONS / 2;
    for number in 0..half {
        drop(process.spawn(token(other.clone(), app.key.clone(), number)));
    }
    provider.asked(half).await;
    drop(other);
    process.shutdown_background();
    provider.open.send_replace(true);
    provider.done(half).await;

    // The other server's readers of those wait for the lease, and ask nothing; those of the others are not held up.
    let waiting = (0..half).map(|number| tokio::spawn(token(app.router(), app.key.clone(), number)));
    let waiting: Vec<_> = waiting.collect();
    for number in half..CONNECTIONS {
        let read = token(app.router(), app.key.clone(), number);
        assert_eq!(tokio::time::timeout(SOON, read).await.unwrap(), format!("at-c-{number}.1"));
    }
    assert!(waiting.iter().all(|reader| !reader.is_finished()), "nobody knows what became of the requests");
    assert_eq!(*provider.asked.borrow(), CONNECTIONS);
    assert_eq!(provider.withdrawn(), 0, "no token was presented twice");
    for number in 0..CONNECTIONS {
        assert_eq!(provider.rotations(number), 1);
    }
    // Every token that a living server received is stored.
    for number in half..CONNECTIONS {
        assert_eq!(stored(&app, number).await, format!("c-{number}.1"));
    }
    for reader in waiting {
        reader.abort();
    }
}
