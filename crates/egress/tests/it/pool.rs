//! Which connection an exchange uses.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dovetail_egress::{Body, SendOptions};
use http::Request;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::failures::{OK, read_head};
use crate::server::{body_text, client, get, listen};

/// Serves each connection with `script`; counts them.
async fn scripted<F>(script: impl Fn(usize, TcpStream) -> F + Send + 'static) -> (String, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (listener, addr) = listen().await;
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let number = count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(script(number, stream));
        }
    });
    (format!("http://{addr}/"), accepted)
}

async fn answer_all(mut stream: TcpStream) {
    while read_head(&mut stream).await {
        stream.write_all(OK).await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_is_used_again_once_its_answer_was_read() {
    let (url, accepted) = scripted(|_, stream| answer_all(stream)).await;
    let client = client();
    for _ in 0..3 {
        let response = client.send(get(&url), SendOptions::default()).await.unwrap();
        assert_eq!(body_text(response).await, "ok");
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn exchanges_at_the_same_time_have_a_connection_each() {
    let (url, accepted) = scripted(|_, stream| answer_all(stream)).await;
    let client = client();
    let one = client.send(get(&url), SendOptions::default()).await.unwrap();
    let other = client.send(get(&url), SendOptions::default()).await.unwrap();
    assert_eq!((body_text(other).await, body_text(one).await), ("ok".to_owned(), "ok".to_owned()));
    assert_eq!(accepted.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_answer_given_up_closes_its_connection() {
    let (closed, mut seen) = mpsc::channel(1);
    let (url, accepted) = scripted(move |_, mut stream| {
        let closed = closed.clone();
        async move {
            read_head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await.unwrap();
            assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
            closed.send(()).await.unwrap();
        }
    })
    .await;
    let client = client();
    let mut response = client.send(get(&url), SendOptions::default()).await.unwrap();
    assert_eq!(response.frame().await.unwrap().unwrap().into_data().unwrap(), "half");
    drop(response);
    seen.recv().await.unwrap();
    drop(client.send(get(&url), SendOptions::default()).await.unwrap());
    assert_eq!(accepted.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn giving_up_before_the_answer_closes_the_connection() {
    let (closed, mut seen) = mpsc::channel(1);
    let (url, _) = scripted(move |_, mut stream| {
        let closed = closed.clone();
        async move {
            read_head(&mut stream).await;
            closed.send("asked").await.unwrap();
            assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
            closed.send("closed").await.unwrap();
        }
    })
    .await;
    let client = client();
    let waiting = tokio::spawn(async move { client.send(get(&url), SendOptions::default()).await });
    assert_eq!(seen.recv().await, Some("asked"));
    waiting.abort();
    assert_eq!(seen.recv().await, Some("closed"));
}

#[tokio::test]
async fn a_connection_that_the_peer_closed_is_not_used_for_a_post() {
    let (hung_up, mut seen) = mpsc::channel(1);
    let (url, accepted) = scripted(move |number, mut stream| {
        let hung_up = hung_up.clone();
        async move {
            read_head(&mut stream).await;
            stream.write_all(OK).await.unwrap();
            if number == 0 {
                drop(stream);
                hung_up.send(()).await.unwrap();
            } else {
                std::future::pending::<()>().await;
            }
        }
    })
    .await;
    let client = client();
    let response = client.send(get(&url), SendOptions::default()).await.unwrap();
    assert_eq!(body_text(response).await, "ok");
    seen.recv().await.unwrap();
    // The runtime hears of the end of a connection when it next asks the system.
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    let post = Request::post(&url).body(Body::from("pay 5")).unwrap();
    assert_eq!(body_text(client.send(post, SendOptions::default()).await.unwrap()).await, "ok");
    assert_eq!(accepted.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_answer_before_the_end_of_an_upload_does_not_stop_the_upload() {
    let (arrived, mut seen) = mpsc::channel(1);
    let (url, _) = scripted(move |_, mut stream| {
        let arrived = arrived.clone();
        async move {
            read_head(&mut stream).await;
            stream.write_all(OK).await.unwrap();
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await.unwrap();
            arrived.send(String::from_utf8(rest).unwrap()).await.unwrap();
        }
    })
    .await;
    let (tx, mut rx) = mpsc::channel::<bytes::Bytes>(1);
    let pieces = futures_util::stream::poll_fn(move |cx| {
        rx.poll_recv(cx)
            .map(|next| next.map(|b| Ok::<_, std::convert::Infallible>(http_body::Frame::data(b))))
    });
    let body = Body::stream(http_body_util::StreamBody::new(pieces));
    let post = Request::post(&url).body(body).unwrap();
    let client = client();
    let response = client.send(post, SendOptions::default()).await.unwrap();
    // Nobody reads the answer yet; the upload goes on.
    for piece in ["one", "two"] {
        tx.send(piece.into()).await.unwrap();
    }
    drop(tx);
    assert_eq!(body_text(response).await, "ok");
    drop(client);
    assert_eq!(seen.recv().await.unwrap(), "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
}

#[tokio::test]
async fn an_upgraded_connection_is_handed_over() {
    let (url, _) = scripted(|_, mut stream| async move {
        read_head(&mut stream).await;
        stream
            .write_all(
                b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nhello",
            )
            .await
            .unwrap();
        let mut said = [0; 3];
        stream.read_exact(&mut said).await.unwrap();
        stream.write_all(&said).await.unwrap();
    })
    .await;
    let mut request = get(&url);
    request.headers_mut().insert("connection", "upgrade".parse().unwrap());
    request.headers_mut().insert("upgrade", "echo".parse().unwrap());
    let response = client().send(request, SendOptions::default()).await.unwrap();
    assert_eq!(response.status(), 101);
    let mut upgraded = hyper_util::rt::TokioIo::new(hyper::upgrade::on(response).await.unwrap());
    upgraded.write_all(b"abc").await.unwrap();
    let mut heard = Vec::new();
    upgraded.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, b"helloabc");
}
