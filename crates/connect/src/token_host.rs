//! Whom a client secret may be shown to: hosts that the definition fixes, or that the integration's owner allowed.
//!
//! Many token URLs hold a value of the connection's configuration, and end users choose those values. Where such a
//! value decides the host alone, one of these has to vouch for it: the definition (a list of options, or a pattern that
//! fixes the domain), the product (a value of its connect session), or the integration (`oauth_token_hosts`).

use dovetail_catalog::Provider;
use dovetail_catalog::template::{Context, HostPlace, HostUse, Mode, Template, UrlStyle};
use dovetail_model::Integration;
use serde_json::{Map, Value};
use url::Url;

/// Name of the integration's own value: hosts separated by commas; `*.` before a domain allows all below it.
pub(crate) const ALLOWED_HOSTS: &str = "oauth_token_hosts";

/// A host that nobody vouched for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The client secret of this integration may not be sent to {host}: the end user chose that host by `{name}`. To allow it, the owner of the integration adds it to `{ALLOWED_HOSTS}` among the integration's custom values, or sets `{name}` in the connect session."
)]
pub(crate) struct UnknownHost {
    host: String,
    name: String,
}

/// Checks the host of a URL that was rendered from `template`. `owner` holds the values that the product set.
pub(crate) fn check(
    template: &Template,
    url: &Url,
    context: &Context<'_>,
    provider: &Provider,
    integration: &Integration,
    owner: &Map<String, Value>,
) -> Result<(), UnknownHost> {
    let host = url.host_str().unwrap_or_default();
    let uses = template.host_uses_in(UrlStyle::Authorization, Mode::Tree, context);
    let open = uses.iter().find(|used| !is_fixed(provider, used) && !owner.contains_key(used.name));
    match open {
        Some(used) if !is_allowed(integration, host) => {
            Err(UnknownHost { host: host.to_owned(), name: used.name.to_owned() })
        }
        _ => Ok(()),
    }
}

/// Hosts that no definition means: a pattern that lets one of them pass fixes nothing.
const STRANGERS: [&str; 5] =
    ["stranger.example", "a.stranger.example", "stranger.co", "stranger.example:8443", "stranger-9.com"];

fn is_fixed(provider: &Provider, used: &HostUse<'_>) -> bool {
    if used.place == HostPlace::Part {
        return true;
    }
    let Some(rule) = provider.connection_config.get(used.name) else { return false };
    if !rule.options.is_empty() {
        return true;
    }
    rule.pattern.as_ref().is_some_and(|pattern| {
        let source = pattern.source();
        let host = source.split('/').next().unwrap_or(source);
        source.starts_with('^')
            && !host.contains(".*")
            && !host.contains(".+")
            && STRANGERS
                .iter()
                .all(|stranger| !pattern.matches(stranger) && !pattern.matches(&format!("{stranger}/")))
    })
}

fn is_allowed(integration: &Integration, host: &str) -> bool {
    let Some(listed) = integration.secrets.custom.get(ALLOWED_HOSTS) else { return false };
    let host = host.to_ascii_lowercase();
    listed.expose().split(',').map(|entry| entry.trim().to_ascii_lowercase()).any(|entry| {
        match entry.strip_prefix("*.") {
            Some(domain) => {
                !domain.is_empty() && host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
            }
            None => !entry.is_empty() && entry == host,
        }
    })
}
