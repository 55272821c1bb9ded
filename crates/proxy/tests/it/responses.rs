use bytes::Bytes;
use dovetail_egress::collect;

use crate::service::{Caller, answer, keyed, serve, text};

#[tokio::test]
async fn status_fields_and_bytes_come_back_as_received() {
    let addr = serve(|request| async move {
        let status = request.uri().path().trim_start_matches("/v1/").parse().unwrap();
        let mut answer = answer(status, r#"{"id":7584781588001541408}"#);
        for (name, value) in [
            ("link", "<https://x.test>; rel=next"),
            ("x-ratelimit-remaining", "9"),
            ("set-cookie", "a=1"),
            ("access-control-allow-origin", "*"),
            ("dovetail-error", "forged"),
        ] {
            answer.headers_mut().append(name, value.parse().unwrap());
        }
        answer
    })
    .await;
    for status in [200, 201, 206, 404, 422, 500] {
        let response = Caller::get(&keyed(addr), &format!("/{status}")).call().await.unwrap();
        assert_eq!(response.status(), status);
        let mut names: Vec<_> = response.headers().keys().map(|name| name.as_str().to_owned()).collect();
        names.sort();
        assert_eq!(
            names,
            ["content-length", "date", "dovetail-proxy-attempts", "link", "x-ratelimit-remaining"]
        );
        assert_eq!(text(response).await, r#"{"id":7584781588001541408}"#);
    }
}

#[tokio::test]
async fn a_compressed_answer_stays_compressed() {
    let addr = serve(|_| async {
        let mut answer = answer(200, Bytes::from_static(&[0x1f, 0x8b, 0xff]));
        answer.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
        answer
    })
    .await;
    let response = Caller::get(&keyed(addr), "/").with("accept-encoding", "gzip").call().await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert_eq!(collect(response.into_body(), 10).await.unwrap(), &[0x1f, 0x8b, 0xff][..]);
}

#[tokio::test]
async fn no_content_is_no_content() {
    let addr = serve(|_| async { answer(204, "") }).await;
    let response = Caller::get(&keyed(addr), "/").call().await.unwrap();
    assert_eq!(response.status(), 204);
    assert_eq!(text(response).await, "");
}

/// `hello, plain world`.
const ZIPPED: &str = "1f8b0800000000000203cb48cdc9c9d75128c849cccc5328cf2fca49010058feebf312000000";

/// A service that compresses whatever is asked of it.
async fn zipping(status: u16) -> std::net::SocketAddr {
    serve(move |_| async move {
        let mut answer = answer(status, unhex(ZIPPED));
        answer.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
        answer.headers_mut().insert("etag", "\"1\"".parse().unwrap());
        answer
    })
    .await
}

fn unhex(text: &str) -> Bytes {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[tokio::test]
async fn an_answer_that_the_caller_cannot_read_is_decompressed() {
    let addr = zipping(200).await;
    for fields in [
        &[][..],
        &[("accept-encoding", "br, gzip;q=0")],
        &[("accept-encoding", "gzip"), ("decompress", "true")],
        &[("nango-proxy-accept-encoding", "gzip"), ("decompress", "true")],
    ] {
        let mut caller = Caller::get(&keyed(addr), "/");
        for (name, value) in fields {
            caller = caller.with(name, *value);
        }
        let response = caller.call().await.unwrap();
        for gone in ["content-encoding", "content-length"] {
            assert!(!response.headers().contains_key(gone), "{gone} {fields:?}");
        }
        assert_eq!(response.headers()["etag"], "\"1\"");
        assert_eq!(text(response).await, "hello, plain world", "{fields:?}");
    }
    for accepted in ["accept-encoding", "nango-proxy-accept-encoding"] {
        let response = Caller::get(&keyed(addr), "/").with(accepted, "gzip").call().await.unwrap();
        assert_eq!(response.headers()["content-encoding"], "gzip");
        assert_eq!(collect(response.into_body(), 100).await.unwrap(), unhex(ZIPPED));
    }
}

#[tokio::test]
async fn a_definition_may_want_plain_answers() {
    let addr = zipping(404).await;
    let provider = keyed(addr) + "  decompress: true\n";
    let response = Caller::get(&provider, "/").with("accept-encoding", "gzip").call().await.unwrap();
    assert_eq!((response.status().as_u16(), text(response).await.as_str()), (404, "hello, plain world"));
}

#[tokio::test]
async fn a_part_of_a_compressed_document_cannot_be_decompressed() {
    let response = Caller::get(&keyed(zipping(206).await), "/").call().await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
}

#[tokio::test]
async fn a_body_that_is_not_what_it_claims_breaks_off() {
    let addr = serve(|_| async {
        let mut answer = answer(200, "not zipped");
        answer.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
        answer
    })
    .await;
    let response = Caller::get(&keyed(addr), "/").call().await.unwrap();
    assert_eq!(collect(response.into_body(), 100).await.unwrap_err().code(), "ERR_BAD_RESPONSE");
}
