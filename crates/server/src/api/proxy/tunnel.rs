//! A connection that changed its protocol: bytes in both directions, and nothing else (RFC 9110 section 7.8).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use dovetail_model::OperationState;
use http::StatusCode;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional};
use tokio::sync::OwnedSemaphorePermit;

use super::witness::Witness;
use crate::limits::TUNNEL_IDLE_TIMEOUT;

/// Carries bytes between the caller and the provider until one of them closes, or neither says anything for
/// [`TUNNEL_IDLE_TIMEOUT`]. `place` is given back then.
pub(super) async fn run(
    caller: OnUpgrade,
    provider: OnUpgrade,
    witness: Witness,
    place: OwnedSemaphorePermit,
) {
    let outcome = async {
        let (caller, provider) = tokio::try_join!(caller, provider).map_err(io::Error::other)?;
        let heard = Arc::new(AtomicBool::new(false));
        let mut caller = Heard { inner: TokioIo::new(caller), heard: Arc::clone(&heard) };
        let mut provider = Heard { inner: TokioIo::new(provider), heard: Arc::clone(&heard) };
        tokio::select! {
            carried = copy_bidirectional(&mut caller, &mut provider) => carried.map(|_| ()),
            () = silence(&heard) => Ok(()),
        }
    };
    let broken = outcome.await.is_err().then_some(OperationState::Failed);
    witness.answered(StatusCode::SWITCHING_PROTOCOLS, broken, None);
    drop(place);
}

/// Returns when nothing was heard for a whole span.
async fn silence(heard: &AtomicBool) {
    loop {
        tokio::time::sleep(TUNNEL_IDLE_TIMEOUT).await;
        if !heard.swap(false, Ordering::Relaxed) {
            return;
        }
    }
}

/// Notes that something was read.
struct Heard<T> {
    inner: T,
    heard: Arc<AtomicBool>,
}

impl<T: AsyncRead + Unpin> AsyncRead for Heard<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if polled.is_ready() {
            self.heard.store(true, Ordering::Relaxed);
        }
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Heard<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
