//! One side goes away.

use super::kit::Wire;

#[tokio::test]
async fn a_caller_that_leaves_before_the_answer_ends_the_call_at_the_service() {
    let wire = Wire::new().await;
    let caller = wire.ask("GET /slow", &[]).await;
    let mut service = wire.accept().await;
    service.head().await;
    drop(caller);
    assert_eq!(service.rest().await, b"");
}

#[tokio::test]
async fn a_caller_that_leaves_within_the_answer_ends_the_call_at_the_service() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /slow", &[]).await;
    let mut service = wire.accept().await;
    service.head().await;
    service.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n").await;
    caller.head().await;
    drop(caller);
    assert_eq!(service.rest().await, b"");
}

#[tokio::test]
async fn a_caller_that_leaves_within_its_upload_leaves_no_whole_request_behind() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("PUT /a", &["Transfer-Encoding: chunked"]).await;
    caller.say("3\r\none\r\n").await;
    let mut service = wire.accept().await;
    service.head().await;
    drop(caller);
    assert!(!service.rest().await.ends_with(b"0\r\n\r\n"), "half an upload must not look like a whole one");
}

#[tokio::test]
async fn an_answer_that_breaks_off_does_not_look_whole() {
    let wire = Wire::new().await;
    for fields in ["content-length: 10", "transfer-encoding: chunked"] {
        let mut caller = wire.ask("GET /a", &[]).await;
        let mut service = wire.accept().await;
        service.head().await;
        let half = if fields.contains("chunked") { "3\r\none\r\n" } else { "one" };
        service.say(format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n{half}")).await;
        caller.head().await;
        caller.until(b"one").await;
        service.socket.set_zero_linger().unwrap();
        drop(service);
        let rest = caller.rest().await;
        assert!(!rest.ends_with(b"0\r\n\r\n"), "{fields}: {:?}", String::from_utf8_lossy(&rest));
    }
}

#[tokio::test]
async fn a_caller_that_leaves_between_two_attempts_ends_them() {
    let wire = Wire::new().await;
    let caller = wire.ask("GET /a", &["Retries: 3"]).await;
    let mut service = wire.accept().await;
    service.head().await;
    service.say("HTTP/1.1 503 Busy\r\nretry-after: 0.1\r\ncontent-length: 0\r\n\r\n").await;
    drop(caller);
    // Either the attempt never comes, or the connection is closed behind it: nobody waits for three.
    let mut asked = 0;
    while !service.rest().await.is_empty() {
        asked += 1;
        assert!(asked < 2, "the service is asked on behalf of nobody");
    }
    assert!(wire.is_quiet().await);
}
