//! A receiver of webhooks, and a queue with a worker.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use dovetail_egress::{Client, EgressConfig};
use dovetail_model::{EnvironmentId, OutboxId, SeededRandom};
use dovetail_store::outbox::{self, Delivery, NewDelivery};
use dovetail_testkit::Fixture;
use dovetail_webhooks::Worker;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// What one attempt brought.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// Answers with the given statuses in turn; the last one stays.
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) received: mpsc::UnboundedReceiver<Received>,
}

impl Receiver {
    pub(crate) async fn answering(answers: &[(u16, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (tx, received) = mpsc::unbounded_channel();
        let answers = Arc::new(Mutex::new(answers.to_vec()));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tx, answers) = (tx.clone(), Arc::clone(&answers));
                let service = service_fn(move |request: Request<Incoming>| {
                    let (tx, answers) = (tx.clone(), Arc::clone(&answers));
                    async move {
                        let (parts, body) = request.into_parts();
                        let body =
                            String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
                        let path = parts.uri.path().to_owned();
                        tx.send(Received { path, headers: parts.headers, body }).unwrap_or_default();
                        let mut answers = answers.lock().unwrap();
                        let (status, extra) = if answers.len() > 1 { answers.remove(0) } else { answers[0] };
                        Ok::<_, Infallible>(answer(status, extra))
                    }
                });
                tokio::spawn(async move {
                    let connection = auto::Builder::new(TokioExecutor::new());
                    drop(connection.serve_connection(TokioIo::new(stream), service).await);
                });
            }
        });
        Self { url, received }
    }

    /// The next attempt; there must be one.
    pub(crate) fn next(&mut self) -> Received {
        self.received.try_recv().unwrap()
    }

    pub(crate) fn is_idle(&mut self) -> bool {
        self.received.try_recv().is_err()
    }
}

/// `extra` is `name: value` of a header, or the body.
fn answer(status: u16, extra: &'static str) -> Response<Full<Bytes>> {
    let response = Response::builder().status(status);
    match extra.split_once(": ") {
        Some((name, value)) => response.header(name, value).body(Full::default()),
        None => response.body(Full::from(extra)),
    }
    .unwrap()
}

/// A worker on the fixture's queue that may call loopback.
pub(crate) fn worker(fixture: &Fixture) -> Worker {
    let allow = vec!["127.0.0.0/8".parse().unwrap()];
    let client = Client::new(EgressConfig { allow, ..EgressConfig::default() }).unwrap();
    Worker::new(fixture.store.clone(), client, fixture.clock.clone(), Arc::new(SeededRandom::new(7)))
}

/// Queues one event for `url`.
pub(crate) async fn queue(fixture: &Fixture, environment: EnvironmentId, url: &str) -> OutboxId {
    let message = NewDelivery {
        event_id: "evt_1".to_owned(),
        kind: "auth".to_owned(),
        connection: None,
        operation: None,
        url: url.to_owned(),
        headers: vec![
            ("x-own".to_owned(), "1".to_owned()),
            ("webhook-signature".to_owned(), "forged".to_owned()),
        ],
        body: r#"{"type":"auth"}"#.to_owned(),
    };
    let mut tx = fixture.store.begin().await.unwrap();
    let id = outbox::enqueue(&mut tx, environment, &message).await.unwrap();
    tx.commit().await.unwrap();
    id
}

pub(crate) async fn stored(fixture: &Fixture, id: OutboxId) -> Delivery {
    outbox::get(&mut fixture.store.read().await.unwrap(), fixture.dev, id).await.unwrap().unwrap()
}
