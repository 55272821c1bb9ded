//! The simulator as a whole: its state, its router, its server.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use dovetail_catalog::{Catalog, CatalogHandle};
use dovetail_model::{Clock, Random, Timestamp};
use http::StatusCode;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::demo::{Demo, DemoCredential};
use crate::directory::Directory;
use crate::fault::FaultBook;
use crate::limits::{CONNECTIONS, DRAIN};
use crate::oauth::Book;
use crate::received::Received;
use crate::reset::{Broken, Reset};
use crate::sink::Sinks;
use crate::{answer, control, provider, target};

/// What a simulator needs from outside.
#[derive(Clone, Debug)]
pub struct MockConfig {
    /// Time of deliveries and of signatures.
    pub clock: Arc<dyn Clock>,
    /// Source of request ids.
    pub random: Arc<dyn Random>,
}

/// Answers as any provider of a catalogue. Cheap to clone; clones share faults and sinks.
#[derive(Clone)]
pub struct Simulator {
    shared: Arc<Shared>,
}

struct Shared {
    catalog: CatalogHandle,
    config: MockConfig,
    faults: FaultBook,
    sinks: Sinks,
    book: Book,
    /// The directory of the catalogue it was made from; made anew when the catalogue is reloaded.
    directory: Mutex<Option<(Arc<Catalog>, Arc<Directory>)>>,
}

impl Simulator {
    /// A simulator of the providers in `catalog`.
    pub fn new(catalog: CatalogHandle, config: MockConfig) -> Self {
        let shared = Shared {
            catalog,
            config,
            faults: FaultBook::default(),
            sinks: Sinks::default(),
            book: Book::default(),
            directory: Mutex::new(None),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The values that are accepted: provider by provider, in the order of the catalogue and of the form.
    pub fn credentials(&self) -> Vec<DemoCredential> {
        let catalog = self.shared.catalog.current();
        catalog.providers().flat_map(|provider| Demo::of(&provider).list().to_vec()).collect()
    }

    /// The simulator as a service: the control API at its own address, the providers at every other host.
    pub fn router(&self) -> Router {
        control::router()
            .with_state(self.clone())
            .layer(middleware::from_fn_with_state(self.clone(), intercept))
    }

    /// Serves HTTP/1.1 on `listener` until `cancel`, then lets running requests end, for [`DRAIN`] at most.
    ///
    /// # Errors
    /// Never by a single connection; only where the listener's address cannot be read.
    pub async fn serve(self, listener: TcpListener, cancel: CancellationToken) -> io::Result<()> {
        let address = listener.local_addr()?;
        tracing::info!(net.address = %address, "simulated providers are listening");
        let router = self.router();
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        let graceful = GracefulShutdown::new();
        loop {
            let accepted = tokio::select! {
                () = cancel.cancelled() => break,
                accepted = accept(&listener, &slots) => accepted,
            };
            let Some((stream, slot)) = accepted else { continue };
            let router = router.clone();
            let service =
                service_fn(move |request: http::Request<Incoming>| respond(router.clone(), request));
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            let connection = graceful.watch(connection);
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(error = %error, "connection ended");
                }
                drop(slot);
            });
        }
        if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
            tracing::debug!("simulated requests were cut off at shutdown");
        }
        Ok(())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.shared.config.clock.now()
    }

    pub(crate) fn request_id(&self) -> String {
        self.shared.config.random.uuid_v4().to_string()
    }

    pub(crate) fn faults(&self) -> &FaultBook {
        &self.shared.faults
    }

    pub(crate) fn book(&self) -> &Book {
        &self.shared.book
    }

    pub(crate) fn sinks(&self) -> &Sinks {
        &self.shared.sinks
    }

    fn directory(&self) -> Arc<Directory> {
        let catalog = self.shared.catalog.current();
        let mut kept = self.shared.directory.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, directory)) = kept.as_ref()
            && Arc::ptr_eq(of, &catalog)
        {
            return directory.clone();
        }
        let directory = Arc::new(Directory::new(&catalog));
        *kept = Some((catalog, directory.clone()));
        directory
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").finish_non_exhaustive()
    }
}

/// The next connection and its slot; `None` where the system could not give one.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(error = %error, "TCP_NODELAY not set");
            }
            Some((stream, slot))
        }
        Err(error) => {
            tracing::debug!(error = %error, "no connection accepted");
            // Out of file descriptors, most likely: give running requests time to free some.
            tokio::time::sleep(crate::limits::ACCEPT_PAUSE).await;
            None
        }
    }
}

/// One request on a connection; an error closes it without an answer.
async fn respond(router: Router, request: http::Request<Incoming>) -> Result<Response, Broken> {
    let response: Result<Response, Infallible> = router.oneshot(request.map(Body::new)).await;
    match response {
        Ok(response) if response.extensions().get::<Reset>().is_some() => Err(Broken),
        Ok(response) => Ok(response),
        Err(never) => match never {},
    }
}

/// Takes out the requests that were meant for somebody else.
async fn intercept(State(simulator): State<Simulator>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let url = match target::intended(&parts) {
        Ok(Some(url)) => url,
        Ok(None) => return next.run(Request::from_parts(parts, body)).await,
        Err(error) => return answer::error(StatusCode::BAD_REQUEST, "bad_target", &error.to_string()),
    };
    match Received::read(parts, url, body).await {
        Ok(received) => provider::answer(&simulator, &simulator.directory(), received).await,
        Err(error) => {
            tracing::debug!(error = %error, "request body broke off");
            answer::error(StatusCode::BAD_REQUEST, "bad_body", "The request body broke off.")
        }
    }
}
