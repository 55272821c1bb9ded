//! Connections, and who may use them next.
//!
//! An HTTP/1.1 connection travels with its exchange ([`lane`]): the task that waits for the
//! answer drives the connection itself, so that a call costs neither a second task nor the
//! wake-ups between two. An HTTP/2 connection is shared and has a task of its own.

mod lane;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Method, Request, Response, Uri, header};
use http_body::Body as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::Connection as _;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tower::Service as _;

use self::lane::Lane;
pub(crate) use self::lane::LaneBody;
use crate::connector::{Bounded, PolicyConnector};
use crate::error::{self, EgressError};
use crate::limits;
use crate::wait::TrackedBody;

type Connector = Bounded<HttpsConnector<PolicyConnector>>;
type Io = MaybeHttpsStream<TokioIo<TcpStream>>;

/// All connections of a client. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    connector: Connector,
    /// Offers HTTP/1.1 alone: only there can a connection change its protocol.
    upgrading: Connector,
    origins: Mutex<HashMap<Origin, Kept>>,
    /// Whether the task that closes what nobody uses is running.
    swept: AtomicBool,
}

/// Whom a connection reaches: requests to one origin may share it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Origin {
    tls: bool,
    authority: Authority,
}

/// Connections to one origin that can be used.
#[derive(Default)]
struct Kept {
    /// Idle ones; the last was used last.
    lanes: Vec<(Lane, Instant)>,
    /// The shared one, and when it was used last.
    http2: Option<(http2::SendRequest<TrackedBody>, Instant)>,
}

/// A connection that is about to be used.
enum Ready {
    Lane(Lane),
    Http2(http2::SendRequest<TrackedBody>),
}

/// The answer's body as it comes from a connection.
pub(crate) enum Source {
    /// From an HTTP/1.1 connection that this body drives.
    Lane(Box<LaneBody>),
    /// From a connection that has a task of its own.
    Shared(Incoming),
    /// From none: made of another body.
    Made(UnsyncBoxBody<Bytes, EgressError>),
}

/// A way back for a connection whose exchange has ended.
struct Home {
    pool: Weak<Shared>,
    origin: Origin,
}

impl Pool {
    /// `upgrading` makes the connections that will change their protocol.
    pub(crate) fn new(connector: Connector, upgrading: Connector) -> Self {
        let (origins, swept) = (Mutex::default(), AtomicBool::new(false));
        Self { shared: Arc::new(Shared { connector, upgrading, origins, swept }) }
    }

    /// Sends a request to its absolute URI, over a connection that is there or a new one.
    /// A request that did not leave is sent over another connection.
    pub(crate) async fn request(
        &self,
        mut request: Request<TrackedBody>,
    ) -> Result<Response<Source>, EgressError> {
        let origin = Origin::of(request.uri())?;
        let upgrades = request.headers().contains_key(header::UPGRADE);
        loop {
            let kept = if upgrades { None } else { self.shared.take(&origin) };
            let (ready, is_new) = match kept {
                Some(ready) => (ready, false),
                // Boxed: most requests find a connection, and need not carry what makes one.
                None => (Box::pin(self.connect(&origin, request.uri(), upgrades)).await?, true),
            };
            let outcome = match ready {
                Ready::Lane(lane) => {
                    let home = Home { pool: Arc::downgrade(&self.shared), origin: origin.clone() };
                    lane.exchange(direct(request)?, home).await
                }
                Ready::Http2(mut sender) => sender
                    .try_send_request(over_http2(request))
                    .await
                    .map(|response| response.map(Source::Shared)),
            };
            let mut failure = match outcome {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            match failure.take_message() {
                Some(unsent) if !is_new => request = absolute(unsent, &origin)?,
                _ => return Err(error::from_chain(failure.error())),
            }
        }
    }

    async fn connect(&self, origin: &Origin, target: &Uri, upgrades: bool) -> Result<Ready, EgressError> {
        let mut connector =
            if upgrades { self.shared.upgrading.clone() } else { self.shared.connector.clone() };
        let io = connector.call(target.clone()).await.map_err(|error| error::from_chain(&*error))?;
        self.sweep();
        if io.connected().is_negotiated_h2() {
            return self.share(origin, io).await;
        }
        let (sender, connection) = http1::Builder::new()
            .max_headers(limits::MAX_RESPONSE_HEADERS)
            .max_buf_size(limits::MAX_RESPONSE_HEAD_BYTES)
            .handshake(io)
            .await
            .map_err(|error| error::from_chain(&error))?;
        Ok(Ready::Lane(Lane::new(sender, connection)))
    }

    /// Makes a connection the shared one of its origin, unless another was faster.
    async fn share(&self, origin: &Origin, io: Io) -> Result<Ready, EgressError> {
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_header_list_size(limits::MAX_RESPONSE_HEAD_BYTES as u32)
            .initial_stream_window_size(limits::HTTP2_STREAM_WINDOW_BYTES)
            .initial_connection_window_size(limits::HTTP2_CONNECTION_WINDOW_BYTES)
            .handshake(io)
            .await
            .map_err(|error| error::from_chain(&error))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "HTTP/2 connection ended");
            }
        });
        if let Some(faster @ Ready::Http2(_)) = self.shared.take(origin) {
            return Ok(faster);
        }
        self.shared.with(|origins| {
            origins.entry(origin.clone()).or_default().http2 = Some((sender.clone(), Instant::now()));
        });
        Ok(Ready::Http2(sender))
    }

    /// Starts the task that closes connections nobody used for a while.
    fn sweep(&self) {
        if self.shared.swept.swap(true, Ordering::Relaxed) {
            return;
        }
        let pool = Arc::downgrade(&self.shared);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(limits::POOL_SWEEP_INTERVAL).await;
                let Some(pool) = pool.upgrade() else { return };
                pool.close_idle(Instant::now());
            }
        });
    }
}

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Origin, Kept>) -> T) -> T {
        act(&mut self.origins.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A connection that its peer has not closed, as far as is known here.
    fn take(&self, origin: &Origin) -> Option<Ready> {
        loop {
            let taken = self.with(|origins| {
                let kept = origins.get_mut(origin)?;
                if let Some((sender, used)) = &mut kept.http2 {
                    if !sender.is_closed() {
                        *used = Instant::now();
                        return Some(Ready::Http2(sender.clone()));
                    }
                    kept.http2 = None;
                }
                kept.lanes.pop().map(|(lane, _)| Ready::Lane(lane))
            })?;
            match taken {
                Ready::Lane(mut lane) => {
                    if lane.is_ready() {
                        return Some(Ready::Lane(lane));
                    }
                }
                shared @ Ready::Http2(_) => return Some(shared),
            }
        }
    }

    fn put(&self, origin: Origin, lane: Lane) {
        self.with(|origins| {
            let lanes = &mut origins.entry(origin).or_default().lanes;
            if lanes.len() < limits::POOL_MAX_IDLE_PER_HOST {
                lanes.push((lane, Instant::now()));
            }
        });
    }

    fn close_idle(&self, now: Instant) {
        let is_fresh = |used: &Instant| now.duration_since(*used) < limits::POOL_IDLE_TIMEOUT;
        self.with(|origins| {
            origins.retain(|_, kept| {
                kept.lanes.retain_mut(|(lane, used)| is_fresh(used) && lane.is_ready());
                kept.http2.take_if(|(sender, used)| !is_fresh(used) || sender.is_closed());
                !kept.lanes.is_empty() || kept.http2.is_some()
            });
        });
    }
}

impl Home {
    /// Keeps a connection for the next request, if it can take one.
    fn take_back(self, mut lane: Lane) {
        if lane.is_ready()
            && let Some(pool) = self.pool.upgrade()
        {
            pool.put(self.origin, lane);
        }
    }
}

impl Origin {
    fn of(uri: &Uri) -> Result<Self, EgressError> {
        let authority = uri.authority().ok_or(EgressError::InvalidUrl("it is not absolute"))?.clone();
        Ok(Self { tls: uri.scheme() == Some(&Scheme::HTTPS), authority })
    }
}

/// The request as it stands on an HTTP/1.1 connection: path and query alone, and a `Host`.
fn direct(mut request: Request<TrackedBody>) -> Result<Request<TrackedBody>, EgressError> {
    let invalid = EgressError::InvalidUrl("it does not parse");
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    if !request.headers().contains_key(header::HOST) {
        let authority = parts.authority.as_ref().ok_or_else(|| invalid.clone())?;
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| invalid.clone())?;
        request.headers_mut().insert(header::HOST, host);
    }
    if request.headers().contains_key(header::TE) {
        // It is for this connection alone (RFC 9110 section 10.1.4).
        let upgrades = request.headers().contains_key(header::UPGRADE);
        let named = HeaderValue::from_static(if upgrades { "upgrade, te" } else { "te" });
        request.headers_mut().insert(header::CONNECTION, named);
    }
    if lacks_framing(&request) {
        request.headers_mut().insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    (parts.scheme, parts.authority) = (None, None);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| invalid)?;
    Ok(request)
}

/// Whether a body of unknown length would be left out: with these methods HTTP libraries take it for none.
fn lacks_framing(request: &Request<TrackedBody>) -> bool {
    let body = request.body();
    matches!(*request.method(), Method::GET | Method::HEAD)
        && !body.is_end_stream()
        && body.size_hint().exact().is_none()
        && !request.headers().contains_key(header::CONTENT_LENGTH)
}

/// A request that did not leave, with its absolute URI.
fn absolute(mut request: Request<TrackedBody>, origin: &Origin) -> Result<Request<TrackedBody>, EgressError> {
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = Some(if origin.tls { Scheme::HTTPS } else { Scheme::HTTP });
    parts.authority = Some(origin.authority.clone());
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| EgressError::InvalidUrl("it does not parse"))?;
    Ok(request)
}

/// The request as it stands on an HTTP/2 connection: the authority is part of the URI.
fn over_http2(mut request: Request<TrackedBody>) -> Request<TrackedBody> {
    *request.version_mut() = http::Version::HTTP_2;
    for name in [header::HOST, header::CONNECTION, header::TRANSFER_ENCODING] {
        request.headers_mut().remove(name);
    }
    request
}

/// What became of an attempt that got no answer.
type Failure = TrySendError<Request<TrackedBody>>;
