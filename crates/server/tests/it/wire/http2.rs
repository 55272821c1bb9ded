//! A service that speaks HTTP/2 over TLS (RFC 9113).

use std::future::poll_fn;
use std::time::Duration;

use bytes::Bytes;
use dovetail_testkit::tls;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, Request, Response};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::kit::{End, Wire, values};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// More than the windows and sockets between the service and the caller may hold, in bytes.
const IN_FLIGHT: usize = 32 * 1024 * 1024;

type Asked = (Request<RecvStream>, SendResponse<Bytes>);

/// One connection of the service, to the frame.
struct Service {
    asked: mpsc::Receiver<Asked>,
}

impl Service {
    async fn accept(wire: &Wire) -> Self {
        let accepted = timeout(PATIENCE, wire.service.accept()).await.expect("nobody called the service");
        let stream = tls::acceptor(&[b"h2", b"http/1.1"]).accept(accepted.unwrap().0).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let mut connection = h2::server::handshake(stream).await.unwrap();
        let (found, asked) = mpsc::channel(8);
        tokio::spawn(async move {
            while let Some(Ok(exchange)) = connection.accept().await {
                if found.send(exchange).await.is_err() {
                    return;
                }
            }
        });
        Self { asked }
    }

    async fn next(&mut self) -> Asked {
        timeout(PATIENCE, self.asked.recv()).await.expect("nobody asked").unwrap()
    }
}

fn head(status: u16, fields: &[(&'static str, &'static str)]) -> Response<()> {
    let mut response = Response::builder().status(status);
    for &(name, value) in fields {
        response = response.header(name, value);
    }
    response.body(()).unwrap()
}

fn field(name: &'static str, value: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
}

async fn read(body: &mut RecvStream) -> Vec<u8> {
    let mut read = Vec::new();
    while let Some(piece) = timeout(PATIENCE, body.data()).await.expect("nothing came") {
        let piece = piece.unwrap();
        body.flow_control().release_capacity(piece.len()).unwrap();
        read.extend_from_slice(&piece);
    }
    read
}

/// Whether the caller gave this stream up.
async fn given_up(stream: &mut SendStream<Bytes>) -> Reason {
    timeout(PATIENCE, poll_fn(|cx| stream.poll_reset(cx))).await.expect("the stream goes on").unwrap()
}

#[tokio::test]
async fn a_call_over_http_2_is_the_call_that_was_made() {
    let wire = Wire::secure().await;
    let fields =
        ["Nango-Proxy-X-A: 1", "Nango-Proxy-Keep-Alive: 5", "Content-Length: 5", "Connection: X-Nothing"];
    let mut caller = wire.ask("POST /a%2Fb?q=%20+&c[]=1", &fields).await;
    caller.say("hello").await;
    let mut service = Service::accept(&wire).await;
    let (request, mut answer) = service.next().await;
    let port = wire.service.local_addr().unwrap().port();
    assert_eq!(request.uri().to_string(), format!("https://tls.test:{port}/a%2Fb?q=%20+&c[]=1"));
    assert_eq!(request.method(), "POST");
    let mut names: Vec<&str> = request.headers().keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "accept-encoding", "authorization", "content-length", "user-agent", "x-a"]);
    assert_eq!(read(&mut request.into_body()).await, b"hello");
    let fields =
        [("link", "<a>"), ("link", "<b>"), ("content-length", "2"), ("x-big", "12345678901234567890")];
    let mut body = answer.send_response(head(207, &fields), false).unwrap();
    body.send_data("ok".into(), true).unwrap();
    let head = caller.head().await;
    assert!(head.starts_with("HTTP/1.1 207 Multi-Status\r\n"), "{head}");
    assert_eq!(values(&head, "link"), ["<a>", "<b>"]);
    assert_eq!(
        (values(&head, "content-length"), values(&head, "x-big")),
        (vec!["2"], vec!["12345678901234567890"])
    );
    assert_eq!(caller.take(2).await, b"ok");
}

#[tokio::test]
async fn trailers_pass_in_both_directions() {
    let wire = Wire::secure().await;
    let fields = ["Transfer-Encoding: chunked", "Trailer: Digest", "TE: trailers"];
    let mut caller = wire.ask("POST /a", &fields).await;
    caller.say("2\r\nab\r\n0\r\nDigest: x\r\n\r\n").await;
    let mut service = Service::accept(&wire).await;
    let (request, mut answer) = service.next().await;
    assert_eq!(
        (&request.headers()["te"], &request.headers()["trailer"]),
        (&"trailers".parse().unwrap(), &"Digest".parse().unwrap())
    );
    assert!(!request.headers().contains_key("connection"));
    let mut body = request.into_body();
    assert_eq!(read(&mut body).await, b"ab");
    assert_eq!(body.trailers().await.unwrap(), Some(field("digest", "x")));
    let mut body = answer.send_response(head(200, &[("trailer", "grpc-status")]), false).unwrap();
    body.send_data("ok".into(), false).unwrap();
    body.send_trailers(field("grpc-status", "0")).unwrap();
    caller.head().await;
    assert_eq!(caller.until(b"\r\n\r\n").await, "2\r\nok\r\n0\r\ngrpc-status: 0\r\n\r\n");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the caller of a test, to its own listener")]
async fn a_caller_over_http_2_gets_trailers_that_nobody_announced() {
    let wire = Wire::secure().await;
    let stream = tokio::net::TcpStream::connect(wire.address).await.unwrap();
    let (mut caller, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::get("http://dovetail.test/proxy/a").body(()).unwrap();
    for line in wire.head("GET /a", &["TE: trailers"]).lines().skip(2).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").unwrap();
        request.headers_mut().insert(http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
    }
    let (response, _) = caller.send_request(request, true).unwrap();
    let mut service = Service::accept(&wire).await;
    let mut body = service.next().await.1.send_response(head(200, &[]), false).unwrap();
    body.send_data("ok".into(), false).unwrap();
    body.send_trailers(field("grpc-status", "0")).unwrap();
    let mut body = timeout(PATIENCE, response).await.unwrap().unwrap().into_body();
    assert_eq!(read(&mut body).await, b"ok");
    assert_eq!(body.trailers().await.unwrap(), Some(field("grpc-status", "0")));
}

#[tokio::test]
async fn a_stream_that_is_reset_does_not_look_whole_and_harms_no_other() {
    let wire = Wire::secure().await;
    let mut broken = wire.ask("GET /broken", &[]).await;
    let mut service = Service::accept(&wire).await;
    let mut breaking = service.next().await.1.send_response(head(200, &[]), false).unwrap();
    breaking.send_data("half".into(), false).unwrap();
    broken.head().await;
    assert_eq!(broken.until(b"half\r\n").await, "4\r\nhalf\r\n");
    // The other call shares the connection.
    let mut whole = wire.ask("GET /whole", &[]).await;
    let mut other = service.next().await.1;
    breaking.send_reset(Reason::INTERNAL_ERROR);
    assert_eq!(broken.rest().await, b"");
    other.send_response(head(200, &[]), false).unwrap().send_data("ok".into(), true).unwrap();
    whole.head().await;
    assert_eq!(whole.until(b"0\r\n\r\n").await, "2\r\nok\r\n0\r\n\r\n");
}

#[tokio::test]
async fn a_stream_that_is_reset_before_its_answer_is_the_services_fault() {
    let wire = Wire::secure().await;
    let mut caller = wire.ask("POST /a", &["Content-Length: 0"]).await;
    let mut service = Service::accept(&wire).await;
    service.next().await.1.send_reset(Reason::INTERNAL_ERROR);
    let head = caller.head().await;
    assert!(head.starts_with("HTTP/1.1 502 "), "{head}");
    assert_eq!(values(&head, "dovetail-error"), ["provider_unreachable"]);
}

#[tokio::test]
async fn a_caller_that_leaves_gives_its_stream_up_and_no_other() {
    let wire = Wire::secure().await;
    let leaving = wire.ask("GET /slow", &[]).await;
    let mut service = Service::accept(&wire).await;
    let mut waiting = service.next().await.1;
    let mut within: End = wire.ask("GET /slow", &[]).await;
    let mut streaming = service.next().await.1.send_response(head(200, &[]), false).unwrap();
    streaming.send_data("half".into(), false).unwrap();
    within.head().await;
    let mut staying = wire.ask("GET /stays", &[]).await;
    let mut answer = service.next().await.1;
    drop((leaving, within));
    let reason = timeout(PATIENCE, poll_fn(|cx| waiting.poll_reset(cx))).await.unwrap().unwrap();
    assert_eq!((reason, given_up(&mut streaming).await), (Reason::CANCEL, Reason::CANCEL));
    answer.send_response(head(204, &[]), true).unwrap();
    assert!(staying.head().await.starts_with("HTTP/1.1 204 "));
}

#[tokio::test]
async fn a_caller_that_leaves_within_its_upload_resets_it() {
    let wire = Wire::secure().await;
    let mut caller = wire.ask("PUT /a", &["Transfer-Encoding: chunked"]).await;
    caller.say("3\r\none\r\n").await;
    let mut service = Service::accept(&wire).await;
    let (request, _answer) = service.next().await;
    let mut body = request.into_body();
    assert_eq!(body.data().await.unwrap().unwrap(), "one");
    drop(caller);
    let end = timeout(PATIENCE, body.data()).await.expect("the stream goes on");
    assert!(end.is_some_and(|piece| piece.is_err()), "half an upload must not look like a whole one");
}

#[tokio::test]
async fn a_reader_that_stops_stops_the_stream() {
    let wire = Wire::secure().await;
    let mut caller = wire.ask("GET /endless", &[]).await;
    let mut service = Service::accept(&wire).await;
    let mut body = service.next().await.1.send_response(head(200, &[]), false).unwrap();
    caller.head().await;
    let mut sent = 0;
    body.reserve_capacity(64 * 1024);
    while let Ok(granted) = timeout(Duration::from_millis(300), poll_fn(|cx| body.poll_capacity(cx))).await {
        let granted = granted.unwrap().unwrap();
        body.send_data(vec![b'x'; granted].into(), false).unwrap();
        sent += granted;
        assert!(sent < IN_FLIGHT, "{sent} bytes were taken from the service, and nobody read them");
        body.reserve_capacity(64 * 1024);
    }
    drop(caller);
    assert_eq!(given_up(&mut body).await, Reason::CANCEL);
}
