use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dovetail_egress::{Client, EgressConfig, SendOptions};
use dovetail_testkit::http::serve_connection;
use dovetail_testkit::tls;

use crate::server::{Names, body_text, get, listen, local, text};

/// An HTTPS server with a certificate for `tls.test` that answers the protocol version.
async fn serve_tls(alpn: &[&[u8]]) -> (SocketAddr, Arc<AtomicUsize>) {
    let acceptor = tls::acceptor(alpn);
    let (listener, addr) = listen().await;
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            tokio::spawn(serve_connection(stream, |request| async move {
                let authority = request.uri().authority().map(ToString::to_string);
                let host = request.headers().get("host").map(|host| host.to_str().unwrap().to_owned());
                text(200, format!("{:?} {authority:?} {host:?}", request.version()))
            }));
        }
    });
    (addr, accepted)
}

fn trusting(names: &[(&'static str, &str)]) -> Client {
    let tls = tls::trusting();
    Client::new(EgressConfig { tls: Some(tls), resolver: Names::of(names), ..local() }).unwrap()
}

#[tokio::test]
async fn http_2_is_spoken_where_the_server_offers_it() {
    let (addr, _) = serve_tls(&[b"h2", b"http/1.1"]).await;
    let client = trusting(&[("tls.test", "127.0.0.1")]);
    let response = client
        .send(get(&format!("https://tls.test:{}/", addr.port())), SendOptions::default())
        .await
        .unwrap();
    assert_eq!(body_text(response).await, format!("HTTP/2.0 Some(\"tls.test:{}\") None", addr.port()));
}

#[tokio::test]
async fn requests_at_the_same_time_share_an_http_2_connection() {
    let (addr, accepted) = serve_tls(&[b"h2"]).await;
    let client = trusting(&[("tls.test", "127.0.0.1")]);
    let url = format!("https://tls.test:{}/", addr.port());
    client.send(get(&url), SendOptions::default()).await.unwrap();
    let one = client.send(get(&url), SendOptions::default());
    let other = client.send(get(&url), SendOptions::default());
    let (one, other) = tokio::join!(one, other);
    assert_eq!(
        (one.unwrap().status(), other.unwrap().status()),
        (http::StatusCode::OK, http::StatusCode::OK)
    );
    assert_eq!(accepted.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn http_1_is_spoken_otherwise() {
    let (addr, _) = serve_tls(&[b"http/1.1"]).await;
    let client = trusting(&[("tls.test", "127.0.0.1")]);
    let response = client
        .send(get(&format!("https://tls.test:{}/", addr.port())), SendOptions::default())
        .await
        .unwrap();
    assert_eq!(body_text(response).await, format!("HTTP/1.1 None Some(\"tls.test:{}\")", addr.port()));
}

#[tokio::test]
async fn an_untrusted_or_foreign_certificate_is_refused() {
    let (addr, _) = serve_tls(&[]).await;
    let names = [("tls.test", "127.0.0.1"), ("other.test", "127.0.0.1")];
    let url = format!("https://other.test:{}/", addr.port());
    let error = trusting(&names).send(get(&url), SendOptions::default()).await;
    assert_eq!(error.unwrap_err().code(), "ERR_TLS_CERT_ALTNAME_INVALID");
    let distrusting = Client::new(EgressConfig { resolver: Names::of(&names), ..local() }).unwrap();
    let error =
        distrusting.send(get(&format!("https://tls.test:{}/", addr.port())), SendOptions::default()).await;
    assert_eq!(error.unwrap_err().code(), "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
}
