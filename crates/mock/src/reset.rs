//! Connections that break.

use std::io;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use http::{Response, StatusCode};

/// Marks a response that must not be sent: the server closes the connection instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reset;

/// Why a connection was closed.
#[derive(Debug, thiserror::Error)]
#[error("the simulator was asked to break this connection")]
pub(crate) struct Broken;

/// Nothing at all. Where the router is used without [`crate::Simulator::serve`], the body breaks.
pub(crate) fn before_the_answer() -> Response<Body> {
    let broken = stream::iter([Err::<Bytes, _>(io::Error::other(Broken))]);
    let mut response = Response::new(Body::from_stream(broken));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.extensions_mut().insert(Reset);
    response
}

/// `pieces` up to `limit` bytes, then an error.
pub(crate) fn after_bytes(
    pieces: impl Stream<Item = io::Result<Bytes>> + Send,
    limit: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    pieces
        .scan(Some(limit), |left, piece| {
            let piece = left.and_then(|room| match piece {
                Ok(mut bytes) if (bytes.len() as u64) < room => {
                    *left = Some(room - bytes.len() as u64);
                    Some(vec![Ok(std::mem::take(&mut bytes))])
                }
                Ok(mut bytes) => {
                    *left = None;
                    bytes.truncate(usize::try_from(room).unwrap_or(usize::MAX));
                    Some(vec![Ok(bytes), Err(io::Error::other(Broken))])
                }
                Err(error) => Some(vec![Err(error)]),
            });
            async move { piece }
        })
        .flat_map(stream::iter)
        .then(|piece| async {
            if piece.is_err() {
                // Lets the connection write what it has before it breaks.
                tokio::task::yield_now().await;
            }
            piece
        })
}
