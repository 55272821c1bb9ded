//! Which base URLs and hosts calls may have, besides what the address policy refuses (proxy.md section 10).

use dovetail_egress::{BlockReason, Client, EgressError};
use url::Url;

use crate::error::ProxyError;

/// Stands for every host in [`ProxyPolicy::allowed_hosts`].
pub const ANY_HOST: &str = "*";

/// What may be called beyond the definitions' own base URLs, and what is tried again. The address policy of the
/// client applies to every call besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyPolicy {
    /// Off: every base URL but the definition's is refused.
    pub base_url_override: bool,
    /// Hosts that such a base URL may have, lower case, with their subdomains. [`ANY_HOST`]: every host. None at
    /// all: no host.
    pub allowed_hosts: Vec<String>,
    /// Host names that no call may reach, whoever chose them, lower case.
    pub denied_hosts: Vec<String>,
    /// Codes of network failures that are transient besides the usual ones, for instance `ENOTFOUND`.
    pub retryable_errors: Vec<String>,
}

impl Default for ProxyPolicy {
    fn default() -> Self {
        Self {
            base_url_override: true,
            allowed_hosts: vec![ANY_HOST.to_owned()],
            denied_hosts: Vec::new(),
            retryable_errors: Vec::new(),
        }
    }
}

impl ProxyPolicy {
    /// Judges the base URL that the caller sent, if any.
    pub(crate) fn check_override(&self, client: &Client, base: Option<&Url>) -> Result<(), ProxyError> {
        let Some(base) = base else { return Ok(()) };
        if !self.base_url_override {
            return Err(ProxyError::OverrideDisabled);
        }
        let refused = |reason: &BlockReason| ProxyError::OverrideNotAllowed { reason: reason.code() };
        if !self.allows(base) {
            return Err(ProxyError::OverrideNotAllowed { reason: ALLOWLIST_MISS });
        }
        self.check_host(base).and_then(|()| client.check_url(base)).map_err(|error| match error {
            EgressError::Blocked(reason) => refused(&reason),
            other => other.into(),
        })
    }

    /// Judges a URL whose base stands in the integration or the connection instead of the definition.
    pub(crate) fn check_configured(&self, url: &Url) -> Result<(), ProxyError> {
        match () {
            () if !self.base_url_override => Err(ProxyError::OverrideDisabled),
            () if !self.allows(url) => Err(ProxyError::BaseNotAllowed { reason: ALLOWLIST_MISS }),
            () => Ok(()),
        }
    }

    /// Judges the host of a URL that is about to be called.
    pub(crate) fn check_host(&self, url: &Url) -> Result<(), EgressError> {
        let host = host(url);
        if self.denied_hosts.iter().any(|denied| denied.eq_ignore_ascii_case(host)) {
            return Err(EgressError::Blocked(BlockReason::Hostname(host.to_owned())));
        }
        Ok(())
    }

    fn allows(&self, url: &Url) -> bool {
        let host = host(url);
        self.allowed_hosts.iter().any(|allowed| allowed == ANY_HOST || covers(allowed, host))
    }
}

/// The reason of a host that is not among the allowed ones.
const ALLOWLIST_MISS: &str = "allowlist_miss";

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_end_matches('.')
}

/// Whether `host` is `allowed` or one of its subdomains.
fn covers(allowed: &str, host: &str) -> bool {
    let allowed = allowed.trim_start_matches('.');
    match host.len().checked_sub(allowed.len()).and_then(|at| host.split_at_checked(at)) {
        Some((front, end)) => end.eq_ignore_ascii_case(allowed) && (front.is_empty() || front.ends_with('.')),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn allows(allowed: &[&str], url: &str) -> bool {
        let allowed_hosts = allowed.iter().map(|&host| host.to_owned()).collect();
        ProxyPolicy { allowed_hosts, ..ProxyPolicy::default() }.allows(&Url::parse(url).unwrap())
    }

    #[test]
    fn an_allowed_host_stands_for_its_subdomains_and_nothing_else() {
        for url in [
            "https://acme.test/",
            "https://API.acme.test:8443/",
            "https://acme.test./",
            "https://a.b.acme.test",
        ] {
            assert!(allows(&["acme.test"], url) && allows(&[".acme.test"], url), "{url}");
        }
        for url in
            ["https://notacme.test/", "https://acme.test.evil.test/", "https://acme/", "http://1.2.3.4/"]
        {
            assert!(!allows(&["acme.test"], url), "{url}");
        }
        assert!(allows(&["1.2.3.4"], "http://16909060/"), "one address, however it is written");
    }

    #[test]
    fn no_allowed_host_means_no_host() {
        assert!(!allows(&[], "https://acme.test/"));
        assert!(allows(&[ANY_HOST], "https://acme.test/"));
    }

    proptest! {
        #[test]
        fn a_host_that_only_ends_alike_is_another(front in "[a-z0-9]{1,8}", host in "[a-z]{1,8}\\.test") {
            let sub = format!("{front}.{host}");
            prop_assert!(covers(&host, &sub));
            let (alike, longer) = (format!("{front}{host}"), format!("{host}.{front}"));
            prop_assert!(!covers(&host, &alike));
            prop_assert!(!covers(&host, &longer));
        }
    }
}
