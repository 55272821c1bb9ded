//! Keeping a request body so that it can be sent again, within a bound.

use bytes::{Bytes, BytesMut};
use dovetail_egress::Body;
use http_body::Body as HttpBody;
use http_body_util::{BodyExt, StreamBody};

use crate::error::ProxyError;

/// Reads `body` into memory if it is small enough, so that it can be sent again. A larger one
/// comes back as a stream of the same bytes, to be sent once.
///
/// Reading ahead delays the upload, so it is done only if the body is announced to be small
/// (`announced` bytes), or if `wanted` says that a repetition was asked for.
pub(crate) async fn keep(
    mut body: Body,
    announced: Option<u64>,
    wanted: bool,
    limit: usize,
) -> Result<Body, ProxyError> {
    let announced_small = announced.is_some_and(|length| length <= limit as u64);
    let announced_large = announced.is_some_and(|length| length > limit as u64);
    if body.is_replayable() || announced_large || !(announced_small || wanted) {
        return Ok(body);
    }
    let mut kept = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ProxyError::BodyAborted)?;
        match frame.into_data() {
            Ok(data) => kept.extend_from_slice(&data),
            Err(frame) => {
                let trailers = frame.into_trailers().unwrap_or_default();
                return Ok(Body::with_trailers(kept.freeze(), trailers));
            }
        }
        if kept.len() > limit {
            return Ok(prefixed(kept.freeze(), body));
        }
    }
    Ok(Body::full(kept.freeze()))
}

/// Reads the whole of `body`; more than `limit` bytes are an error.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, ProxyError> {
    let mut body = body;
    let mut kept = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ProxyError::BodyAborted)?;
        let Ok(data) = frame.into_data() else { continue };
        kept.extend_from_slice(&data);
        if kept.len() > limit {
            return Err(ProxyError::BodyTooLarge(limit));
        }
    }
    Ok(kept.freeze())
}

/// The bytes that were read, then the rest as it comes.
fn prefixed(head: Bytes, rest: Body) -> Body {
    let mut head = Some(head);
    let mut rest = rest;
    let stream = futures_util::stream::poll_fn(move |cx| match head.take() {
        Some(head) => std::task::Poll::Ready(Some(Ok(http_body::Frame::data(head)))),
        None => std::pin::Pin::new(&mut rest).poll_frame(cx),
    });
    Body::stream(StreamBody::new(stream))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn stream(pieces: &[&'static str]) -> Body {
        let pieces: Vec<_> = pieces
            .iter()
            .map(|p| Ok::<_, Infallible>(http_body::Frame::data(Bytes::from_static(p.as_bytes()))))
            .collect();
        Body::stream(StreamBody::new(futures_util::stream::iter(pieces)))
    }

    async fn text(body: Body) -> String {
        String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_small_body_can_be_sent_again() {
        let kept = keep(stream(&["ab", "cd"]), Some(4), false, 4).await.unwrap();
        assert_eq!(text(kept.try_clone().unwrap()).await, "abcd");
        assert_eq!(text(kept).await, "abcd");
    }

    #[tokio::test]
    async fn a_large_body_arrives_whole_and_only_once() {
        let kept = keep(stream(&["ab", "cd", "ef", "gh"]), None, true, 4).await.unwrap();
        assert!(!kept.is_replayable());
        assert_eq!(text(kept).await, "abcdefgh");
    }

    #[tokio::test]
    async fn an_unannounced_body_streams_unless_a_repetition_is_wanted() {
        assert!(!keep(stream(&["ab"]), None, false, 4).await.unwrap().is_replayable());
        assert!(keep(stream(&["ab"]), None, true, 4).await.unwrap().is_replayable());
    }

    #[tokio::test]
    async fn reading_all_has_a_bound() {
        assert_eq!(read(stream(&["ab", "cd"]), 4).await.unwrap(), "abcd");
        assert!(matches!(read(stream(&["ab", "cde"]), 4).await, Err(ProxyError::BodyTooLarge(4))));
    }
}
