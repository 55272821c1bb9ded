//! The requests that prove credentials (section 6).

use super::{
    body::CallBody,
    endpoint::definition_url,
    error::OutgoingError,
    facts::{Call, ConnectionFacts, IntegrationFacts},
    request::{Request, finish},
};
use crate::{definition::Provider, template::Moment};

/// The requests of `proxy.verification`, one an endpoint, to be tried in order: the first 2xx proves.
/// Empty when the definition has none: then credentials are accepted untested.
pub fn verification(
    provider: &Provider,
    connection: ConnectionFacts<'_>,
    integration: IntegrationFacts<'_>,
    moment: &Moment,
    nonce: &str,
) -> Result<Vec<Request>, OutgoingError> {
    let Some(verification) = &provider.proxy.verification else { return Ok(Vec::new()) };
    let mut headers: Vec<(String, String)> =
        verification.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    let data = verification.data.as_ref().map(|data| match data {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    if data.is_some()
        && !headers.iter().any(|(name, _)| name == "content-type")
        && !provider.proxy.headers.contains("content-type")
    {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    verification
        .endpoints
        .iter()
        .map(|endpoint| {
            let call = Call {
                provider: Some(provider),
                connection,
                integration,
                method: verification.method.as_str(),
                endpoint: endpoint.source(),
                base_override: None,
                headers: &headers,
                body: data.as_ref().map_or(CallBody::Absent, |data| CallBody::Bytes(data.as_bytes())),
                moment,
                nonce,
            };
            let url = definition_url(&call, endpoint, verification.base_url_override.as_ref())?;
            finish(&call, url)
        })
        .collect()
}
