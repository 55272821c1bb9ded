//! The accept loop: bounded connections, bounded header reading, graceful shutdown.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::Service;

use crate::limits::{ACCEPT_PAUSE, CONNECTIONS, DRAIN, HEADER_READ_TIMEOUT};

/// Serves `service` on `listener` until `cancel`; then closes the socket and lets requests under way end, for
/// [`DRAIN`] at most.
///
/// # Errors
/// None after the socket is open: a connection that fails ends alone.
pub async fn serve<S>(listener: TcpListener, service: S, cancel: CancellationToken) -> io::Result<()>
where
    S: Service<http::Request<Body>, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let builder = builder();
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let Some((stream, peer, slot)) = accepted else { continue };
        let service = service.clone();
        // Always ready: what limits the requests of a connection is the connection.
        let answer = service_fn(move |request: http::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            service.clone().call(request)
        });
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), answer);
        let connection = graceful.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
            drop(slot);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!(
            limit.seconds = DRAIN.as_secs(),
            "requests were still under way when the drain limit passed"
        );
    }
    Ok(())
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_READ_TIMEOUT);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HEADER_READ_TIMEOUT);
    builder
}

/// The next connection, once there is a slot for it. `None` when accepting failed.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY was not set");
            }
            Some((stream, peer, slot))
        }
        Err(error) => {
            // Out of file descriptors, most likely: a pause lets connections end.
            tracing::warn!(%error, "a connection was not accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "the test is the client")]
    async fn a_request_under_way_is_finished_after_the_signal() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (entered, seen) = oneshot::channel();
        let (release, released) = oneshot::channel::<()>();
        let once = Arc::new(std::sync::Mutex::new(Some((entered, released))));
        let router = Router::new().route(
            "/",
            get(move || {
                let (entered, released) = once.lock().unwrap().take().unwrap();
                async move {
                    entered.send(()).unwrap();
                    released.await.unwrap();
                    "finished"
                }
            }),
        );
        let cancel = CancellationToken::new();
        let server = tokio::spawn(serve(listener, router, cancel.clone()));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        seen.await.unwrap();
        cancel.cancel();
        release.send(()).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("finished"), "{answer}");
        server.await.unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
