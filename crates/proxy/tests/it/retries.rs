use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use dovetail_egress::Body;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};

use crate::service::{Answer, Caller, Log, answer, keyed, serve, text};

/// A service that fails `failures` times and then gives the request's body back.
async fn failing(failures: usize, status: u16) -> std::net::SocketAddr {
    let count = Arc::new(AtomicUsize::new(0));
    serve(move |request| {
        let count = Arc::clone(&count);
        async move {
            let body = request.into_body().collect().await.unwrap().to_bytes();
            if count.fetch_add(1, Ordering::SeqCst) < failures { refusal(status) } else { answer(200, body) }
        }
    })
    .await
}

fn refusal(status: u16) -> Answer {
    let mut answer = answer(status, "not now");
    answer.headers_mut().insert("retry-after", "0.02".parse().unwrap());
    answer
}

fn stream(size: usize) -> Body {
    let pieces =
        (0..size.div_ceil(65_536)).map(|_| Ok::<_, Infallible>(Frame::data(Bytes::from(vec![b'x'; 65_536]))));
    Body::stream(StreamBody::new(futures_util::stream::iter(pieces.collect::<Vec<_>>())))
}

#[tokio::test]
async fn a_failed_call_is_repeated_with_its_body() {
    let addr = failing(2, 503).await;
    let caller = Caller::post(&keyed(addr), "/?k=k-live-12345", stream(65_536)).with("retries", "3");
    let log = caller.log.clone();
    let response = caller.call().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["dovetail-proxy-attempts"]),
        (200, &"3".parse().unwrap())
    );
    assert_eq!(text(response).await.len(), 65_536);
    let records = log.records();
    let reasons: Vec<_> =
        records.iter().map(|r| r.retry.as_ref().map(|(_, reason)| reason.as_str())).collect();
    assert_eq!(reasons, [Some("status_code_503"), Some("status_code_503"), None]);
    assert_eq!(records[0].url, format!("http://{addr}/v1/?k=REDACTED"));
}

#[tokio::test]
async fn the_last_failure_is_the_answer() {
    let addr = failing(9, 503).await;
    let response = Caller::get(&keyed(addr), "/").with("retries", "1").call().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["dovetail-proxy-attempts"]),
        (503, &"2".parse().unwrap())
    );
    assert_eq!(text(response).await, "not now");
}

#[tokio::test]
async fn a_body_beyond_the_bound_is_sent_once() {
    let addr = failing(1, 503).await;
    let size = 2 * dovetail_proxy::limits::REPLAY_BYTES;
    let response = Caller::post(&keyed(addr), "/", stream(size)).with("retries", "3").call().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["dovetail-proxy-attempts"]),
        (503, &"1".parse().unwrap())
    );
}

#[tokio::test]
async fn only_the_asked_statuses_are_repeated() {
    let addr = failing(1, 404).await;
    let plain = Caller::get(&keyed(addr), "/").with("retries", "1").call().await.unwrap();
    assert_eq!(plain.status(), 404);
    let addr = failing(1, 404).await;
    let asked =
        Caller::get(&keyed(addr), "/").with("retries", "1").with("retry-on", "404").call().await.unwrap();
    assert_eq!(asked.status(), 200);
}

#[tokio::test]
async fn the_definition_says_what_is_repeated_and_when() {
    let addr = serve(|request| async move {
        let mut answer = answer(403, "used up");
        if request.uri().path() == "/v1/used-up" {
            answer.headers_mut().insert("x-left", "0".parse().unwrap());
            answer.headers_mut().insert("x-wait", "0.02".parse().unwrap());
        }
        answer
    })
    .await;
    let provider = keyed(addr) + "  retry:\n    after:\n      - x-wait\n    remaining: x-left\n";
    let attempts = async |path: &str| {
        let caller = Caller::get(&provider, path).with("retries", "2");
        let log: Log = caller.log.clone();
        caller.call().await.unwrap();
        log.records().len()
    };
    assert_eq!(attempts("/used-up").await, 3);
    assert_eq!(attempts("/forbidden").await, 1);
}

#[tokio::test]
async fn the_wait_may_stand_in_the_body() {
    const BODY: &str = r#"{"error":{"message":"Slow down. Retry after 0.02 s"}}"#;
    let addr = serve(|request| async move {
        let mut answer = answer(429, BODY);
        if request.uri().path() == "/v1/later" {
            answer = self::answer(429, BODY.replace("0.02", "3600"));
        }
        answer
    })
    .await;
    let provider = keyed(addr)
        + "  retry:\n    in_body:\n      path: error.message\n      value: /Retry after (.+) s/\n      strategy: after\n";
    let caller = Caller::get(&provider, "/now").with("retries", "2");
    let log = caller.log.clone();
    let response = caller.call().await.unwrap();
    assert_eq!(text(response).await, BODY);
    let waits: Vec<_> =
        log.records().iter().map(|record| record.retry.as_ref().map(|(wait, _)| wait.as_millis())).collect();
    assert_eq!(waits, [Some(20), Some(20), None]);
    // Beyond the budget the answer is passed on, though it was read.
    let response = Caller::get(&provider, "/later").with("retries", "2").call().await.unwrap();
    assert_eq!(response.headers()["dovetail-proxy-attempts"], "1");
    assert_eq!(text(response).await, BODY.replace("0.02", "3600"));
}
