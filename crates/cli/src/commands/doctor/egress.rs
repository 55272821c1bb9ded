//! Whether outbound requests leave this machine.

use std::time::Duration;

use dovetail_egress::{Body, Client, EgressConfig, SendOptions};
use url::Url;

use super::finding::Finding;
use crate::config::Config;
use crate::config::outbound::Simulate;

/// A host of the catalogue that answers without credentials; any answer will do.
const PROBE: &str = "https://coda.io/apis/v1/whoami";
/// Longer than a slow network, shorter than a person's patience.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Sends one harmless request, or asks the simulator.
pub async fn check(config: &Config) -> Vec<Finding> {
    let (target, simulate): (&str, Option<Url>) = match &config.outbound.simulate {
        Some(Simulate::InProcess) => return vec![Finding::ok("egress", "simulated in-process")],
        Some(Simulate::At(url)) => (PROBE, Some(url.clone())),
        None => (PROBE, None),
    };
    let simulated = simulate.is_some();
    let client = Client::new(EgressConfig {
        allow: config.outbound.allow.clone(),
        simulate,
        ..EgressConfig::default()
    });
    let client = match client {
        Ok(client) => client,
        Err(error) => {
            return vec![Finding::fail(
                "egress",
                error.to_string(),
                "Install the system's trust anchors (ca-certificates).",
            )];
        }
    };
    let Ok(request) = http::Request::get(target).body(Body::empty()) else { return Vec::new() };
    vec![match client.send(request, SendOptions::default().total(TIMEOUT)).await {
        Ok(answer) => Finding::ok("egress", format!("{target} answered {}", answer.status().as_u16())),
        Err(error) if simulated => Finding::fail(
            "egress",
            format!("the simulator did not answer: {error}"),
            "Start it: dovetail mock",
        ),
        Err(error) => Finding::warn(
            "egress",
            format!("{target} cannot be reached: {error}"),
            "Check DNS and firewall, or try the product with --simulate.",
        ),
    }]
}
