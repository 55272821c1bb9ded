//! `dovetail healthcheck`: whether a running server is ready, for containers without curl.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use dovetail_egress::{Body, Client, EgressConfig, SendOptions};

use super::{open, say};
use crate::args::HealthcheckArgs;

/// How long the server may take to answer. An orchestrator's own limit is usually longer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks `/ready`; success means the server answered 200.
pub fn run(args: &HealthcheckArgs) -> anyhow::Result<ExitCode> {
    let base = match &args.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => {
            let listen = open::config(&args.serve)?.http.listen;
            let ip = match listen.ip() {
                IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
                ip => ip,
            };
            format!("http://{}", std::net::SocketAddr::new(ip, listen.port()))
        }
    };
    open::runtime()?.block_on(ask(&base))
}

async fn ask(base: &str) -> anyhow::Result<ExitCode> {
    // The operator names the address, and it is usually this machine: no address is refused.
    let allow = ["0.0.0.0/0", "::/0"].iter().filter_map(|net| net.parse().ok()).collect();
    let client = Client::new(EgressConfig { allow, ..EgressConfig::default() })?;
    let request =
        http::Request::get(format!("{base}/ready")).body(Body::empty()).context("the URL is not valid")?;
    match client.send(request, SendOptions::default().total(TIMEOUT)).await {
        Ok(answer) if answer.status() == http::StatusCode::OK => Ok(ExitCode::SUCCESS),
        Ok(answer) => {
            say::line(format!("{base} answered {}: not ready", answer.status().as_u16()));
            Ok(ExitCode::FAILURE)
        }
        Err(error) => {
            say::line(format!("{base} did not answer: {error}"));
            Ok(ExitCode::FAILURE)
        }
    }
}
