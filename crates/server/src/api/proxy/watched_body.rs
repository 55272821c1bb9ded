//! The provider's body on its way to the caller, watched to its end.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use dovetail_egress::{EgressError, ResponseBody};
use dovetail_model::OperationState;
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};

use super::error_body::ErrorBody;
use super::witness::Witness;

/// Tells its witness when the last byte has passed, or that it never will.
#[derive(Debug)]
pub(super) struct WatchedBody {
    inner: ResponseBody,
    status: StatusCode,
    witness: Option<Witness>,
    error: Option<ErrorBody>,
}

impl WatchedBody {
    pub(super) fn new(inner: ResponseBody, head: &http::response::Parts, witness: Witness) -> Self {
        let error = ErrorBody::of(head);
        Self { inner, status: head.status, witness: Some(witness), error }
    }

    /// Somebody else tells the witness.
    pub(super) fn unwatched(inner: ResponseBody, status: StatusCode) -> Self {
        Self { inner, status, witness: None, error: None }
    }

    fn ended(&mut self, broken: Option<OperationState>) {
        if let Some(witness) = self.witness.take() {
            witness.answered(self.status, broken, self.error.take());
        }
    }
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = EgressError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, EgressError>>> {
        let mut polled = Pin::new(&mut self.inner).poll_frame(cx);
        match &mut polled {
            Poll::Ready(None) => self.ended(None),
            Poll::Ready(Some(Err(_))) => self.ended(Some(OperationState::Failed)),
            Poll::Ready(Some(Ok(frame))) => {
                if let (Some(error), Some(data)) = (&mut self.error, frame.data_ref()) {
                    error.passed(data);
                }
                if let Some(trailers) = frame.trailers_mut() {
                    dovetail_proxy::trailers::filter(trailers);
                    // Nothing follows, and the server does not ask.
                    self.ended(None);
                }
            }
            Poll::Pending => {}
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

impl Drop for WatchedBody {
    fn drop(&mut self) {
        // The server does not ask again after the last byte of a known length.
        let broken = (!self.inner.is_end_stream()).then_some(OperationState::Cancelled);
        self.ended(broken);
    }
}
