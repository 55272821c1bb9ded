//! A request as the simulator keeps it.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::request::Parts;
use http_body_util::BodyExt as _;
use serde_json::{Map, Value, json};
use url::Url;

use crate::limits::BODY_KEPT_BYTES;

/// A request read to its end. Of a long body only the beginning is kept.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) parts: Parts,
    /// The intended URL.
    pub(crate) url: Url,
    /// First bytes of the body.
    pub(crate) body: Bytes,
    /// Bytes the body had.
    pub(crate) body_bytes: u64,
}

impl Received {
    /// Reads the body to its end.
    pub(crate) async fn read(parts: Parts, url: Url, body: Body) -> Result<Self, axum::Error> {
        let (body, body_bytes) = read_body(body).await?;
        Ok(Self { parts, url, body, body_bytes })
    }

    /// Host without port; URLs here always have one.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Last part of the path: names of tools stand there.
    pub(crate) fn last_segment(&self) -> &str {
        self.url.path().rsplit('/').next().unwrap_or_default()
    }

    /// First value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// First value of a header, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name)?.to_str().ok()
    }

    /// The whole body as JSON; `None` also where only its beginning was kept.
    pub(crate) fn json_body(&self) -> Option<Value> {
        self.whole_body().and_then(|body| serde_json::from_slice(body).ok())
    }

    fn whole_body(&self) -> Option<&Bytes> {
        (self.body_bytes == self.body.len() as u64).then_some(&self.body)
    }

    /// The body as JSON can carry it: text, or `{"base64": …}`.
    pub(crate) fn body_value(&self) -> Value {
        match std::str::from_utf8(&self.body) {
            Ok(text) => Value::from(text),
            Err(_) => json!({ "base64": STANDARD.encode(&self.body) }),
        }
    }

    /// Every part of the request, for an echo.
    pub(crate) fn describe(&self) -> Map<String, Value> {
        let mut out = Map::new();
        out.insert("method".into(), self.parts.method.as_str().into());
        out.insert("url".into(), self.url.as_str().into());
        out.insert("headers".into(), headers_value(&self.parts.headers).into());
        out.insert("query".into(), query_value(&self.url).into());
        out.insert("body".into(), self.body_value());
        out.insert("bodyBytes".into(), self.body_bytes.into());
        if self.whole_body().is_none() {
            out.insert("bodyTruncated".into(), true.into());
        }
        out
    }
}

async fn read_body(mut body: Body) -> Result<(Bytes, u64), axum::Error> {
    let mut kept = BytesMut::new();
    let mut total = 0_u64;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        total += data.len() as u64;
        let room = BODY_KEPT_BYTES.saturating_sub(kept.len()).min(data.len());
        kept.extend_from_slice(&data[..room]);
    }
    Ok((kept.freeze(), total))
}

/// Headers as an object: names in lower case, repeated ones as a list. Bytes that are not text are
/// written as Latin-1.
pub(crate) fn headers_value(headers: &HeaderMap) -> Map<String, Value> {
    collect(headers.iter().map(|(name, value)| {
        let text = value.as_bytes().iter().copied().map(char::from).collect::<String>();
        (name.as_str().to_owned(), text)
    }))
}

fn query_value(url: &Url) -> Map<String, Value> {
    collect(url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned())))
}

fn collect(pairs: impl Iterator<Item = (String, String)>) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, text) in pairs {
        match out.get_mut(&name) {
            None => {
                out.insert(name, text.into());
            }
            Some(Value::Array(list)) => list.push(text.into()),
            Some(first) => *first = json!([first.take(), text]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn received(body: impl Into<Body>) -> Received {
        let request = http::Request::builder()
            .uri("/x")
            .header("X-One", "1")
            .header("x-two", "a")
            .header("x-two", "b")
            .body(())
            .unwrap();
        let url = Url::parse("https://a.example/x/__stream?q=1&q=2&z=").unwrap();
        Received::read(request.into_parts().0, url, body.into()).await.unwrap()
    }

    #[tokio::test]
    async fn a_description_carries_everything() {
        let described = Value::from(received("hello").await.describe());
        assert_eq!(
            described,
            json!({
                "method": "GET",
                "url": "https://a.example/x/__stream?q=1&q=2&z=",
                "headers": {"x-one": "1", "x-two": ["a", "b"]},
                "query": {"q": ["1", "2"], "z": ""},
                "body": "hello",
                "bodyBytes": 5,
            })
        );
    }

    #[tokio::test]
    async fn bytes_that_are_no_text_are_base64() {
        assert_eq!(received(vec![0xff, 0xfe]).await.body_value(), json!({"base64": "//4="}));
    }

    #[tokio::test]
    async fn a_long_body_is_counted_and_cut() {
        let received = received(vec![b'a'; BODY_KEPT_BYTES + 10]).await;
        assert_eq!(received.body.len(), BODY_KEPT_BYTES);
        assert_eq!(received.body_bytes, BODY_KEPT_BYTES as u64 + 10);
        assert_eq!(received.describe().get("bodyTruncated"), Some(&Value::Bool(true)));
        assert_eq!(received.json_body(), None);
    }
}
