//! What flows while both sides are there.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::kit::{Wire, values};

/// What the two sockets, the server's and the test's, may hold between them, in bytes: the system's buffers reach
/// several MiB on loopback.
const IN_FLIGHT: usize = 32 * 1024 * 1024;

/// Nothing moved for that long: it stands still.
const STILL: Duration = Duration::from_millis(300);

#[tokio::test]
async fn events_come_when_they_happen() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /events", &["Nango-Proxy-Accept: text/event-stream"]).await;
    let mut service = wire.accept().await;
    assert_eq!(values(&service.head().await, "accept"), ["text/event-stream"]);
    service
        .say("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    assert_eq!(values(&caller.head().await, "content-type"), ["text/event-stream"]);
    for event in ["data: 1\n\n", "data: 2\n\n"] {
        service.say(format!("{:x}\r\n{event}\r\n", event.len())).await;
        assert_eq!(caller.until(b"\n\n\r\n").await, format!("{:X}\r\n{event}\r\n", event.len()));
    }
    service.say("0\r\n\r\n").await;
    assert_eq!(caller.until(b"0\r\n\r\n").await, "0\r\n\r\n");
}

#[tokio::test]
async fn a_reader_that_stops_stops_the_service() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /endless", &[]).await;
    let mut service = wire.accept().await;
    service.head().await;
    service.say("HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n").await;
    caller.head().await;
    let piece = vec![b'x'; 64 * 1024];
    let mut sent = 0;
    while let Ok(written) = timeout(STILL, service.socket.write(&piece)).await {
        sent += written.unwrap();
        assert!(sent < IN_FLIGHT, "{sent} bytes were taken from the service, and nobody read them");
    }
    // It goes on where it stopped.
    let mut drained = vec![0; sent];
    timeout(Duration::from_secs(20), caller.socket.read_exact(&mut drained)).await.unwrap().unwrap();
    assert!(timeout(Duration::from_secs(20), service.socket.write(&piece)).await.unwrap().unwrap() > 0);
}

#[tokio::test]
async fn a_service_that_stops_stops_the_upload() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("PUT /endless", &["Content-Length: 1000000000000"]).await;
    let mut service = wire.accept().await;
    service.head().await;
    let piece = vec![b'x'; 64 * 1024];
    let mut sent = 0;
    while let Ok(written) = timeout(STILL, caller.socket.write(&piece)).await {
        sent += written.unwrap();
        assert!(sent < IN_FLIGHT, "{sent} bytes were taken from the caller, and nobody read them");
    }
}

/// Large enough that holding it would show, several times [`IN_FLIGHT`], in bytes.
const LARGE: usize = 4 * IN_FLIGHT;

/// Carries [`LARGE`] bytes from one socket to the other. At no moment is more than [`IN_FLIGHT`] between them.
async fn carry(from: &mut TcpStream, to: &mut TcpStream, mut pending: usize) {
    let sent = AtomicUsize::new(0);
    let writing = async {
        let piece = vec![b'x'; 256 * 1024];
        while sent.load(Relaxed) < LARGE {
            sent.fetch_add(piece.len(), Relaxed);
            from.write_all(&piece).await.unwrap();
        }
    };
    let reading = async {
        let mut buffer = vec![0; 256 * 1024];
        while pending < LARGE {
            let read = timeout(Duration::from_secs(20), to.read(&mut buffer)).await.unwrap().unwrap();
            assert!(read > 0, "closed after {pending} bytes");
            pending += read;
            let between = sent.load(Relaxed) - pending;
            assert!(between < IN_FLIGHT, "{between} bytes are held");
        }
    };
    tokio::join!(writing, reading);
}

#[tokio::test]
async fn a_large_answer_is_not_held() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /large", &[]).await;
    let mut service = wire.accept().await;
    service.head().await;
    service.say(format!("HTTP/1.1 200 OK\r\ncontent-length: {LARGE}\r\n\r\n")).await;
    caller.head().await;
    let pending = caller.held();
    carry(&mut service.socket, &mut caller.socket, pending).await;
}

#[tokio::test]
async fn a_large_upload_is_not_held() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("PUT /large", &[&format!("Content-Length: {LARGE}")]).await;
    let mut service = wire.accept().await;
    service.head().await;
    let pending = service.held();
    carry(&mut caller.socket, &mut service.socket, pending).await;
    service.say("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert!(caller.head().await.starts_with("HTTP/1.1 204 "));
}

#[tokio::test]
async fn an_answer_may_begin_while_the_request_goes_on() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("POST /echo", &["Transfer-Encoding: chunked"]).await;
    caller.say("3\r\none\r\n").await;
    let mut service = wire.accept().await;
    service.head().await;
    service.until(b"one\r\n").await;
    service.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nONE\r\n").await;
    caller.head().await;
    assert_eq!(caller.until(b"ONE\r\n").await, "3\r\nONE\r\n");
    caller.say("3\r\ntwo\r\n0\r\n\r\n").await;
    service.until(b"two\r\n").await;
    service.say("3\r\nTWO\r\n0\r\n\r\n").await;
    assert_eq!(caller.until(b"0\r\n\r\n").await, "3\r\nTWO\r\n0\r\n\r\n");
}

#[tokio::test]
async fn a_websocket_goes_through() {
    let wire = Wire::new().await;
    let fields = [
        "Connection: keep-alive, Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        "Nango-Proxy-Sec-WebSocket-Protocol: chat",
    ];
    let mut caller = wire.ask("GET /socket?room=1", &fields).await;
    let mut service = wire.accept().await;
    let head = service.head().await;
    assert!(head.starts_with("GET /socket?room=1 HTTP/1.1\r\n"), "{head}");
    for (name, value) in [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-version", "13"),
        ("sec-websocket-protocol", "chat"),
        ("authorization", "Bearer k"),
    ] {
        assert_eq!(values(&head, name), [value]);
    }
    service
        .say(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x01hello",
        )
        .await;
    let head = caller.head().await;
    assert!(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{head}");
    assert_eq!(values(&head, "sec-websocket-accept"), ["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]);
    assert_eq!(values(&head, "upgrade"), ["websocket"]);
    assert_eq!(caller.take(6).await, b"\x01hello");
    for word in ["ping", "\u{0}\u{1}pong"] {
        caller.say(word).await;
        assert_eq!(service.take(word.len()).await, word.as_bytes());
        service.say(word).await;
        assert_eq!(caller.take(word.len()).await, word.as_bytes());
    }
    drop(service);
    assert_eq!(caller.rest().await, b"");
}

#[tokio::test]
async fn a_protocol_the_service_does_not_change_to_is_an_ordinary_answer() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /socket", &["Connection: Upgrade", "Upgrade: websocket"]).await;
    let mut service = wire.accept().await;
    service.head().await;
    service.say("HTTP/1.1 426 Upgrade Required\r\nupgrade: websocket\r\ncontent-length: 2\r\n\r\nno").await;
    assert!(caller.head().await.starts_with("HTTP/1.1 426 "));
    assert_eq!(caller.take(2).await, b"no");
}
