//! Bodies: what we send (replayable if small), what we receive (bounded in time).

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use thiserror::Error;

use crate::error::{self, EgressError};
use crate::pool::Source;
use crate::wait::BodyDeadline;

/// Any error that a source of body bytes may have.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The source of a request body failed.
#[derive(Debug, Error)]
#[error("the request body could not be read")]
pub struct RequestBodyError(#[source] pub BoxError);

/// A request body: nothing, bytes in memory (both can be sent again), or a stream.
#[derive(Default)]
pub struct Body(Kind);

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    Full(Bytes),
    Trailed(Option<Bytes>, Box<HeaderMap>),
    Stream(UnsyncBoxBody<Bytes, RequestBodyError>),
}

impl Body {
    /// No body.
    pub const fn empty() -> Self {
        Self(Kind::Empty)
    }

    /// Bytes in memory.
    pub fn full(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self(if bytes.is_empty() { Kind::Empty } else { Kind::Full(bytes) })
    }

    /// Bytes in memory, and the fields that follow them (RFC 9110 section 6.5).
    pub fn with_trailers(bytes: Bytes, trailers: HeaderMap) -> Self {
        if trailers.is_empty() {
            return Self::full(bytes);
        }
        Self(Kind::Trailed(Some(bytes).filter(|bytes| !bytes.is_empty()), Box::new(trailers)))
    }

    /// A stream, read as the peer takes it. It can be sent once.
    pub fn stream<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        if body.is_end_stream() {
            return Self::empty();
        }
        Self(Kind::Stream(body.map_err(|error| RequestBodyError(error.into())).boxed_unsync()))
    }

    /// A second copy, if the body is in memory.
    pub fn try_clone(&self) -> Option<Self> {
        match &self.0 {
            Kind::Empty => Some(Self::empty()),
            Kind::Full(bytes) => Some(Self(Kind::Full(bytes.clone()))),
            Kind::Trailed(bytes, trailers) => Some(Self(Kind::Trailed(bytes.clone(), trailers.clone()))),
            Kind::Stream(_) => None,
        }
    }

    /// Whether [`Body::try_clone`] gives a copy.
    pub fn is_replayable(&self) -> bool {
        !matches!(self.0, Kind::Stream(_))
    }

    /// Whether fields may follow the body.
    pub fn may_have_trailers(&self) -> bool {
        matches!(self.0, Kind::Trailed(..) | Kind::Stream(_))
    }

    /// Whether there is no body at all.
    pub fn is_empty(&self) -> bool {
        matches!(self.0, Kind::Empty)
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Empty => f.write_str("Body(empty)"),
            Kind::Full(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Trailed(bytes, _) => {
                write!(f, "Body({} bytes and trailers)", bytes.as_ref().map_or(0, Bytes::len))
            }
            Kind::Stream(_) => f.write_str("Body(stream)"),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::full(bytes)
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::full(text)
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::full(text)
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = RequestBodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut self.0 {
            Kind::Empty => Poll::Ready(None),
            Kind::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Kind::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Kind::Trailed(bytes, trailers) => Poll::Ready(Some(Ok(match bytes.take() {
                Some(bytes) => Frame::data(bytes),
                None => {
                    let trailers = std::mem::take(&mut **trailers);
                    self.0 = Kind::Empty;
                    Frame::trailers(trailers)
                }
            }))),
            Kind::Stream(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Empty => true,
            Kind::Full(_) | Kind::Trailed(..) => false,
            Kind::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            // No length is announced: only a body in chunks has an end at which fields can stand.
            Kind::Trailed(..) => SizeHint::default(),
            Kind::Stream(body) => body.size_hint(),
        }
    }
}

/// A response body as it arrives. Reading it fails with [`EgressError::Timeout`] after a
/// silence, or when the deadline of the exchange passes. Dropping it ends the exchange.
pub struct ResponseBody {
    inner: Source,
    deadline: BodyDeadline,
}

impl ResponseBody {
    pub(crate) fn new(inner: Source, deadline: BodyDeadline) -> Self {
        Self { inner, deadline }
    }

    /// An answer's body made of another, which keeps the bounds of that.
    pub fn made<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes, Error = EgressError> + Send + 'static,
    {
        let unbounded = BodyDeadline::new(std::time::Duration::MAX, None);
        Self::new(Source::Made(body.boxed_unsync()), unbounded)
    }
}

impl std::fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResponseBody").field("has_ended", &self.is_end_stream()).finish_non_exhaustive()
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = EgressError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let polled = match &mut this.inner {
            Source::Lane(body) => body.poll_frame(cx),
            Source::Shared(body) => Pin::new(body).poll_frame(cx),
            Source::Made(body) => return Pin::new(body).poll_frame(cx),
        };
        match polled {
            Poll::Ready(Some(Ok(frame))) => {
                this.deadline.progressed();
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error::from_chain(&error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                this.deadline.poll_expired(cx).map(|phase| Some(Err(EgressError::Timeout(phase))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.inner {
            Source::Lane(body) => body.is_end_stream(),
            Source::Shared(body) => body.is_end_stream(),
            Source::Made(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.inner {
            Source::Lane(body) => body.size_hint(),
            Source::Shared(body) => body.size_hint(),
            Source::Made(body) => body.size_hint(),
        }
    }
}

/// Reads a whole body of at most `limit` bytes. A larger one is [`EgressError::TooLarge`].
pub async fn collect<B>(body: B, limit: usize) -> Result<Bytes, EgressError>
where
    B: HttpBody<Data = Bytes, Error = EgressError>,
{
    if body.size_hint().lower() > limit as u64 {
        return Err(EgressError::TooLarge { limit });
    }
    let mut body = std::pin::pin!(body);
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if first.len() + rest.len() + data.len() > limit {
            return Err(EgressError::TooLarge { limit });
        }
        // Most answers of interest are one piece: no copy then.
        if first.is_empty() && rest.is_empty() {
            first = data;
        } else {
            if rest.is_empty() {
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&data);
        }
    }
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}
