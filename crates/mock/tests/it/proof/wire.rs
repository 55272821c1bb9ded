//! Requests over a real socket, written by hand.

use dovetail_catalog::outgoing;
use dovetail_mock::{SIMULATED_URL, Simulator};
use http::StatusCode;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Position;

/// A simulator that listens.
pub(crate) struct Wire {
    address: SocketAddr,
    _running: DropGuard,
}

impl Wire {
    pub(crate) async fn start(simulator: Simulator) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(simulator.serve(listener, stop.clone()));
        Self { address, _running: stop.drop_guard() }
    }

    /// Sends a request as the product's egress does in a simulation.
    #[expect(clippy::disallowed_methods, reason = "the client of a test, to its own listener")]
    pub(crate) async fn send(&self, request: outgoing::Request) -> (StatusCode, Value) {
        let url = &request.url;
        let body = request.body.unwrap_or_default();
        let mut text = format!(
            "{} {} HTTP/1.1\r\nhost: {}\r\n{SIMULATED_URL}: {url}\r\nconnection: close\r\n",
            request.method,
            &url[Position::BeforePath..Position::AfterQuery],
            &url[Position::BeforeHost..Position::AfterPort],
        );
        for (name, value) in &request.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            text.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream.write_all(&body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
        (status, serde_json::from_str(body).unwrap_or_else(|_| body.into()))
    }
}
