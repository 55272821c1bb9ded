//! Reading the beginning of an answer's body without taking it away.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use bytes::{Bytes, BytesMut};
use dovetail_egress::{EgressError, ResponseBody};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;

use crate::limits;

/// The first bytes of a body, at most about [`limits::DRAIN_BYTES`] and as many as come within
/// [`limits::DRAIN_TIME`], and the body with these bytes in front again.
pub(crate) async fn peek(mut body: ResponseBody) -> (Bytes, ResponseBody) {
    let mut frames = Vec::new();
    let mut seen = BytesMut::new();
    let reading = async {
        while seen.len() < limits::DRAIN_BYTES
            && let Some(frame) = body.frame().await
        {
            if let Some(data) = frame.as_ref().ok().and_then(Frame::data_ref) {
                seen.extend_from_slice(data);
            }
            frames.push(frame);
        }
    };
    if tokio::time::timeout(limits::DRAIN_TIME, reading).await.is_err() {
        tracing::debug!("the answer is too slow to be read ahead");
    }
    let whole = Peeked { frames: frames.into_iter(), rest: body };
    (seen.freeze(), ResponseBody::made(whole))
}

struct Peeked {
    frames: vec::IntoIter<Result<Frame<Bytes>, EgressError>>,
    rest: ResponseBody,
}

impl Body for Peeked {
    type Data = Bytes;
    type Error = EgressError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, EgressError>>> {
        match self.frames.next() {
            Some(frame) => Poll::Ready(Some(frame)),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.frames.as_slice().is_empty() && self.rest.is_end_stream()
    }
}
