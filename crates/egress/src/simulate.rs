//! Simulation: requests go to one local simulator instead of to their targets.

use http::header::{HOST, HeaderName, HeaderValue};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Uri};
use url::Url;

use crate::error::{EgressError, SetupError};

/// Header that tells the simulator the intended absolute URL.
pub const SIMULATED_URL: HeaderName = HeaderName::from_static("dovetail-simulated-url");

/// The simulator that takes all requests.
#[derive(Debug, Clone)]
pub(crate) struct Simulator {
    authority: Authority,
}

impl Simulator {
    pub(crate) fn new(url: &Url) -> Result<Self, SetupError> {
        let refused = || SetupError::Simulator(url.to_string());
        if url.scheme() != "http" || !url.username().is_empty() || url.password().is_some() {
            return Err(refused());
        }
        let host = url.host_str().ok_or_else(refused)?;
        let port = url.port_or_known_default().ok_or_else(refused)?;
        let authority = format!("{host}:{port}").parse().map_err(|_| refused())?;
        Ok(Self { authority })
    }

    /// Turns a request for `intended` towards the simulator: plain HTTP, same path and query,
    /// `Host` and [`SIMULATED_URL`] as the target would have been.
    pub(crate) fn redirect(&self, intended: &Uri, headers: &mut HeaderMap) -> Result<Uri, EgressError> {
        let invalid = |_| EgressError::InvalidUrl("it cannot be written in a header");
        let host = intended.authority().map_or("", Authority::as_str);
        headers.insert(HOST, HeaderValue::from_str(host).map_err(invalid)?);
        headers.insert(SIMULATED_URL, HeaderValue::from_str(&intended.to_string()).map_err(invalid)?);
        Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(self.authority.clone())
            .path_and_query(
                intended.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/")),
            )
            .build()
            .map_err(|_| EgressError::InvalidUrl("it cannot be simulated"))
    }
}
