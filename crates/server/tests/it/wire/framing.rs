//! Where a message ends, and attempts to make two ends of one (RFC 9112 sections 6 and 11.2).

use super::kit::{Wire, values};

#[tokio::test]
async fn a_request_with_two_ends_is_refused_or_has_one_afterwards() {
    let wire = Wire::new().await;
    for fields in [
        &["Content-Length: 4", "Content-Length: 5"][..],
        &["Content-Length: +4"],
        &["Content-Length: 4, 5"],
        &["Content-Length: 0x4"],
        &["Transfer-Encoding: gzip"],
        &["Transfer-Encoding: chunked, identity"],
        &["Transfer-Encoding : chunked"],
        &["X-Folded: a", " Transfer-Encoding: chunked"],
        &["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        &["Transfer-Encoding: xchunked"],
        &["Transfer-Encoding: \u{b}chunked"],
        &["X-Split: a\rTransfer-Encoding: chunked"],
        &["X\u{0}-Nul: a"],
        &["X-Nul: a\u{0}b"],
        &["Content-Length: 4\u{0}"],
        &[": no name"],
    ] {
        let mut caller = wire.ask("POST /a", fields).await;
        let head = caller.head().await;
        assert!(head.starts_with("HTTP/1.1 400 "), "{fields:?}: {head}");
    }
    assert!(wire.is_quiet().await, "nothing reached the service");
}

#[tokio::test]
async fn a_length_beside_chunks_does_not_reach_the_service() {
    let wire = Wire::new().await;
    let fields = ["Content-Length: 6", "Transfer-Encoding: chunked"];
    let mut caller = wire.ask("POST /a", &fields).await;
    caller.say("0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let answer = tokio::select! {
        mut service = wire.accept() => {
            let head = service.head().await;
            assert!(values(&head, "content-length").is_empty(), "{head}");
            service.say("HTTP/1.1 204 No Content\r\n\r\n").await;
            caller.head().await
        }
        head = caller.head() => head,
    };
    let status = answer.split(' ').nth(1).unwrap();
    assert!(["204", "400"].contains(&status), "{answer}");
    assert!(wire.is_quiet().await, "what came behind was no request of ours");
}

#[tokio::test]
async fn chunks_that_are_none_end_the_call() {
    let wire = Wire::new().await;
    for chunk in ["zz\r\nab\r\n", "-1\r\n\r\n", "ffffffffffffffffff\r\n"] {
        let mut caller = wire.ask("POST /a", &["Transfer-Encoding: chunked"]).await;
        let mut service = wire.accept().await;
        service.head().await;
        caller.say(chunk).await;
        assert!(!service.rest().await.ends_with(b"0\r\n\r\n"), "{chunk:?}");
    }
}

#[tokio::test]
async fn an_answer_with_two_ends_is_the_services_fault() {
    let wire = Wire::new().await;
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcde",
        "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\nabcde",
        "HTTP/1.1 200 OK\r\nx-a: 1\r\n folded: 2\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "nonsense\r\n\r\n",
    ] {
        let mut caller = wire.ask("POST /a", &["Content-Length: 0"]).await;
        let mut service = wire.accept().await;
        service.head().await;
        service.say(answer).await;
        let head = caller.head().await;
        assert!(head.starts_with("HTTP/1.1 502 "), "{answer:?}: {head}");
        assert_eq!(values(&head, "dovetail-error"), ["provider_unreachable"]);
    }
}

#[tokio::test]
async fn answers_without_a_body_have_none() {
    let wire = Wire::new().await;
    for (line, answer, length) in [
        ("HEAD /a", "HTTP/1.1 200 OK\r\ncontent-length: 123\r\netag: x\r\n\r\n", vec!["123"]),
        ("GET /a", "HTTP/1.1 204 No Content\r\n\r\n", vec![]),
        ("GET /a", "HTTP/1.1 304 Not Modified\r\netag: \"7\"\r\n\r\n", vec![]),
    ] {
        let mut caller = wire.ask(line, &[]).await;
        let mut service = wire.accept().await;
        service.head().await;
        service.say(answer).await;
        let head = caller.head().await;
        assert_eq!(head.lines().next(), answer.lines().next());
        assert_eq!(values(&head, "content-length"), length, "{line}");
        // The next answer on the same connection begins right behind: nothing was left over.
        caller.say(wire.head("GET /b", &[])).await;
        // The call before is over, so its connection to the service is used again.
        assert!(service.head().await.starts_with("GET /b "));
        service.say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        assert!(caller.head().await.starts_with("HTTP/1.1 200 OK\r\n"));
        assert_eq!(caller.take(2).await, b"ok");
    }
}

#[tokio::test]
async fn a_part_of_a_document_is_a_part() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /a", &["Nango-Proxy-Range: bytes=2-4"]).await;
    let mut service = wire.accept().await;
    service.head().await;
    service
        .say("HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 2-4/9\r\ncontent-length: 3\r\n\r\ncde")
        .await;
    let head = caller.head().await;
    assert!(head.starts_with("HTTP/1.1 206 "));
    assert_eq!(values(&head, "content-range"), ["bytes 2-4/9"]);
    assert_eq!(caller.take(3).await, b"cde");
}

#[tokio::test]
async fn an_answer_that_ends_with_its_connection_comes_whole() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /a", &[]).await;
    let mut service = wire.accept().await;
    service.head().await;
    service.say("HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nuntil the end").await;
    drop(service);
    assert_eq!(values(&caller.head().await, "transfer-encoding"), ["chunked"]);
    assert!(caller.until(b"\r\n0\r\n\r\n").await.contains("until the end"));
}

#[tokio::test]
async fn what_the_service_says_before_its_answer_stays_between_it_and_us() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /a", &[]).await;
    let mut service = wire.accept().await;
    service.head().await;
    service.say("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n").await;
    service.say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let head = caller.head().await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && values(&head, "link").is_empty(), "{head}");
}

#[tokio::test]
async fn an_answer_with_a_length_beside_chunks_is_chunks() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /a", &[]).await;
    let mut service = wire.accept().await;
    service.head().await;
    service
        .say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n")
        .await;
    let answer = caller.head().await;
    if answer.starts_with("HTTP/1.1 200 ") {
        assert!(values(&answer, "content-length").is_empty(), "{answer}");
        assert_eq!(caller.until(b"0\r\n\r\n").await, "4\r\nabcd\r\n0\r\n\r\n");
    } else {
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    }
}

#[tokio::test]
async fn what_a_service_says_unasked_answers_nobody() {
    let wire = Wire::new().await;
    let mut first = wire.ask("GET /first", &[]).await;
    let mut service = wire.accept().await;
    service.head().await;
    let forged = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged";
    service.say(format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok{forged}")).await;
    first.head().await;
    assert_eq!(first.take(2).await, b"ok");
    let mut second = wire.ask("GET /second", &[]).await;
    let mut fresh = wire.accept().await;
    assert!(fresh.head().await.starts_with("GET /second "), "the poisoned connection is not used again");
    fresh.say("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nreal").await;
    second.head().await;
    assert_eq!(second.take(4).await, b"real");
}

#[tokio::test]
async fn requests_in_a_row_are_answered_in_their_order() {
    let wire = Wire::new().await;
    let mut caller = wire.connect().await;
    let two = wire.head("GET /1", &[]) + &wire.head("POST /2", &["Content-Length: 2"]) + "ab";
    caller.say(two).await;
    let mut service = wire.accept().await;
    assert!(service.head().await.starts_with("GET /1 "));
    service.say("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\none").await;
    caller.head().await;
    assert_eq!(caller.take(3).await, b"one");
    assert!(service.head().await.starts_with("POST /2 "));
    assert_eq!(service.take(2).await, b"ab");
    service.say("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\ntwo").await;
    caller.head().await;
    assert_eq!(caller.take(3).await, b"two");
}
