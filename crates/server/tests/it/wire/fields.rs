//! The request line, and fields in both directions.

use super::kit::{Wire, values};

#[tokio::test]
async fn the_target_arrives_as_it_was_written() {
    let wire = Wire::new().await;
    for target in [
        "/a%2Fb/%e2%82%ac/~x;y=1,2:3@4!$'()*+",
        "/p?q=%20+&w=a%26b&e=&f&c[]=1&d={x}&g=|",
        "/p//q///?a=1&a=2",
        "/?next=https://api.example.com/v1?x=1",
    ] {
        let _caller = wire.ask(&format!("GET {target}"), &[]).await;
        let mut service = wire.accept().await;
        let line = service.head().await.lines().next().unwrap().to_owned();
        assert_eq!(line, format!("GET {target} HTTP/1.1"));
    }
}

#[tokio::test]
async fn the_service_gets_prefixed_fields_the_credential_and_no_more() {
    let wire = Wire::new().await;
    let fields = [
        "nAnGo-PrOxY-X-Mixed: As Written",
        "Nango-Proxy-Range: bytes=0-9",
        "Nango-Proxy-Transfer-Encoding: chunked",
        "Nango-Proxy-Content-Length: 7",
        "Nango-Proxy-Connection: x-mixed",
        "Nango-Proxy-Te: gzip",
        "Cookie: session=1",
        "User-Agent: browser",
        "X-Forwarded-For: 10.0.0.1",
    ];
    let _caller = wire.ask("GET /a", &fields).await;
    let mut service = wire.accept().await;
    let head = service.head().await;
    let mut names: Vec<String> =
        head.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0.to_ascii_lowercase())).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "accept-encoding", "authorization", "host", "range", "user-agent"]);
    assert_eq!(values(&head, "range"), ["bytes=0-9"]);
    assert_eq!(values(&head, "authorization"), ["Bearer k"]);
    assert!(values(&head, "user-agent")[0].starts_with("dovetail/"));
}

#[tokio::test]
async fn a_foreign_host_is_refused() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /a", &["Nango-Proxy-Host: elsewhere.test"]).await;
    let head = caller.head().await;
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    assert!(wire.is_quiet().await);
}

#[tokio::test]
async fn fields_of_an_answer_come_back_repeated_and_in_order() {
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /a", &[]).await;
    let mut service = wire.accept().await;
    service.head().await;
    service
        .say(
            "HTTP/1.1 207 Multi-Status\r\nLink: <a>; rel=next\r\nX-Case: Kept As Is\r\nLINK: <b>; rel=last\r\n\
             link: <c>\r\nETag: W/\"1\"\r\nConnection: x-hop, close\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\
             Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n",
        )
        .await;
    let head = caller.head().await;
    assert!(head.starts_with("HTTP/1.1 207 "), "{head}");
    assert_eq!(values(&head, "link"), ["<a>; rel=next", "<b>; rel=last", "<c>"]);
    assert_eq!((values(&head, "x-case"), values(&head, "etag")), (vec!["Kept As Is"], vec!["W/\"1\""]));
    for gone in ["x-hop", "connection", "keep-alive", "set-cookie"] {
        assert!(values(&head, gone).is_empty(), "{gone}: {head}");
    }
}

#[tokio::test]
async fn long_fields_pass() {
    let long = "v".repeat(64 * 1024);
    let wire = Wire::new().await;
    let mut caller = wire.ask("GET /a", &[&format!("Nango-Proxy-X-Long: {long}")]).await;
    let mut service = wire.accept().await;
    assert_eq!(values(&service.head().await, "x-long"), [&long]);
    service.say(format!("HTTP/1.1 200 OK\r\nx-long: {long}\r\ncontent-length: 0\r\n\r\n")).await;
    assert_eq!(values(&caller.head().await, "x-long"), [&long]);
}

#[tokio::test]
async fn bytes_outside_of_ascii_pass() {
    let wire = Wire::new().await;
    let mut caller = wire.connect().await;
    let mut head = wire.head("GET /a", &["Nango-Proxy-X-Name: Zo?"]).into_bytes();
    let at = head.iter().rposition(|&byte| byte == b'?').unwrap();
    head[at] = 0xeb;
    caller.say(head).await;
    let mut service = wire.accept().await;
    let seen = service.until_bytes(b"\r\n\r\n").await;
    assert!(seen.windows(11).any(|window| window == b"x-name: Zo\xeb"));
}

#[tokio::test]
async fn of_a_repeated_prefixed_field_the_last_counts() {
    let wire = Wire::new().await;
    let fields = ["Nango-Proxy-X-A: first", "nango-proxy-x-a: last", "Nango-Proxy-X-Empty:"];
    let _caller = wire.ask("GET /a", &fields).await;
    let mut service = wire.accept().await;
    let head = service.head().await;
    assert_eq!((values(&head, "x-a"), values(&head, "x-empty")), (vec!["last"], vec![""]));
}
