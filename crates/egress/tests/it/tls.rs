use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dovetail_egress::{Client, EgressConfig, Identity, SendOptions};
use dovetail_testkit::http::serve_connection;
use dovetail_testkit::tls;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

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

/// Showing a certificate of one's own takes nothing from what is asked of the server (auth-modes.md 28.7).
#[tokio::test]
async fn a_client_with_a_certificate_refuses_a_bad_server_too() {
    let chain = CertificateDer::from_pem_slice(include_bytes!("../../../testkit/fixtures/leaf.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../../../testkit/fixtures/leaf.key")).unwrap();
    let identity = Identity::from_der(vec![chain.to_vec()], key.secret_der().to_vec()).unwrap();
    let (addr, _) = serve_tls(&[]).await;
    let names = [("tls.test", "127.0.0.1"), ("other.test", "127.0.0.1")];
    let good = format!("https://tls.test:{}/", addr.port());
    let identified = trusting(&names).identified(&identity).unwrap();
    assert_eq!(identified.send(get(&good), SendOptions::default()).await.unwrap().status(), 200);
    let other = format!("https://other.test:{}/", addr.port());
    let error = identified.send(get(&other), SendOptions::default()).await;
    assert_eq!(error.unwrap_err().code(), "ERR_TLS_CERT_ALTNAME_INVALID");
    let distrusting = Client::new(EgressConfig { resolver: Names::of(&names), ..local() }).unwrap();
    let error = distrusting.identified(&identity).unwrap().send(get(&good), SendOptions::default()).await;
    assert_eq!(error.unwrap_err().code(), "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
}
