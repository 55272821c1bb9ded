//! Bodies, as they are.

use super::kit::{Wire, values};

const JSON: &str = "{ \"id\": 12345678901234567890,\n  \"price\": 1.10, \"id\": 7584781588001541408 }";

#[tokio::test]
async fn json_keeps_its_digits_its_spaces_and_its_order() {
    let wire = Wire::new().await;
    let length = format!("Content-Length: {}", JSON.len());
    let mut caller = wire.ask("POST /a", &["Content-Type: application/json", &length]).await;
    caller.say(JSON).await;
    let mut service = wire.accept().await;
    let head = service.head().await;
    assert_eq!(values(&head, "content-length"), [JSON.len().to_string()]);
    assert_eq!(values(&head, "content-type"), ["application/json"]);
    assert_eq!(service.take(JSON.len()).await, JSON.as_bytes());
    service.say(format!("HTTP/1.1 201 Created\r\n{length}\r\n\r\n{JSON}")).await;
    assert!(caller.head().await.starts_with("HTTP/1.1 201 Created\r\n"));
    assert_eq!(caller.take(JSON.len()).await, JSON.as_bytes());
}

#[tokio::test]
async fn a_multipart_body_keeps_its_boundary_and_its_bytes() {
    let body = b"--x9\r\ncontent-disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\n\r\n\x00\xff\r\n--x9--\r\n";
    let wire = Wire::new().await;
    let length = format!("Content-Length: {}", body.len());
    let kind = "Content-Type: multipart/form-data; boundary=x9";
    let mut caller = wire.ask("POST /upload", &[kind, &length]).await;
    caller.say(body).await;
    let mut service = wire.accept().await;
    assert_eq!(values(&service.head().await, "content-type"), ["multipart/form-data; boundary=x9"]);
    assert_eq!(service.take(body.len()).await, body);
}

#[tokio::test]
async fn a_chunked_upload_stays_chunked_and_arrives_piece_by_piece() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("PUT /a", &["Transfer-Encoding: chunked", "Content-Type: text/plain"]).await;
    caller.say("5\r\nfirst\r\n").await;
    let mut service = wire.accept().await;
    let head = service.head().await;
    assert_eq!(values(&head, "transfer-encoding"), ["chunked"]);
    assert!(values(&head, "content-length").is_empty());
    assert_eq!(service.take(10).await, b"5\r\nfirst\r\n");
    caller.say("6\r\nsecond\r\n0\r\n\r\n").await;
    assert_eq!(service.until(b"0\r\n\r\n").await, "6\r\nsecond\r\n0\r\n\r\n");
}

#[tokio::test]
async fn a_compressed_answer_is_left_alone_where_the_caller_takes_it() {
    let zipped = [0x1f, 0x8b, 0x08, 0x00, 0xff, 0x00, 0x01];
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /a", &["Accept-Encoding: gzip, br"]).await;
    let mut service = wire.accept().await;
    assert_eq!(values(&service.head().await, "accept-encoding"), ["gzip, br"]);
    service.say("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 7\r\n\r\n").await;
    service.say(zipped).await;
    let head = caller.head().await;
    assert_eq!(
        (values(&head, "content-encoding"), values(&head, "content-length")),
        (vec!["gzip"], vec!["7"])
    );
    assert_eq!(caller.take(7).await, zipped);
}

#[tokio::test]
async fn a_caller_that_takes_no_compression_asks_for_none() {
    let wire = Wire::new().await;
    for fields in [&[][..], &["Accept-Encoding: gzip", "Decompress: true"][..]] {
        let _caller = wire.ask("GET /a", fields).await;
        let mut service = wire.accept().await;
        assert_eq!(values(&service.head().await, "accept-encoding"), ["identity"]);
    }
}

#[tokio::test]
async fn a_get_may_have_a_body() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /search", &["Content-Type: application/json", "Content-Length: 7"]).await;
    caller.say("{\"q\":1}").await;
    let mut service = wire.accept().await;
    assert!(service.head().await.starts_with("GET /search HTTP/1.1\r\n"));
    assert_eq!(service.take(7).await, b"{\"q\":1}");
}

#[tokio::test]
async fn a_caller_that_waits_to_be_told_to_continue_is_told() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("POST /a", &["Expect: 100-continue", "Content-Length: 2"]).await;
    assert_eq!(caller.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    caller.say("ok").await;
    let mut service = wire.accept().await;
    assert!(values(&service.head().await, "expect").is_empty());
    assert_eq!(service.take(2).await, b"ok");
}
