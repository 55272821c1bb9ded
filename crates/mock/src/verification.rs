//! The requests by which the product checks credentials.

use dovetail_catalog::template::{Context, Mode, Moment};
use serde_json::{Map, Value};
use url::Url;

use crate::directory::Entry;
use crate::received::Received;

/// Whether the request is one of the provider's verification requests: same method and path.
pub(crate) fn is_verification(
    entry: &Entry,
    connection_config: &Map<String, Value>,
    request: &Received,
) -> bool {
    let Some(verification) = &entry.provider.proxy.verification else { return false };
    if request.parts.method.as_str() != verification.method.as_str() {
        return false;
    }
    let base = verification.base_url_override.as_ref().or(entry.provider.proxy.base_url.as_ref());
    let moment = Moment::new(0, "");
    let context = Context::new(&moment)
        .flat(&entry.demo.credentials)
        .map("credentials", &entry.demo.credentials)
        .connection_config(connection_config);
    let Some(base) = base.and_then(|b| b.render(Mode::Proxy, &context).complete()) else { return false };
    verification.endpoints.iter().any(|endpoint| {
        let Some(endpoint) = endpoint.render(Mode::Proxy, &context).complete() else { return false };
        let joined = format!("{}/{}", base.trim_end_matches('/'), endpoint.trim_start_matches('/'));
        Url::parse(&joined).is_ok_and(|url| url.path() == request.url.path())
    })
}
