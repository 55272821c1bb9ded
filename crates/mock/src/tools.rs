//! Answers made for tests: streams of any length, server-sent events, a drain, a redirect.
//!
//! A tool is named by the last part of the path, at any host: `https://coda.io/apis/v1/__stream` is
//! behind Coda's credentials, `http://127.0.0.1:3999/__stream` is not.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::answer::json_response;
use crate::limits::{SLOW_BODY_PAUSE, SSE_EVENTS, STREAM_BYTES, STREAM_CHUNK_BYTES};

/// Query parameters of a tool.
pub(crate) type Arguments = HashMap<String, String>;

/// Runs the tool called `name`; `None` if there is none.
pub(crate) fn run(name: &str, arguments: &Arguments, body_bytes: u64) -> Option<Response<Body>> {
    match name {
        "__stream" => Some(bytes_stream(arguments)),
        "__sse" => Some(events(arguments)),
        "__discard" => Some(json_response(StatusCode::OK, &json!({ "bytes": body_bytes }))),
        "__redirect" => Some(redirect(arguments)),
        _ => None,
    }
}

/// Parameters of a query string; the last of a name wins.
pub(crate) fn arguments(query: Option<&str>) -> Arguments {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

fn number<S: BuildHasher>(arguments: &HashMap<String, String, S>, name: &str, default: u64, max: u64) -> u64 {
    arguments.get(name).and_then(|text| text.parse().ok()).unwrap_or(default).min(max)
}

fn pause(arguments: &Arguments) -> Duration {
    Duration::from_millis(number(arguments, "every_ms", 0, u64::MAX)).min(SLOW_BODY_PAUSE)
}

/// `?bytes=N` bytes counting 0..=250 over and over, `&chunk=` at a time, `&every_ms=` apart. With
/// `&length=0` the answer does not say its length beforehand.
fn bytes_stream(arguments: &Arguments) -> Response<Body> {
    let total = number(arguments, "bytes", 1024, STREAM_BYTES);
    let chunk = number(arguments, "chunk", STREAM_CHUNK_BYTES as u64, STREAM_CHUNK_BYTES as u64).max(1);
    let pause = pause(arguments);
    // One block long enough to start a piece at any phase of the count.
    let block: Bytes = (0..=250_u8).cycle().take(STREAM_CHUNK_BYTES + 251).collect::<Vec<_>>().into();
    let pieces = stream::unfold(0_u64, move |sent| {
        let block = block.clone();
        async move {
            if sent >= total {
                return None;
            }
            rest(pause).await;
            let from = usize::try_from(sent % 251).ok()?;
            let length = usize::try_from(chunk.min(total - sent)).ok()?;
            let piece = block.slice(from..from + length);
            Some((Ok::<_, std::io::Error>(piece), sent + length as u64))
        }
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if arguments.get("length").is_none_or(|l| l != "0") {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(total));
    }
    response
}

/// `?events=N` server-sent events, `&every_ms=` apart.
fn events(arguments: &Arguments) -> Response<Body> {
    let total = number(arguments, "events", 3, SSE_EVENTS);
    let pause = pause(arguments);
    let pieces = stream::unfold(0_u64, move |sent| async move {
        if sent >= total {
            return None;
        }
        rest(pause).await;
        let n = sent + 1;
        let event = format!("id: {n}\nevent: tick\ndata: {{\"n\":{n}}}\n\n");
        Some((Ok::<_, std::io::Error>(Bytes::from(event)), n))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response
}

async fn rest(pause: Duration) {
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
}

/// `?to=URL`, with `&status=` (302 unless told otherwise).
fn redirect(arguments: &Arguments) -> Response<Body> {
    let status = number(arguments, "status", 302, 399);
    let status = u16::try_from(status).ok().and_then(|s| StatusCode::from_u16(s).ok());
    let target = arguments.get("to").and_then(|to| HeaderValue::from_str(to).ok());
    match (status.filter(StatusCode::is_redirection), target) {
        (Some(status), Some(target)) => {
            let mut response = json_response(status, &json!({ "redirect": arguments.get("to") }));
            response.headers_mut().insert(LOCATION, target);
            response
        }
        _ => json_response(
            StatusCode::BAD_REQUEST,
            &json!({ "error": { "code": "bad_redirect", "message": "`to` must be a URL, `status` a 3xx." } }),
        ),
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    async fn body(name: &str, query: &str) -> Bytes {
        let response = run(name, &arguments(Some(query)), 0).expect("the tool exists");
        response.into_body().collect().await.unwrap().to_bytes()
    }

    #[tokio::test]
    async fn a_stream_has_its_length_and_counts() {
        let bytes = body("__stream", "bytes=100000&chunk=7000").await;
        assert_eq!(bytes.len(), 100_000);
        assert!(bytes.iter().enumerate().all(|(at, byte)| usize::from(*byte) == at % 251));
    }

    #[tokio::test]
    async fn events_are_numbered() {
        let text = body("__sse", "events=2").await;
        assert_eq!(
            std::str::from_utf8(&text).unwrap(),
            "id: 1\nevent: tick\ndata: {\"n\":1}\n\nid: 2\nevent: tick\ndata: {\"n\":2}\n\n"
        );
    }

    #[test]
    fn a_redirect_needs_a_target_and_a_3xx() {
        let status = |query| run("__redirect", &arguments(Some(query)), 0).map(|r| r.status().as_u16());
        assert_eq!(status("to=https://a.example/"), Some(302));
        assert_eq!(status("to=https://a.example/&status=307"), Some(307));
        assert_eq!(status("to=https://a.example/&status=200"), Some(400));
        assert_eq!(status(""), Some(400));
    }

    #[test]
    fn other_names_are_no_tools() {
        assert!(run("whoami", &arguments(None), 0).is_none());
    }
}
