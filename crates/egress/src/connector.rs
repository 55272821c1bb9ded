//! Resolve, judge, dial: the address that was judged is the address that is dialled, so a
//! name that changes its answer between check and use gains nothing.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::stream::{FuturesUnordered, StreamExt};
use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::Service;
use url::Host;

use crate::error::{EgressError, Phase};
use crate::limits;
use crate::policy::AddressPolicy;
use crate::resolve::Resolve;

/// Dials targets that the policy lets through.
#[derive(Clone)]
pub(crate) struct PolicyConnector {
    shared: Arc<Shared>,
}

struct Shared {
    /// None: every request goes to the simulator that the operator named.
    policy: Option<AddressPolicy>,
    resolver: Arc<dyn Resolve>,
}

type Dialling = Pin<Box<dyn Future<Output = Result<TokioIo<TcpStream>, EgressError>> + Send>>;

impl PolicyConnector {
    pub(crate) fn new(policy: Option<AddressPolicy>, resolver: Arc<dyn Resolve>) -> Self {
        Self { shared: Arc::new(Shared { policy, resolver }) }
    }
}

impl Service<Uri> for PolicyConnector {
    type Response = TokioIo<TcpStream>;
    type Error = EgressError;
    type Future = Dialling;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let host = target.host().ok_or(EgressError::InvalidUrl("it has no host"))?;
            let default_port = if target.scheme() == Some(&http::uri::Scheme::HTTPS) { 443 } else { 80 };
            let port = target.port_u16().unwrap_or(default_port);
            let addrs = shared.addresses(host).await?;
            dial(host, port, addrs).await.map(TokioIo::new)
        })
    }
}

impl Shared {
    /// The addresses of `host`, all of them judged.
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, EgressError> {
        let invalid = |_| EgressError::InvalidUrl("the host is not valid");
        let name = match Host::parse(host).map_err(invalid)? {
            Host::Ipv4(addr) => return self.literal(IpAddr::V4(addr)),
            Host::Ipv6(addr) => return self.literal(IpAddr::V6(addr)),
            Host::Domain(name) => name,
        };
        let addrs = self.resolver.resolve(&name).await.map_err(|error| dns_error(&name, &error))?;
        if addrs.is_empty() {
            return Err(EgressError::Dns { host: name, temporary: false });
        }
        if let Some(policy) = &self.policy {
            policy.check_resolved(&name, &addrs)?;
        }
        Ok(addrs)
    }

    fn literal(&self, addr: IpAddr) -> Result<Vec<IpAddr>, EgressError> {
        if let Some(policy) = &self.policy {
            policy.check_literal(addr)?;
        }
        Ok(vec![addr])
    }
}

fn dns_error(host: &str, error: &io::Error) -> EgressError {
    let text = error.to_string();
    let temporary = text.contains("Temporary failure") || text.contains("try again");
    EgressError::Dns { host: host.to_owned(), temporary }
}

/// Tries the addresses, each with a short head start over the next (RFC 8305, in the order
/// of the resolver).
async fn dial(host: &str, port: u16, addrs: Vec<IpAddr>) -> Result<TcpStream, EgressError> {
    let mut waiting = addrs.into_iter().take(limits::MAX_DIALLED_ADDRESSES);
    let mut running = FuturesUnordered::new();
    let mut last = io::ErrorKind::AddrNotAvailable;
    let mut exhausted = false;
    loop {
        if !exhausted {
            match waiting.next() {
                Some(addr) => running.push(connect(SocketAddr::new(addr, port))),
                None => exhausted = true,
            }
        }
        tokio::select! {
            biased;
            done = running.next() => match done {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(error)) => last = error.kind(),
                None if exhausted => {
                    return Err(EgressError::Connect { target: format!("{host}:{port}"), kind: last });
                }
                None => {}
            },
            () = tokio::time::sleep(limits::CONNECTION_ATTEMPT_DELAY), if !exhausted => {}
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that dials, after the policy")]
async fn connect(addr: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(addr).await?;
    // Small writes (a head, a chunk) must not wait for an acknowledgement.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Bounds a connector in time: resolving, dialling and the TLS handshake together.
#[derive(Clone)]
pub(crate) struct Bounded<C> {
    inner: C,
    limit: std::time::Duration,
}

impl<C> Bounded<C> {
    pub(crate) fn new(inner: C, limit: std::time::Duration) -> Self {
        Self { inner, limit }
    }
}

impl<C> Service<Uri> for Bounded<C>
where
    C: Service<Uri>,
    C::Future: Send + 'static,
    C::Error: Into<crate::BoxError>,
{
    type Response = C::Response;
    type Error = crate::BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, crate::BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let connecting = self.inner.call(target);
        let limit = self.limit;
        Box::pin(async move {
            match tokio::time::timeout(limit, connecting).await {
                Ok(connected) => connected.map_err(Into::into),
                Err(_) => Err(EgressError::Timeout(Phase::Connect).into()),
            }
        })
    }
}
