use std::convert::Infallible;

use bytes::Bytes;
use dovetail_egress::Body;
use http::Response;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::sync::mpsc;

use crate::service::{Caller, echo, keyed, serve};

#[tokio::test]
async fn the_bytes_and_their_type_arrive_as_they_are() {
    let addr = echo().await;
    let body = r#"{ "big": 12345678901234567890, "x": 1.10 }"#;
    let seen =
        Caller::post(&keyed(addr), "/", body.into()).with("content-type", "application/json").text().await;
    assert!(seen.contains("content-type: application/json\n") && seen.ends_with(body), "{seen}");
}

#[tokio::test]
async fn another_type_renames_the_bytes() {
    let addr = echo().await;
    let seen = Caller::post(&keyed(addr), "/", "{}".into())
        .with("content-type", "application/json")
        .with("nango-proxy-content-type", "application/vnd.api+json")
        .text()
        .await;
    assert!(seen.contains("content-type: application/vnd.api+json\n") && seen.ends_with("{}"), "{seen}");
}

#[tokio::test]
async fn json_becomes_the_form_that_the_caller_wants() {
    let addr = echo().await;
    let seen = Caller::post(&keyed(addr), "/", r#"{"a":1,"b":{"c":"d e"}}"#.into())
        .with("content-type", "application/json")
        .with("nango-proxy-content-type", "application/x-www-form-urlencoded")
        .text()
        .await;
    assert!(seen.ends_with("\n\na=1&b%5Bc%5D=d+e"), "{seen}");
    assert!(seen.contains("content-type: application/x-www-form-urlencoded\n"), "{seen}");
}

#[tokio::test]
async fn entries_of_the_definition_are_merged_in() {
    let addr = echo().await;
    let provider = keyed(addr) + "  body:\n    auth:\n      key: ${apiKey}\n";
    let seen = Caller::post(&provider, "/", r#"{"n":1.10}"#.into())
        .with("content-type", "application/json")
        .text()
        .await;
    assert!(seen.ends_with(r#"{"n":1.10,"auth":{"key":"k-live-12345"}}"#), "{seen}");
    let alone = Caller::post(&provider, "/", Body::empty()).text().await;
    assert!(alone.ends_with(r#"{"auth":{"key":"k-live-12345"}}"#), "{alone}");
    assert!(alone.contains("content-type: application/json"), "{alone}");
}

#[tokio::test]
async fn both_directions_stream_without_buffering() {
    let addr = serve(|request| async move { Response::new(request.into_body().boxed()) }).await;
    let (tx, mut rx) = mpsc::channel::<Bytes>(1);
    let stream = futures_util::stream::poll_fn(move |cx| {
        rx.poll_recv(cx).map(|next| next.map(|bytes| Ok::<_, Infallible>(Frame::data(bytes))))
    });
    let call = Caller::post(&keyed(addr), "/", Body::stream(StreamBody::new(stream))).call();
    let (response, sent) = tokio::join!(call, tx.send(Bytes::from_static(b"first")));
    sent.unwrap();
    let mut body = response.unwrap().into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "first");
    tx.send(Bytes::from_static(b"second")).await.unwrap();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "second");
    drop(tx);
    assert!(body.frame().await.is_none());
}
