//! What goes out: address policy and simulation.

use ipnet::IpNet;
use url::Url;

use super::reader::{Reader, Setting};

/// `egress_allow`.
pub const EGRESS_ALLOW: Setting = Setting { key: "egress_allow", env: "DOVETAIL_EGRESS_ALLOW", aliases: &[] };
/// `simulate`.
pub const SIMULATE: Setting = Setting { key: "simulate", env: "DOVETAIL_SIMULATE", aliases: &[] };

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
        let simulate = reader.parsed(&SIMULATE, parse_simulate).map(|given| given.value);
        if simulate.is_some() {
            reader.warn("simulation is on: no request reaches a real service.");
        }
        Self { allow, simulate }
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
