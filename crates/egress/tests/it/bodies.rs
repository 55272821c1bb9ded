use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use dovetail_egress::{Body, EgressError, SendOptions, collect};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::sync::mpsc;

use crate::server::{StandingClock, body_text, client, get, head, serve, text};

/// A request body fed by the test.
fn channel_body() -> (mpsc::Sender<Bytes>, Body) {
    let (tx, mut rx) = mpsc::channel::<Bytes>(1);
    let stream = futures_util::stream::poll_fn(move |cx| {
        rx.poll_recv(cx).map(|next| next.map(|b| Ok::<_, Infallible>(Frame::data(b))))
    });
    (tx, Body::stream(StreamBody::new(stream)))
}

#[tokio::test]
async fn path_query_and_headers_arrive_as_given() {
    let addr = serve(|request| async move { text(200, head(&request)) }).await;
    let request = Request::post(format!("http://{addr}/a%2Fb/../c;d?q=%20+&w={{}}|~"))
        .header("x-one", "1")
        .header("host", "elsewhere.test")
        .body(Body::from("hi"))
        .unwrap();
    let seen = body_text(client().send(request, SendOptions::default()).await.unwrap()).await;
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        seen,
        format!(
            "POST /a%2Fb/../c;d?q=%20+&w={{}}|~\nx-one: 1\nuser-agent: dovetail/{version}\nhost: {addr}\ncontent-length: 2"
        )
    );
}

#[tokio::test]
async fn both_directions_stream_at_the_same_time() {
    let addr = serve(|request| async move { Response::new(request.into_body().boxed()) }).await;
    let (tx, body) = channel_body();
    let request = Request::post(format!("http://{addr}/")).body(body).unwrap();
    let client = client();
    let response = client.send(request, SendOptions::default());
    let feed = async {
        tx.send(Bytes::from_static(b"one")).await.unwrap();
        tx
    };
    let (response, tx) = tokio::join!(response, feed);
    let mut body = response.unwrap().into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(first, "one", "the answer came while the request was still open");
    tx.send(Bytes::from_static(b"two")).await.unwrap();
    drop(tx);
    assert_eq!(collect(body, 100).await.unwrap(), "two");
}

#[tokio::test]
async fn a_compressed_body_stays_as_it_is() {
    let addr = serve(|_| async {
        let mut answer = text(200, Bytes::from_static(&[0x1f, 0x8b, 0xff, 0x00]));
        answer.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
        answer
    })
    .await;
    let response = client().send(get(&format!("http://{addr}/")), SendOptions::default()).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert_eq!(collect(response.into_body(), 10).await.unwrap(), &[0x1f, 0x8b, 0xff, 0x00][..]);
}

#[tokio::test]
async fn a_body_over_the_bound_is_refused() {
    let addr = serve(|_| async { text(200, vec![b'x'; 101]) }).await;
    let response = client().send(get(&format!("http://{addr}/")), SendOptions::default()).await.unwrap();
    let error = collect(response.into_body(), 100).await.unwrap_err();
    assert!(matches!(error, EgressError::TooLarge { limit: 100 }));
}

#[tokio::test]
async fn a_slow_upload_is_not_a_slow_answer() {
    let (arrived, mut arrivals) = mpsc::unbounded_channel();
    let addr = serve(move |request| {
        let arrived = arrived.clone();
        async move {
            let mut body = request.into_body();
            let mut whole = Vec::new();
            while let Some(frame) = body.frame().await {
                whole.extend_from_slice(&frame.unwrap().into_data().unwrap());
                arrived.send(()).unwrap();
            }
            text(200, whole)
        }
    })
    .await;
    let (tx, body) = channel_body();
    let request = Request::post(format!("http://{addr}/")).body(body).unwrap();
    let limit = Duration::from_millis(200);
    let options = SendOptions { response_header: limit, ..SendOptions::default() };
    let _clock = StandingClock::stop();
    let feed = async move {
        for _ in 0..5 {
            tx.send(Bytes::from_static(b"x")).await.unwrap();
            arrivals.recv().await.unwrap();
            tokio::time::advance(limit / 2).await;
        }
    };
    let client = client();
    let (response, ()) = tokio::join!(client.send(request, options), feed);
    assert_eq!(body_text(response.unwrap()).await, "xxxxx");
}
