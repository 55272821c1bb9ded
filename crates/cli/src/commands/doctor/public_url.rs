//! Whether the public URL leads to this server.

use std::time::Duration;

use dovetail_egress::{Body, Client, EgressConfig, SendOptions, collect};

use super::finding::Finding;
use crate::config::Config;

/// The answer comes from this machine or its front.
const TIMEOUT: Duration = Duration::from_secs(5);
/// `/health` answers a few bytes.
const MAX_ANSWER_BYTES: usize = 4096;

/// Asks `/health` through the public URL.
pub async fn check(config: &Config) -> Vec<Finding> {
    let url = format!("{}/health", config.http.public_url.as_str().trim_end_matches('/'));
    // The operator's own URL is often on a private network: no address is refused.
    let allow = ["0.0.0.0/0", "::/0"].iter().filter_map(|net| net.parse().ok()).collect();
    let Ok(client) = Client::new(EgressConfig { allow, ..EgressConfig::default() }) else {
        return Vec::new();
    };
    let Ok(request) = http::Request::get(&url).body(Body::empty()) else { return Vec::new() };
    let finding = match client.send(request, SendOptions::default().total(TIMEOUT)).await {
        Err(error) => Finding::warn(
            "public url",
            format!("{url} does not answer: {error}"),
            "Start the server; if it runs, point DOVETAIL_PUBLIC_URL at its front.",
        ),
        Ok(answer) => match collect(answer.into_body(), MAX_ANSWER_BYTES).await {
            Ok(body) if body.as_ref() == br#"{"result":"ok"}"# => {
                Finding::ok("public url", format!("{url} leads here"))
            }
            _ => Finding::fail(
                "public url",
                format!("{url} is answered by something else"),
                "Point DOVETAIL_PUBLIC_URL at this server, or the front at this server.",
            ),
        },
    };
    vec![finding]
}
