//! What can go wrong on the way out, and the short code the wire shows for it.

use std::io;
use std::net::IpAddr;

use thiserror::Error;

use crate::address::AddressClass;
use crate::body::BoxError;

/// Failure of one outbound exchange. Texts name hosts and addresses, never headers, queries
/// or bodies.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum EgressError {
    /// The URL is not an absolute `http` or `https` URL that can be dialled.
    #[error("the URL is not valid: {0}")]
    InvalidUrl(&'static str),
    /// The address policy refuses the target.
    #[error("the address policy does not allow this target: {0}")]
    Blocked(BlockReason),
    /// The name does not resolve.
    #[error("getaddrinfo {code} {host}", code = if *.temporary { "EAI_AGAIN" } else { "ENOTFOUND" })]
    Dns {
        /// The name that was looked up.
        host: String,
        /// The resolver said to try later, as opposed to "no such name".
        temporary: bool,
    },
    /// No TCP connection could be made.
    #[error("connect {code} {target}", code = io_code(*.kind))]
    Connect {
        /// Host or address, with the port.
        target: String,
        /// The operating system's reason.
        kind: io::ErrorKind,
    },
    /// The TLS handshake failed or the certificate is not trusted.
    #[error("TLS handshake failed: {0}")]
    Tls(rustls::Error),
    /// A wait was longer than its bound.
    #[error("timed out while waiting for {0}")]
    Timeout(Phase),
    /// The connection was closed or reset before the response was complete.
    #[error("the connection was closed before the response was complete")]
    Reset,
    /// The peer broke the HTTP protocol.
    #[error("the response is not valid HTTP: {0}")]
    Protocol(String),
    /// More redirect hops than allowed.
    #[error("Maximum number of redirects exceeded")]
    TooManyRedirects,
    /// A body is larger than the caller's bound.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The bound, in bytes.
        limit: usize,
    },
    /// The source of the request body failed (usually: our own caller went away).
    #[error("the request body ended early")]
    RequestBody,
}

/// The wait that was too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Resolving, connecting, TLS handshake.
    Connect,
    /// Waiting for the head of the response.
    ResponseHeader,
    /// Waiting for the next piece of the response body.
    IdleBody,
    /// The deadline of the whole exchange.
    Total,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "the connection",
            Self::ResponseHeader => "the response",
            Self::IdleBody => "more of the response body",
            Self::Total => "the exchange to end",
        })
    }
}

/// Why the address policy refuses a target.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BlockReason {
    /// Neither `http` nor `https`.
    #[error("scheme {0:?} is not http or https")]
    Scheme(String),
    /// A name that is refused as such (cloud metadata, `localhost`).
    #[error("host name {0:?} is refused")]
    Hostname(String),
    /// An address written in the URL.
    #[error("{addr} is {class}")]
    Literal {
        /// The address.
        addr: IpAddr,
        /// Its class.
        class: AddressClass,
    },
    /// An address that the name resolves to.
    #[error("{host:?} resolves to {addr}, which is {class}")]
    Resolved {
        /// The name.
        host: String,
        /// The offending address.
        addr: IpAddr,
        /// Its class.
        class: AddressClass,
    },
}

impl BlockReason {
    /// The reason as a short code (proxy.md section 10).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Scheme(_) => "invalid_scheme",
            Self::Hostname(_) => "denied_hostname",
            Self::Literal { .. } => "denied_ip",
            Self::Resolved { .. } => "denied_dns",
        }
    }
}

impl EgressError {
    /// The code that network libraries use for this failure, for instance `ECONNREFUSED`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidUrl(_) => "ERR_INVALID_URL",
            Self::Blocked(reason) => reason.code(),
            Self::Dns { temporary: true, .. } => "EAI_AGAIN",
            Self::Dns { .. } => "ENOTFOUND",
            Self::Connect { kind, .. } => io_code(*kind),
            Self::Tls(rustls::Error::InvalidCertificate(error)) => certificate_code(error),
            Self::Tls(_) => "EPROTO",
            Self::Timeout(Phase::Connect) => "ETIMEDOUT",
            Self::Timeout(_) => "ECONNABORTED",
            Self::Reset => "ECONNRESET",
            Self::Protocol(_) => "ERR_BAD_RESPONSE",
            Self::TooManyRedirects => "ERR_FR_TOO_MANY_REDIRECTS",
            Self::TooLarge { .. } => "ERR_BODY_TOO_LARGE",
            Self::RequestBody => "ERR_REQUEST_BODY",
        }
    }

    /// Whether the same request may succeed a little later: the network failed, not the
    /// request.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Dns { temporary, .. } => *temporary,
            Self::Connect { .. } | Self::Timeout(_) | Self::Reset => true,
            _ => false,
        }
    }

    /// Whether the peer cannot have seen the request: it may be sent again whatever its method.
    pub fn is_before_send(&self) -> bool {
        matches!(self, Self::Dns { .. } | Self::Connect { .. } | Self::Tls(_) | Self::Timeout(Phase::Connect))
    }
}

/// Why no [`crate::Client`] could be made.
#[derive(Debug, Error)]
pub enum SetupError {
    /// No trust anchors or no usable protocol version.
    #[error("TLS could not be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The simulator is not a plain `http://host:port` address.
    #[error("the simulator must be http://HOST:PORT, not {0:?}")]
    Simulator(String),
    /// A client certificate or its key cannot be read, or they do not belong together.
    #[error("the client certificate or its private key is not usable")]
    Identity,
}

fn io_code(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::ConnectionRefused => "ECONNREFUSED",
        io::ErrorKind::HostUnreachable => "EHOSTUNREACH",
        io::ErrorKind::NetworkUnreachable => "ENETUNREACH",
        io::ErrorKind::TimedOut => "ETIMEDOUT",
        io::ErrorKind::ConnectionReset => "ECONNRESET",
        _ => "ECONNABORTED",
    }
}

fn certificate_code(error: &rustls::CertificateError) -> &'static str {
    use rustls::CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } => "CERT_HAS_EXPIRED",
        E::NotValidForName | E::NotValidForNameContext { .. } => "ERR_TLS_CERT_ALTNAME_INVALID",
        E::UnknownIssuer => "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        _ => "ERR_TLS_CERT_INVALID",
    }
}

/// Turns the error of the HTTP client into ours by what lies at the bottom of its chain.
pub(crate) fn from_chain(error: &(dyn std::error::Error + 'static)) -> EgressError {
    if let Some(ours) = find::<EgressError>(error) {
        return ours.clone();
    }
    if find::<crate::body::RequestBodyError>(error).is_some() {
        return EgressError::RequestBody;
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return EgressError::Tls(tls.clone());
    }
    if let Some(http) = find::<hyper::Error>(error)
        && (http.is_incomplete_message()
            || http.is_canceled()
            || http.is_closed()
            || http.is_body_write_aborted())
    {
        return EgressError::Reset;
    }
    if let Some(io) = find::<io::Error>(error) {
        return match io.kind() {
            io::ErrorKind::TimedOut => EgressError::Timeout(Phase::IdleBody),
            _ => EgressError::Reset,
        };
    }
    EgressError::Protocol(bottom(error).to_string())
}

/// The first error of type `T` in the chain, also inside of `io::Error` (whose `source` skips
/// the error that it wraps).
fn find<'a, T: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a T> {
    let mut current = Some(error);
    while let Some(link) = current {
        if let Some(found) = link.downcast_ref::<T>() {
            return Some(found);
        }
        if let Some(inner) = link.downcast_ref::<io::Error>().and_then(io::Error::get_ref)
            && let Some(found) = find::<T>(inner)
        {
            return Some(found);
        }
        current = link.source();
    }
    None
}

fn bottom<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a (dyn std::error::Error + 'static) {
    let mut current = error;
    while let Some(next) = current.source() {
        current = next;
    }
    current
}

impl From<EgressError> for io::Error {
    fn from(error: EgressError) -> Self {
        Self::other(BoxError::from(error))
    }
}
