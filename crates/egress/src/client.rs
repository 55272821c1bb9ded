//! The client: judge, send, wait, follow.

use std::sync::Arc;
use std::time::Duration;

use http::header::{self, HeaderValue};
use http::uri::{Authority, Scheme};
use http::{Method, Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::Instant;
use url::Url;

use crate::body::{Body, ResponseBody};
use crate::config::EgressConfig;
use crate::connector::{Bounded, PolicyConnector};
use crate::error::{self, EgressError, SetupError};
use crate::identity::Identity;
use crate::limits;
use crate::policy::AddressPolicy;
use crate::redirect::{self, Redirects};
use crate::resolve::Resolve;
use crate::simulate::Simulator;
use crate::tls;
use crate::wait::{self, BodyDeadline, Progress, TrackedBody};

/// The one HTTP client of Dovetail. Cheap to clone; clones share the connection pool.
#[derive(Clone)]
pub struct Client {
    pool: Pool<Bounded<HttpsConnector<PolicyConnector>>, TrackedBody>,
    shared: Arc<Shared>,
}

struct Shared {
    policy: AddressPolicy,
    simulator: Option<Simulator>,
    user_agent: HeaderValue,
    tls: rustls::ClientConfig,
    resolver: Arc<dyn Resolve>,
    connect_timeout: Duration,
}

/// Bounds and choices of one exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendOptions {
    /// Bound of the whole exchange, the reading of the body included. None: only the bounds
    /// below.
    pub total: Option<Duration>,
    /// Silence before the head of the response, counted from the last byte that we sent.
    pub response_header: Duration,
    /// Silence between two pieces of the response body.
    pub idle_body: Duration,
    /// Whether redirects are followed.
    pub redirects: Redirects,
}

impl Default for SendOptions {
    fn default() -> Self {
        Self {
            total: None,
            response_header: limits::RESPONSE_HEADER_TIMEOUT,
            idle_body: limits::IDLE_BODY_TIMEOUT,
            redirects: Redirects::None,
        }
    }
}

impl SendOptions {
    /// These options with a bound of the whole exchange.
    pub fn total(self, total: Duration) -> Self {
        Self { total: Some(total), ..self }
    }

    /// These options with redirects treated as `redirects`.
    pub fn redirects(self, redirects: Redirects) -> Self {
        Self { redirects, ..self }
    }
}

/// Extension of a response: the URL that answered, after all redirects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalUrl(pub Url);

impl Client {
    /// A client with its own pool. Reads the system's trust anchors.
    pub fn new(config: EgressConfig) -> Result<Self, SetupError> {
        let simulator = config.simulate.as_ref().map(Simulator::new).transpose()?;
        Ok(Self::of(Shared {
            policy: AddressPolicy::new(config.allow),
            simulator,
            user_agent: HeaderValue::from_str(&config.user_agent)
                .unwrap_or(HeaderValue::from_static("dovetail")),
            tls: config.tls.map_or_else(tls::default_config, Ok)?,
            resolver: config.resolver,
            connect_timeout: config.connect_timeout,
        }))
    }

    fn of(shared: Shared) -> Self {
        let dialling = shared.simulator.is_none().then(|| shared.policy.clone());
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(shared.tls.clone())
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(PolicyConnector::new(dialling, Arc::clone(&shared.resolver)));
        Self { pool: pool(Bounded::new(connector, shared.connect_timeout)), shared: Arc::new(shared) }
    }

    /// A client with the same settings that shows servers a certificate (mutual TLS, RFC 8705). It has a pool of
    /// its own: a connection made in somebody's name is nobody else's.
    pub fn identified(&self, identity: &Identity) -> Result<Self, SetupError> {
        let mut tls = self.shared.tls.clone();
        tls.client_auth_cert_resolver = identity.resolver(tls.crypto_provider())?;
        Ok(Self::of(Shared {
            policy: self.shared.policy.clone(),
            simulator: self.shared.simulator.clone(),
            user_agent: self.shared.user_agent.clone(),
            tls,
            resolver: Arc::clone(&self.shared.resolver),
            connect_timeout: self.shared.connect_timeout,
        }))
    }

    /// Whether requests go to a simulator instead of to their targets.
    pub fn is_simulating(&self) -> bool {
        self.shared.simulator.is_some()
    }

    /// The policy for a URL that is to be stored (a webhook URL, a base URL): scheme, literal
    /// addresses, forbidden names. Names are judged again when they are dialled.
    pub fn check_url(&self, url: &Url) -> Result<(), EgressError> {
        self.shared.policy.check_url(url)
    }

    /// Sends one request to its absolute URI and returns the response as soon as its head is
    /// there. Path and query are sent byte for byte; `Host` is always that of the URI;
    /// nothing is decompressed. Dropping the future or the body ends the exchange.
    pub async fn send(
        &self,
        request: Request<Body>,
        options: SendOptions,
    ) -> Result<Response<ResponseBody>, EgressError> {
        let deadline = options.total.map(|total| Instant::now() + total);
        let (max, keep_headers) = match options.redirects {
            Redirects::None => (0, false),
            Redirects::Follow { max, keep_headers } | Redirects::SameMethodOnly { max, keep_headers } => {
                (max, keep_headers)
            }
        };
        let mut request = request;
        for hops_left in (0..=max).rev() {
            let url = target_url(request.uri())?;
            self.shared.policy.check_url(&url)?;
            let again = (max > 0).then(|| copy(&request)).flatten();
            let mut response = self.send_once(request, &url, &options, deadline).await?;
            let Some(again) = again else {
                response.extensions_mut().insert(FinalUrl(url));
                return Ok(response);
            };
            let hop = redirect::next_hop(again.method(), &url, response.status(), response.headers())?;
            let Some(hop) = hop.filter(|hop| follows(options.redirects, hop, &response, &again)) else {
                response.extensions_mut().insert(FinalUrl(url));
                return Ok(response);
            };
            if hops_left == 0 {
                return Err(EgressError::TooManyRedirects);
            }
            request = again;
            redirect::strip_for_hop(request.headers_mut(), &hop, keep_headers);
            *request.uri_mut() = uri_of(&hop.url)?;
            if hop.drop_body {
                *request.body_mut() = Body::empty();
            }
            *request.method_mut() = hop.method;
        }
        Err(EgressError::TooManyRedirects)
    }

    /// One exchange. An idempotent request without body that meets a connection closed by
    /// the peer while idle is sent once more (RFC 9110 section 9.2.2).
    async fn send_once(
        &self,
        request: Request<Body>,
        url: &Url,
        options: &SendOptions,
        deadline: Option<Instant>,
    ) -> Result<Response<ResponseBody>, EgressError> {
        let started = Instant::now();
        let spare =
            (request.method().is_idempotent() && request.body().is_empty()).then(|| copy(&request)).flatten();
        match self.exchange(request, url, options, deadline).await {
            Err(EgressError::Reset) if started.elapsed() < limits::STALE_CONNECTION_WINDOW => match spare {
                Some(spare) => self.exchange(spare, url, options, deadline).await,
                None => Err(EgressError::Reset),
            },
            other => other,
        }
    }

    async fn exchange(
        &self,
        request: Request<Body>,
        url: &Url,
        options: &SendOptions,
        deadline: Option<Instant>,
    ) -> Result<Response<ResponseBody>, EgressError> {
        let (mut parts, body) = request.into_parts();
        parts.version = http::Version::HTTP_11;
        // Host comes from the URI: as a field on HTTP/1.1, as :authority on HTTP/2.
        parts.headers.remove(header::HOST);
        parts.headers.entry(header::USER_AGENT).or_insert_with(|| self.shared.user_agent.clone());
        if body.is_empty() && matches!(parts.method, Method::POST | Method::PUT | Method::PATCH) {
            // RFC 9110 section 8.6; some servers answer 411 without it.
            parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        parts.uri = canonical_uri(&parts.uri, url)?;
        if let Some(simulator) = &self.shared.simulator {
            parts.uri = simulator.redirect(&parts.uri, &mut parts.headers)?;
        }
        let progress = Progress::begin();
        let request = Request::from_parts(parts, TrackedBody::new(body, progress.clone()));
        let response =
            wait::for_head(self.pool.request(request), &progress, options.response_header, deadline)
                .await?
                .map_err(|error| error::from_chain(&error))?;
        Ok(response.map(|body| ResponseBody::new(body, BodyDeadline::new(options.idle_body, deadline))))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("simulating", &self.is_simulating()).finish_non_exhaustive()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the client that the lint points to")]
fn pool(
    connector: Bounded<HttpsConnector<PolicyConnector>>,
) -> Pool<Bounded<HttpsConnector<PolicyConnector>>, TrackedBody> {
    Pool::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(limits::POOL_IDLE_TIMEOUT)
        .pool_max_idle_per_host(limits::POOL_MAX_IDLE_PER_HOST)
        .http1_max_headers(limits::MAX_RESPONSE_HEADERS)
        .http1_max_buf_size(limits::MAX_RESPONSE_HEAD_BYTES)
        .http2_max_header_list_size(limits::MAX_RESPONSE_HEAD_BYTES as u32)
        .http2_initial_stream_window_size(limits::HTTP2_STREAM_WINDOW_BYTES)
        .http2_initial_connection_window_size(limits::HTTP2_CONNECTION_WINDOW_BYTES)
        .build(connector)
}

/// The URI as WHATWG reads it: what the policy judges and the connector dials are one.
fn target_url(uri: &Uri) -> Result<Url, EgressError> {
    if uri.scheme().is_none() || uri.authority().is_none() {
        return Err(EgressError::InvalidUrl("it is not absolute"));
    }
    Url::parse(&uri.to_string()).map_err(|_| EgressError::InvalidUrl("it does not parse"))
}

/// Scheme and host of `url` (canonical), path and query of `uri` (as given).
fn canonical_uri(uri: &Uri, url: &Url) -> Result<Uri, EgressError> {
    let invalid = || EgressError::InvalidUrl("it does not parse");
    let host = url.host_str().ok_or_else(invalid)?;
    let authority = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.scheme = Some(if url.scheme() == "https" { Scheme::HTTPS } else { Scheme::HTTP });
    parts.authority = Some(Authority::try_from(authority).map_err(|_| invalid())?);
    if parts.path_and_query.is_none() {
        parts.path_and_query = Some(http::uri::PathAndQuery::from_static("/"));
    }
    Uri::from_parts(parts).map_err(|_| invalid())
}

fn uri_of(url: &Url) -> Result<Uri, EgressError> {
    Uri::try_from(url.as_str()).map_err(|_| EgressError::InvalidUrl("it does not parse"))
}

/// A second copy of a request whose body is in memory.
fn copy(request: &Request<Body>) -> Option<Request<Body>> {
    let mut again = Request::new(request.body().try_clone()?);
    *again.method_mut() = request.method().clone();
    *again.uri_mut() = request.uri().clone();
    *again.headers_mut() = request.headers().clone();
    Some(again)
}

fn follows(
    redirects: Redirects,
    hop: &redirect::Hop,
    response: &Response<ResponseBody>,
    request: &Request<Body>,
) -> bool {
    let keeps_method = matches!(response.status().as_u16(), 307 | 308);
    let allowed = match redirects {
        Redirects::None => false,
        Redirects::Follow { .. } => true,
        Redirects::SameMethodOnly { .. } => keeps_method,
    };
    allowed && (hop.drop_body || request.body().is_replayable()) && request.method() != Method::CONNECT
}
