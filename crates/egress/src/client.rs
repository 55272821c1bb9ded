//! The client: judge, send, wait, follow.

use std::sync::Arc;
use std::time::Duration;

use http::header::{self, HeaderMap, HeaderValue};
use http::uri::{Authority, Scheme};
use http::{Method, Request, Response, Uri};
use hyper_rustls::HttpsConnectorBuilder;
use tokio::time::Instant;
use url::Url;

use crate::body::{Body, ResponseBody};
use crate::config::EgressConfig;
use crate::connector::{Bounded, PolicyConnector};
use crate::error::{EgressError, SetupError};
use crate::identity::Identity;
use crate::limits;
use crate::policy::AddressPolicy;
use crate::pool::Pool;
use crate::redirect::{self, Redirects};
use crate::resolve::Resolve;
use crate::simulate::Simulator;
use crate::tls;
use crate::wait::{self, BodyDeadline, Progress, TrackedBody};

/// The one HTTP client of Dovetail. Cheap to clone; clones share the connection pool.
#[derive(Clone)]
pub struct Client {
    pool: Pool,
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

/// A request but for its body, lent so that it can be sent again.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The method.
    pub method: &'a Method,
    /// Where to; its path and query are sent as they stand.
    pub url: &'a Url,
    /// The fields. `Host` is always that of the URL.
    pub headers: &'a HeaderMap,
}

/// Extension of a response, where redirects were to be followed: the URL that answered.
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
        let dialler = PolicyConnector::new(dialling, Arc::clone(&shared.resolver));
        let builder = || HttpsConnectorBuilder::new().with_tls_config(shared.tls.clone()).https_or_http();
        let bounded = |connector| Bounded::new(connector, shared.connect_timeout);
        let connector = bounded(builder().enable_all_versions().wrap_connector(dialler.clone()));
        let upgrading = bounded(builder().enable_http1().wrap_connector(dialler));
        Self { pool: Pool::new(connector, upgrading), shared: Arc::new(shared) }
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
        let (mut parts, mut body) = request.into_parts();
        for hops_left in (0..=max).rev() {
            let url = target_url(&parts.uri)?;
            self.shared.policy.check_url(&url)?;
            let again = body.try_clone();
            let outgoing = Unsent {
                method: &parts.method,
                uri: canonical_uri(&parts.uri, &url)?,
                headers: &parts.headers,
            };
            let mut response = self.send_once(outgoing, body, &options, deadline).await?;
            if max == 0 {
                return Ok(response);
            }
            let hop = redirect::next_hop(&parts.method, &url, response.status(), response.headers())?;
            let hop = hop.filter(|_| follows(options.redirects, &response, &parts.method));
            let next_body = |hop: &redirect::Hop| if hop.drop_body { Some(Body::empty()) } else { again };
            let Some((hop, next)) = hop.and_then(|hop| next_body(&hop).map(|body| (hop, body))) else {
                response.extensions_mut().insert(FinalUrl(url));
                return Ok(response);
            };
            if hops_left == 0 {
                return Err(EgressError::TooManyRedirects);
            }
            redirect::strip_for_hop(&mut parts.headers, &hop, keep_headers);
            parts.uri = uri_of(&hop.url)?;
            (parts.method, body) = (hop.method, next);
        }
        Err(EgressError::TooManyRedirects)
    }

    /// As [`Client::send`], without redirects, for a caller that keeps the request's head: it
    /// may want to send it again.
    pub async fn send_to(
        &self,
        head: Head<'_>,
        body: Body,
        options: &SendOptions,
    ) -> Result<Response<ResponseBody>, EgressError> {
        let deadline = options.total.map(|total| Instant::now() + total);
        self.shared.policy.check_url(head.url)?;
        let outgoing = Unsent { method: head.method, uri: uri_of(head.url)?, headers: head.headers };
        self.send_once(outgoing, body, options, deadline).await
    }

    /// One exchange. An idempotent request without body that meets a connection closed by
    /// the peer while idle is sent once more (RFC 9110 section 9.2.2).
    async fn send_once(
        &self,
        request: Unsent<'_>,
        body: Body,
        options: &SendOptions,
        deadline: Option<Instant>,
    ) -> Result<Response<ResponseBody>, EgressError> {
        let started = Instant::now();
        let may_repeat = request.method.is_idempotent() && body.is_empty();
        match self.exchange(&request, body, options, deadline).await {
            Err(EgressError::Reset) if may_repeat && started.elapsed() < limits::STALE_CONNECTION_WINDOW => {
                self.exchange(&request, Body::empty(), options, deadline).await
            }
            other => other,
        }
    }

    async fn exchange(
        &self,
        unsent: &Unsent<'_>,
        body: Body,
        options: &SendOptions,
        deadline: Option<Instant>,
    ) -> Result<Response<ResponseBody>, EgressError> {
        let progress = Progress::begin();
        let is_empty = body.is_empty();
        let mut request = Request::new(TrackedBody::new(body, progress.clone()));
        request.method_mut().clone_from(unsent.method);
        request.uri_mut().clone_from(&unsent.uri);
        let headers = request.headers_mut();
        headers.clone_from(unsent.headers);
        // Host comes from the URI: as a field on HTTP/1.1, as :authority on HTTP/2.
        headers.remove(header::HOST);
        headers.entry(header::USER_AGENT).or_insert_with(|| self.shared.user_agent.clone());
        if is_empty && matches!(*unsent.method, Method::POST | Method::PUT | Method::PATCH) {
            // RFC 9110 section 8.6; some servers answer 411 without it.
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        if let Some(simulator) = &self.shared.simulator {
            *request.uri_mut() = simulator.redirect(&unsent.uri, request.headers_mut())?;
        }
        // Pinned here: handing the future over would move the whole of it.
        let asking = std::pin::pin!(self.pool.request(request));
        let response = wait::for_head(asking, &progress, options.response_header, deadline).await??;
        Ok(response.map(|body| ResponseBody::new(body, BodyDeadline::new(options.idle_body, deadline))))
    }
}

/// A request but for its body, judged, with its canonical absolute URI.
struct Unsent<'a> {
    method: &'a Method,
    uri: Uri,
    headers: &'a HeaderMap,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("simulating", &self.is_simulating()).finish_non_exhaustive()
    }
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

fn follows(redirects: Redirects, response: &Response<ResponseBody>, method: &Method) -> bool {
    let keeps_method = matches!(response.status().as_u16(), 307 | 308);
    let allowed = match redirects {
        Redirects::None => false,
        Redirects::Follow { .. } => true,
        Redirects::SameMethodOnly { .. } => keeps_method,
    };
    allowed && *method != Method::CONNECT
}
