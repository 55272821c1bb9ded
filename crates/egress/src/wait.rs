//! Bounded waits: for the head of a response, and for each piece of its body.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::body::{Body, RequestBodyError};
use crate::error::{EgressError, Phase};

/// How far the sending of a request body is.
#[derive(Debug, Clone)]
pub(crate) struct Progress(Arc<Sending>);

#[derive(Debug)]
struct Sending {
    start: Instant,
    /// When the last piece left, in milliseconds after `start`.
    last: AtomicU64,
    ended: AtomicBool,
}

impl Progress {
    pub(crate) fn begin() -> Self {
        let sending =
            Sending { start: Instant::now(), last: AtomicU64::new(0), ended: AtomicBool::new(false) };
        Self(Arc::new(sending))
    }

    /// Whether all of the body was taken.
    pub(crate) fn has_ended(&self) -> bool {
        self.0.ended.load(Ordering::Relaxed)
    }

    fn touch(&self) {
        self.0.last.store(self.0.start.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    fn end(&self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }

    fn last(&self) -> Instant {
        self.0.start + Duration::from_millis(self.0.last.load(Ordering::Relaxed))
    }
}

/// A request body that notes each piece taken from it, so that a long upload is not mistaken
/// for a slow answer.
#[derive(Debug)]
pub(crate) struct TrackedBody {
    inner: Body,
    progress: Progress,
}

impl TrackedBody {
    pub(crate) fn new(inner: Body, progress: Progress) -> Self {
        if inner.is_end_stream() {
            progress.end();
        }
        Self { inner, progress }
    }

    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = RequestBodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if polled.is_ready() {
            self.progress.touch();
            // Nobody asks again after trailers.
            let goes_on = matches!(&polled, Poll::Ready(Some(Ok(frame))) if frame.is_data());
            if !goes_on || self.inner.is_end_stream() {
                self.progress.end();
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Waits for `response` at most `quiet` after the last progress of the request body, and not
/// past `deadline`.
pub(crate) async fn for_head<F: Future>(
    mut response: Pin<&mut F>,
    progress: &Progress,
    quiet: Duration,
    deadline: Option<Instant>,
) -> Result<F::Output, EgressError> {
    loop {
        let quiet_end = progress.last() + quiet;
        let (until, phase) = earlier(quiet_end, deadline, Phase::ResponseHeader);
        match tokio::time::timeout_at(until, response.as_mut()).await {
            Ok(output) => return Ok(output),
            // The body moved on while we waited: a new span of silence begins there.
            Err(_) if phase == Phase::ResponseHeader && progress.last() + quiet > Instant::now() => {}
            Err(_) => return Err(EgressError::Timeout(phase)),
        }
    }
}

fn earlier(quiet_end: Instant, deadline: Option<Instant>, phase: Phase) -> (Instant, Phase) {
    match deadline {
        Some(deadline) if deadline < quiet_end => (deadline, Phase::Total),
        _ => (quiet_end, phase),
    }
}

/// The bounds of reading one response body. The timer is made on the first wait: bodies that
/// are there already cost none.
#[derive(Debug)]
pub(crate) struct BodyDeadline {
    quiet: Duration,
    deadline: Option<Instant>,
    phase: Phase,
    sleep: Option<Pin<Box<Sleep>>>,
    moved: bool,
}

impl BodyDeadline {
    pub(crate) fn new(quiet: Duration, deadline: Option<Instant>) -> Self {
        Self { quiet, deadline, phase: Phase::IdleBody, sleep: None, moved: true }
    }

    pub(crate) fn progressed(&mut self) {
        self.moved = true;
    }

    /// Ready with the bound that was passed.
    pub(crate) fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Phase> {
        if self.moved {
            self.moved = false;
            let (until, phase) = earlier(Instant::now() + self.quiet, self.deadline, Phase::IdleBody);
            self.phase = phase;
            match &mut self.sleep {
                Some(sleep) => sleep.as_mut().reset(until),
                None => self.sleep = Some(Box::pin(sleep_until(until))),
            }
        }
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().poll(cx).map(|()| self.phase),
            None => Poll::Pending,
        }
    }
}
