//! What stands behind a body (RFC 9110 section 6.5).

use super::kit::{Wire, values};

#[tokio::test]
async fn a_caller_that_reads_trailers_gets_those_of_the_service() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /a", &["TE: trailers, deflate;q=0.5", "Connection: TE"]).await;
    let mut service = wire.accept().await;
    let head = service.head().await;
    assert_eq!((values(&head, "te"), values(&head, "connection")), (vec!["trailers"], vec!["te"]));
    service
        .say(
            "HTTP/1.1 200 OK\r\nTrailer: X-Sum, X-Left, Set-Cookie\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\
             X-Sum: abc\r\nX-Left: 1\r\nSet-Cookie: a=b\r\nX-Unannounced: 1\r\n\r\n",
        )
        .await;
    assert_eq!(values(&caller.head().await, "trailer"), ["X-Sum, X-Left, Set-Cookie"]);
    assert_eq!(caller.until(b"\r\n\r\n").await, "2\r\nok\r\n0\r\nx-sum: abc\r\nx-left: 1\r\n\r\n");
    // Both connections are ready for the next exchange.
    caller.say(wire.head("GET /b", &[])).await;
    assert!(service.head().await.starts_with("GET /b "));
}

#[tokio::test]
async fn a_caller_that_reads_none_gets_none_and_asks_for_none() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /a", &[]).await;
    let mut service = wire.accept().await;
    assert!(values(&service.head().await, "te").is_empty());
    service
        .say("HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: abc\r\n\r\n")
        .await;
    assert!(values(&caller.head().await, "trailer").is_empty());
    assert_eq!(caller.until(b"\r\n\r\n").await, "2\r\nok\r\n0\r\n\r\n");
    caller.say(wire.head("GET /b", &[])).await;
    assert!(service.head().await.starts_with("GET /b "));
}

#[tokio::test]
async fn trailers_of_an_upload_reach_the_service() {
    let wire = Wire::new().await;
    let fields =
        ["Transfer-Encoding: chunked", "Trailer: Digest, Content-Length", "Trailer: X-B, Authorization"];
    let mut caller = wire.ask("PUT /a", &fields).await;
    caller.say("2\r\nab\r\n").await;
    let mut service = wire.accept().await;
    let head = service.head().await;
    assert_eq!(values(&head, "trailer"), ["Digest, Content-Length", "X-B, Authorization"]);
    assert_eq!(service.take(7).await, b"2\r\nab\r\n");
    caller
        .say("0\r\nDigest: sha-256=x\r\nContent-Length: 9\r\nX-B: 1\r\nX-B: 2\r\nAuthorization: Bearer stolen\r\n\r\n")
        .await;
    assert_eq!(service.until(b"\r\n\r\n").await, "0\r\ndigest: sha-256=x\r\nx-b: 1\r\nx-b: 2\r\n\r\n");
    service.say("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert!(caller.head().await.starts_with("HTTP/1.1 204 "));
    caller.say(wire.head("GET /b", &[])).await;
    assert!(service.head().await.starts_with("GET /b "));
}

#[tokio::test]
async fn an_upload_that_is_sent_again_is_sent_with_its_trailers() {
    let wire = Wire::new().await;
    let fields = ["Transfer-Encoding: chunked", "Trailer: Digest", "Retries: 1"];
    let mut caller = wire.ask("PUT /a", &fields).await;
    caller.say("2\r\nab\r\n0\r\nDigest: x\r\n\r\n").await;
    let mut service = wire.accept().await;
    for answer in ["HTTP/1.1 503 Busy\r\nretry-after: 0.01\r\n", "HTTP/1.1 200 OK\r\n"] {
        assert_eq!(values(&service.head().await, "trailer"), ["Digest"]);
        assert_eq!(service.until(b"\r\n\r\n").await, "2\r\nab\r\n0\r\ndigest: x\r\n\r\n");
        service.say(format!("{answer}content-length: 0\r\n\r\n")).await;
    }
    let head = caller.head().await;
    assert!(head.starts_with("HTTP/1.1 200 ") && values(&head, "dovetail-proxy-attempts") == ["2"], "{head}");
}

#[tokio::test]
async fn a_body_without_length_reaches_the_service_whatever_the_method() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /search", &["Transfer-Encoding: chunked"]).await;
    caller.say("2\r\nab\r\n0\r\n\r\n").await;
    let mut service = wire.accept().await;
    assert_eq!(values(&service.head().await, "transfer-encoding"), ["chunked"]);
    assert_eq!(service.until(b"0\r\n\r\n").await, "2\r\nab\r\n0\r\n\r\n");
}
