//! What an operator can set about outbound traffic.

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use crate::limits;
use crate::resolve::{Resolve, SystemResolver};

/// Settings of a [`crate::Client`].
#[derive(Clone)]
pub struct EgressConfig {
    /// Ranges that the address policy lets through besides public ones
    /// (`DOVETAIL_EGRESS_ALLOW`). Metadata addresses stay refused.
    pub allow: Vec<IpNet>,
    /// Send every request to this simulator, `http://HOST:PORT`, instead of its target.
    pub simulate: Option<Url>,
    /// Bound of resolving, connecting and the TLS handshake together.
    pub connect_timeout: Duration,
    /// `User-Agent` of requests that have none.
    pub user_agent: String,
    /// Name resolution.
    pub resolver: Arc<dyn Resolve>,
    /// TLS settings; none: the system's trust anchors, or Mozilla's if the system has none.
    pub tls: Option<rustls::ClientConfig>,
}

impl Default for EgressConfig {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            simulate: None,
            connect_timeout: limits::CONNECT_TIMEOUT,
            user_agent: concat!("dovetail/", env!("CARGO_PKG_VERSION")).to_owned(),
            resolver: Arc::new(SystemResolver),
            tls: None,
        }
    }
}

impl std::fmt::Debug for EgressConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EgressConfig")
            .field("allow", &self.allow)
            .field("simulate", &self.simulate.as_ref().map(Url::as_str))
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}
