//! Every kind of fault, in memory and on a socket.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::harness::{World, get};

const AUTH: (&str, &str) = ("authorization", "Bearer demo-key");
const URL: &str = "https://coda.io/apis/v1/docs";

async fn add(world: &World, rule: &str) {
    let request = Request::builder()
        .method("POST")
        .uri("/__faults")
        .header("content-type", "application/json")
        .body(Body::from(rule.to_owned()))
        .unwrap();
    assert_eq!(world.send(request).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_status_comes_as_often_as_asked() {
    let world = World::new();
    add(
        &world,
        r#"{"match":{"provider":"coda","path":"/apis"},"fault":{"status":429,"retry_after":2},"times":1}"#,
    )
    .await;
    let first = world.send(get(URL, &[AUTH])).await;
    assert_eq!(first.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(first.headers["retry-after"], "2");
    assert_eq!(world.send(get(URL, &[AUTH])).await.status, StatusCode::OK);
}

#[tokio::test]
async fn deleted_faults_are_gone() {
    let world = World::new();
    add(&world, r#"{"match":{"host":"coda.io"},"fault":{"status":503}}"#).await;
    assert_eq!(world.send(get(URL, &[AUTH])).await.status, StatusCode::SERVICE_UNAVAILABLE);
    let delete = Request::builder().method("DELETE").uri("/__faults").body(Body::empty()).unwrap();
    assert_eq!(world.send(delete).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.send(get(URL, &[AUTH])).await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn latency_is_added() {
    let world = World::new();
    let before = Instant::now();
    let answer = world.send(get(URL, &[AUTH, ("dovetail-mock-fault", "latency_ms:1500")])).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(before.elapsed() >= Duration::from_millis(1500));
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_is_whole_in_the_end() {
    let world = World::new();
    let before = Instant::now();
    let answer = world.send(get(&format!("{URL}?__fault=slow_body:10:100"), &[AUTH])).await;
    assert_eq!(answer.body["provider"], "coda");
    assert!(before.elapsed() >= Duration::from_secs(2), "{:?}", before.elapsed());
}

#[tokio::test]
async fn an_unknown_fault_is_refused() {
    let answer = World::new().send(get(&format!("{URL}?__fault=explode"), &[AUTH])).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.body["error"]["code"], "bad_fault");
}

/// Sends one request on a socket; what came back before the connection closed.
fn raw(address: SocketAddr, fault: &str) -> Vec<u8> {
    let mut socket = std::net::TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /apis/v1/docs HTTP/1.1\r\nhost: coda.io\r\ndovetail-simulated-url: {URL}\r\n\
         authorization: Bearer demo-key\r\n{fault}connection: close\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    match socket.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn on_a_socket_a_reset_is_a_reset() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let cancel = CancellationToken::new();
    let server = tokio::spawn(World::new().simulator.serve(listener, cancel.clone()));
    let ask = |fault: &'static str| tokio::task::spawn_blocking(move || raw(address, fault));

    let whole = ask("").await.unwrap();
    assert!(whole.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert!(whole.ends_with(b"\"provider\":\"coda\"}"));
    let nothing = ask("dovetail-mock-fault: reset\r\n").await.unwrap();
    assert!(nothing.is_empty(), "{}", String::from_utf8_lossy(&nothing));
    let part = ask("dovetail-mock-fault: reset_after_bytes:10\r\n").await.unwrap();
    assert!(part.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert!(part.len() < whole.len() && !part.ends_with(b"}"));

    cancel.cancel();
    server.await.unwrap().unwrap();
}
