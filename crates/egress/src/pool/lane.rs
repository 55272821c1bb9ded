//! One HTTP/1.1 connection, driven by whoever uses it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http1;

use super::{Failure, Home, Io, Source};
use crate::wait::TrackedBody;

/// A connection and the end by which requests are put into it.
pub(super) struct Lane {
    sender: http1::SendRequest<TrackedBody>,
    connection: Pin<Box<dyn Future<Output = Result<(), hyper::Error>> + Send>>,
}

impl Lane {
    pub(super) fn new(
        sender: http1::SendRequest<TrackedBody>,
        connection: http1::Connection<Io, TrackedBody>,
    ) -> Self {
        Self { sender, connection: Box::pin(connection.with_upgrades()) }
    }

    /// Whether a request can be put in: the exchange before has ended, and the peer has not
    /// hung up.
    pub(super) fn is_ready(&mut self) -> bool {
        // Nobody waits for an idle connection: the next look at it finds what happened.
        let is_open = self.drive(&mut Context::from_waker(Waker::noop())).is_pending();
        is_open && self.sender.is_ready()
    }

    /// Writes and reads what can be written and read. Ready: the connection has ended.
    fn drive(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // What went wrong reaches the exchange.
        self.connection.as_mut().poll(cx).map(drop)
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn exchange(
        mut self,
        request: Request<TrackedBody>,
        home: Home,
    ) -> Result<Response<Source>, Failure> {
        let progress = request.body().progress().clone();
        let mut answer = std::pin::pin!(self.sender.try_send_request(request));
        let mut lane = Some(self);
        let response = std::future::poll_fn(|cx| {
            if lane.as_mut().is_some_and(|lane| lane.drive(cx).is_ready()) {
                lane = None;
            }
            // Only driving brings the answer nearer, and the end of the connection brings it.
            answer.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        })
        .await?;
        let Some(lane) = lane else { return Ok(response.map(Source::Shared)) };
        // A request body that is still on its way must not wait for a reader of the answer.
        if !progress.has_ended() || response.status() == StatusCode::SWITCHING_PROTOCOLS {
            lane.detach();
            return Ok(response.map(Source::Shared));
        }
        Ok(response.map(|incoming| {
            if incoming.is_end_stream() {
                home.take_back(lane);
                return Source::Shared(incoming);
            }
            Source::Lane(Box::new(LaneBody { incoming, rest: Some((lane, home)) }))
        }))
    }

    /// Gives the connection a task, until this exchange has ended.
    fn detach(self) {
        let Self { sender, connection } = self;
        drop(sender);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
        });
    }
}

/// The body of an answer, with the connection that it comes from. Dropped before its end, it
/// closes the connection.
pub(crate) struct LaneBody {
    incoming: Incoming,
    /// Gone when the answer or the connection has ended.
    rest: Option<(Lane, Home)>,
}

impl LaneBody {
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        // First it asks, then the connection brings, then it takes.
        let mut polled = self.look();
        if polled.is_pending() {
            if let Some((lane, _)) = &mut self.rest
                && lane.drive(cx).is_ready()
            {
                self.rest = None;
            }
            polled = self.look();
        }
        match &polled {
            Poll::Ready(Some(Err(_))) => self.rest = None,
            // Nobody asks again after trailers.
            Poll::Ready(frame)
                if self.incoming.is_end_stream() || !matches!(frame, Some(Ok(frame)) if frame.is_data()) =>
            {
                if let Some((lane, home)) = self.rest.take() {
                    home.take_back(lane);
                }
            }
            _ => {}
        }
        polled
    }

    fn look(&mut self) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        // Only driving brings bytes, so there is nothing to be woken for.
        Pin::new(&mut self.incoming).poll_frame(&mut Context::from_waker(Waker::noop()))
    }

    pub(crate) fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
