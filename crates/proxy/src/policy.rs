//! Whether a caller may choose the base URL (proxy.md section 10).

use dovetail_egress::{Client, EgressError};
use url::Url;

use crate::error::ProxyError;

/// What callers may do with `Base-Url-Override`. The address policy of the client applies to
/// every call besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyPolicy {
    /// Off: every override is refused.
    pub base_url_override: bool,
    /// Host names that no override may name, lower case.
    pub denied_hosts: Vec<String>,
}

impl Default for ProxyPolicy {
    fn default() -> Self {
        Self { base_url_override: true, denied_hosts: Vec::new() }
    }
}

impl ProxyPolicy {
    /// Judges the base URL that the caller sent, if any.
    pub(crate) fn check_override(&self, client: &Client, base: Option<&Url>) -> Result<(), ProxyError> {
        let Some(base) = base else { return Ok(()) };
        if !self.base_url_override {
            return Err(ProxyError::OverrideDisabled);
        }
        let host = base.host_str().unwrap_or_default().trim_end_matches('.');
        if self.denied_hosts.iter().any(|denied| denied.eq_ignore_ascii_case(host)) {
            return Err(ProxyError::OverrideNotAllowed { reason: "denied_hostname" });
        }
        client.check_url(base).map_err(|error| match error {
            EgressError::Blocked(reason) => ProxyError::OverrideNotAllowed { reason: reason.code() },
            other => other.into(),
        })
    }
}
