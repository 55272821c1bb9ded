//! What goes out: address policy and simulation.

use dovetail_proxy::{ANY_HOST, ProxyPolicy};
use ipnet::IpNet;
use url::Url;

use super::reader::{Reader, Setting};

/// `egress_allow`.
pub const EGRESS_ALLOW: Setting = Setting { key: "egress_allow", env: "DOVETAIL_EGRESS_ALLOW", aliases: &[] };
/// `simulate`.
pub const SIMULATE: Setting = Setting { key: "simulate", env: "DOVETAIL_SIMULATE", aliases: &[] };

/// `base_url_override`.
pub const BASE_URL_OVERRIDE: Setting = Setting {
    key: "base_url_override",
    env: "DOVETAIL_BASE_URL_OVERRIDE",
    aliases: &["NANGO_PROXY_BASE_URL_OVERRIDE_ENABLED"],
};
/// `base_url_denied_hosts`.
pub const BASE_URL_DENIED_HOSTS: Setting = Setting {
    key: "base_url_denied_hosts",
    env: "DOVETAIL_BASE_URL_DENIED_HOSTS",
    aliases: &["NANGO_PROXY_BASE_URL_OVERRIDE_DENYLIST"],
};

/// `base_url_allowed_hosts`.
pub const BASE_URL_ALLOWED_HOSTS: Setting =
    Setting { key: "base_url_allowed_hosts", env: "DOVETAIL_BASE_URL_ALLOWED_HOSTS", aliases: &[] };
/// `retryable_network_errors`.
pub const RETRYABLE_NETWORK_ERRORS: Setting = Setting {
    key: "retryable_network_errors",
    env: "DOVETAIL_RETRYABLE_NETWORK_ERRORS",
    aliases: &["NANGO_RETRYABLE_NETWORK_ERRORS"],
};

/// Where outbound requests go when simulation is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Simulate {
    /// The simulator inside this process.
    InProcess,
    /// A simulator that somebody else runs, by its base URL.
    At(Url),
}

/// Address policy and simulation.
#[derive(Debug, Clone)]
pub struct OutboundConfig {
    /// Ranges let through although the policy refuses them.
    pub allow: Vec<IpNet>,
    /// What callers of the proxy may do with `Base-Url-Override`.
    pub proxy_policy: ProxyPolicy,
    /// Simulation, when on.
    pub simulate: Option<Simulate>,
}

impl OutboundConfig {
    /// Reads the settings of this topic.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let allow = reader.list(&EGRESS_ALLOW, |text| {
            text.parse::<IpNet>()
                .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
                .map_err(|_| format!("expected a CIDR such as 127.0.0.0/8, found `{text}`"))
        });
        if allow.iter().any(|net| net.prefix_len() == 0) {
            reader.warn("egress_allow lets every address through: end users can make this server call your own network.");
        }
        let proxy_policy = ProxyPolicy {
            base_url_override: reader.switch(&BASE_URL_OVERRIDE),
            allowed_hosts: reader.list(&BASE_URL_ALLOWED_HOSTS, parse_allowed),
            denied_hosts: reader.list(&BASE_URL_DENIED_HOSTS, parse_host),
            retryable_errors: reader.list(&RETRYABLE_NETWORK_ERRORS, |code| Ok(code.to_ascii_uppercase())),
        };
        let simulate = reader.parsed(&SIMULATE, parse_simulate).map(|given| given.value);
        if simulate.is_some() {
            reader.warn("simulation is on: no request reaches a real service.");
        }
        Self { allow, proxy_policy, simulate }
    }
}

/// A host, or the host of a URL. The reference's variable is a JSON array, whose brackets and quotes are ignored.
fn parse_host(item: &str) -> Result<String, String> {
    let item = item.trim_matches(['[', ']', '"', ' ']);
    let host = match Url::parse(item) {
        Ok(url) if url.has_host() => url.host_str().unwrap_or_default().to_owned(),
        _ => url::Host::parse(item)
            .map_err(|_| format!("expected host names such as internal.example.com, found `{item}`"))?
            .to_string(),
    };
    Ok(host.trim_end_matches('.').to_ascii_lowercase())
}

/// A host as in [`parse_host`], with a leading dot or without, or every host.
fn parse_allowed(item: &str) -> Result<String, String> {
    match item {
        ANY_HOST => Ok(ANY_HOST.to_owned()),
        _ => parse_host(item.trim_start_matches('.')),
    }
}

fn parse_simulate(text: &str) -> Result<Simulate, String> {
    if text == "in-process" {
        return Ok(Simulate::InProcess);
    }
    match Url::parse(text) {
        Ok(url) if url.scheme() == "http" && url.has_host() => Ok(Simulate::At(url)),
        _ => Err("expected `in-process` or a URL such as http://127.0.0.1:3999".to_owned()),
    }
}
