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
