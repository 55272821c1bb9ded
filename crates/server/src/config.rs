//! What the server needs to know about its surroundings. The command line fills it in; nothing is read ambiently.

use std::collections::BTreeMap;

use dovetail_model::Secret;
use dovetail_proxy::ProxyPolicy;
use url::Url;

/// Settings of one server process.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where clients reach this server, without a trailing slash: base of callback, webhook, logo and guide URLs.
    pub public_url: Url,
    /// Requests a caller may make in a minute; 0 is no limit (`DOVETAIL_RATE_LIMIT_PER_MIN`).
    pub rate_limit_per_min: u32,
    /// Where the simulator listens that gets every outbound request: pages say so loudly. `None`: the real services.
    pub simulator: Option<Url>,
    /// Path on which WebSockets are accepted (`NANGO_SERVER_WEBSOCKETS_PATH`).
    pub websockets_path: String,
    /// Version of the binary.
    pub version: String,
    /// Keys given by the operator, by environment name (`NANGO_SECRET_KEY_<ENV>`): they hold every scope of their
    /// environment.
    pub environment_keys: BTreeMap<String, Secret>,
    /// Origins that may embed the Connect page; empty is any.
    pub embedding_origins: Vec<String>,
    /// What callers of the proxy may do with `Base-Url-Override`.
    pub proxy_policy: ProxyPolicy,
    /// Whether `X-Forwarded-For` of a private or loopback peer is believed (one hop).
    pub trust_proxy: bool,
}

impl ServerConfig {
    /// Settings with the documented defaults for a server at `public_url`.
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            rate_limit_per_min: DEFAULT_RATE_LIMIT_PER_MIN,
            simulator: None,
            websockets_path: "/".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            environment_keys: BTreeMap::new(),
            embedding_origins: Vec::new(),
            proxy_policy: ProxyPolicy::default(),
            trust_proxy: true,
        }
    }

    /// Whether outbound requests go to a simulator.
    pub fn simulates(&self) -> bool {
        self.simulator.is_some()
    }

    /// The public URL without a trailing slash.
    pub fn base(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }

    /// An absolute URL of this server; `path` starts with a slash.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.base())
    }

    /// Scheme, host and port of the public URL.
    pub fn public_origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }
}

/// Requests in a minute when the operator says nothing (spec: http-api.md 1.1).
pub const DEFAULT_RATE_LIMIT_PER_MIN: u32 = 200;
