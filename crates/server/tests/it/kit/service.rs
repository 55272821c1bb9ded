//! A service on the loopback interface that stands in for every provider.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use tokio::net::TcpListener;
use tokio::sync::watch;
use url::Url;

/// Answers every request with 200 `{}` unless told otherwise, and remembers what it was asked.
#[derive(Clone)]
pub(crate) struct Service {
    url: Url,
    replies: Arc<Mutex<VecDeque<(u16, String)>>>,
    standing: Arc<Mutex<Vec<(&'static str, u16)>>>,
    seen: Arc<watch::Sender<Vec<String>>>,
}

impl Service {
    /// Starts one; it ends with the test.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let service = Self {
            url,
            replies: Arc::default(),
            standing: Arc::default(),
            seen: Arc::new(watch::Sender::default()),
        };
        let inside = service.clone();
        let router = Router::new().fallback(move |request: Request| async move { inside.reply(&request) });
        tokio::spawn(async move { axum::serve(listener, router).await });
        service
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> Url {
        self.url.clone()
    }

    /// The next request is answered like this.
    pub(crate) fn answers(&self, status: u16, body: &str) {
        self.replies.lock().unwrap().push_back((status, body.to_owned()));
    }

    /// From now on every request whose URL contains this is answered with this status.
    pub(crate) fn always_answers(&self, part: &'static str, status: u16) {
        self.standing.lock().unwrap().insert(0, (part, status));
    }

    /// Intended URL and `Authorization` of every request so far.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.borrow().clone()
    }

    /// Waits until this many requests have come.
    pub(crate) async fn asked(&self, count: usize) {
        self.seen.subscribe().wait_for(|seen| seen.len() >= count).await.unwrap();
    }

    /// Waits until this many requests have come whose URL contains this.
    pub(crate) async fn asked_of(&self, part: &str, count: usize) {
        let all = |seen: &Vec<String>| seen.iter().filter(|asked| asked.contains(part)).count() >= count;
        self.seen.subscribe().wait_for(all).await.unwrap();
    }

    fn reply(&self, request: &Request) -> Response {
        let header = |name: &str| {
            request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let line =
            format!("{} {} {}", request.method(), header("dovetail-simulated-url"), header("authorization"));
        self.seen.send_modify(|seen| seen.push(line.trim_end().to_owned()));
        let standing = self.standing.lock().unwrap();
        let standing = standing.iter().find(|(part, _)| line.contains(part)).map(|(_, status)| *status);
        let (status, body) = match standing {
            Some(status) => (status, "{}".to_owned()),
            None => self.replies.lock().unwrap().pop_front().unwrap_or((200, "{}".to_owned())),
        };
        let status = StatusCode::from_u16(status).unwrap();
        (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}
