use std::time::Duration;

use dovetail_egress::{Body, EgressConfig, EgressError, Phase, SendOptions, collect};
use http::Request;
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::server::{Names, StandingClock, body_text, client, get, listen, local};

/// Reads one request head; false if the peer closed.
pub(crate) async fn read_head(stream: &mut TcpStream) -> bool {
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => seen.push(byte),
            Err(_) => return false,
        }
    }
    true
}

pub(crate) const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn a_closed_port_is_refused_with_its_code() {
    let (listener, addr) = listen().await;
    drop(listener);
    let error = client().send(get(&format!("http://{addr}/")), SendOptions::default()).await.unwrap_err();
    assert_eq!((error.code(), error.to_string()), ("ECONNREFUSED", format!("connect ECONNREFUSED {addr}")));
    assert!(error.is_transient() && error.is_before_send());
}

#[tokio::test]
async fn an_unknown_name_is_a_dns_error() {
    let config = EgressConfig { resolver: Names::of(&[]), ..local() };
    let client = dovetail_egress::Client::new(config).unwrap();
    let error = client.send(get("http://nowhere.test/"), SendOptions::default()).await.unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("ENOTFOUND", "getaddrinfo ENOTFOUND nowhere.test")
    );
}

#[tokio::test]
async fn silence_before_the_head_times_out() {
    let (_listener, addr) = listen().await;
    let options = SendOptions { response_header: Duration::from_millis(50), ..SendOptions::default() };
    let error = client().send(get(&format!("http://{addr}/")), options).await.unwrap_err();
    assert!(matches!(error, EgressError::Timeout(Phase::ResponseHeader)), "{error:?}");
}

#[tokio::test]
async fn silence_within_a_body_times_out() {
    let (listener, addr) = listen().await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await.unwrap();
        std::future::pending::<()>().await;
    });
    let options = SendOptions { idle_body: Duration::from_millis(50), ..SendOptions::default() };
    let response = client().send(get(&format!("http://{addr}/")), options).await.unwrap();
    let error = collect(response.into_body(), 100).await.unwrap_err();
    assert!(matches!(error, EgressError::Timeout(Phase::IdleBody)), "{error:?}");
}

#[tokio::test]
async fn the_deadline_covers_a_body_that_never_ends() {
    let (listener, addr) = listen().await;
    let (ask, mut more) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n").await.unwrap();
        while stream.write_all(b"x").await.is_ok() && more.recv().await.is_some() {}
    });
    let limit = Duration::from_millis(100);
    let _clock = StandingClock::stop();
    let url = format!("http://{addr}/");
    let response = client().send(get(&url), SendOptions::default().total(limit)).await.unwrap();
    let mut body = response.into_body();
    // Every byte arrives in time; all of them together do not.
    let error = loop {
        match body.frame().await.unwrap() {
            Ok(_) => {
                tokio::time::advance(limit / 2).await;
                ask.send(()).unwrap();
            }
            Err(error) => break error,
        }
    };
    assert!(matches!(error, EgressError::Timeout(Phase::Total)), "{error:?}");
}

#[tokio::test]
async fn a_get_survives_a_connection_closed_while_idle_and_a_post_is_not_sent_twice() {
    let (listener, addr) = listen().await;
    tokio::spawn(async move {
        loop {
            // Each connection answers once, and hangs up on its second request.
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                read_head(&mut stream).await;
                stream.write_all(OK).await.unwrap();
                read_head(&mut stream).await;
            });
        }
    });
    let (client, url) = (client(), format!("http://{addr}/"));
    for _ in 0..3 {
        let response = client.send(get(&url), SendOptions::default()).await.unwrap();
        assert_eq!(body_text(response).await, "ok");
    }
    let post = Request::post(&url).body(Body::from("pay 5")).unwrap();
    let error = client.send(post, SendOptions::default()).await.unwrap_err();
    assert_eq!(error.code(), "ECONNRESET");
}

#[tokio::test]
async fn nonsense_instead_of_http_is_a_protocol_error() {
    let (listener, addr) = listen().await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n\r\n").await.unwrap();
    });
    let error = client().send(get(&format!("http://{addr}/")), SendOptions::default()).await.unwrap_err();
    assert!(matches!(error, EgressError::Protocol(_)), "{error:?}");
}
