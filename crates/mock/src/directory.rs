//! Which provider a host belongs to.

use std::collections::HashMap;
use std::sync::Arc;

use dovetail_catalog::{Catalog, FieldRule, Pattern, Provider};
use serde_json::{Map, Value};

use crate::carrier::{self, Carrier};
use crate::demo::Demo;
use crate::oauth::Endpoints;
use crate::site::{Precision, Site};

/// What the simulator knows of one provider.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) provider: Arc<Provider>,
    pub(crate) demo: Demo,
    /// Where the credentials stand in a request.
    pub(crate) carriers: Vec<Carrier>,
    sites: Vec<Site>,
}

/// A provider that may own a request.
#[derive(Debug)]
pub(crate) struct Candidate<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) precision: Precision,
    /// The demo connection config, with what the URL itself says.
    pub(crate) connection_config: Map<String, Value>,
    /// Credentials found in the path are those of the demo.
    pub(crate) path_is_right: bool,
    /// What follows the base path.
    pub(crate) base_path: String,
}

/// All providers that are reachable by a host.
#[derive(Debug)]
pub(crate) struct Directory {
    entries: Vec<Entry>,
    /// Host in lower case to positions in `entries`.
    exact: HashMap<String, Vec<usize>>,
    /// Positions of the providers whose host depends on the connection.
    templated: Vec<usize>,
    /// Where accounts are authorized and tokens given.
    pub(crate) oauth: Endpoints,
}

impl Directory {
    pub(crate) fn new(catalog: &Catalog) -> Self {
        let mut directory = Self {
            entries: Vec::new(),
            exact: HashMap::new(),
            templated: Vec::new(),
            oauth: Endpoints::of(catalog),
        };
        for provider in catalog.providers() {
            let sites = Site::all(&provider);
            if sites.is_empty() {
                continue;
            }
            let at = directory.entries.len();
            for site in &sites {
                let list = match site.exact_host() {
                    Some(host) => directory.exact.entry(host.to_owned()).or_default(),
                    None => &mut directory.templated,
                };
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
            let demo = Demo::of(&provider);
            let carriers = carrier::all(&provider);
            directory.entries.push(Entry { provider, demo, carriers, sites });
        }
        directory
    }

    /// The demo values of a provider.
    pub(crate) fn demo(&self, id: &str) -> Option<&Demo> {
        self.entries.iter().find(|entry| entry.id() == id).map(|entry| &entry.demo)
    }

    /// Providers that the host may belong to, the surest first.
    pub(crate) fn candidates(&self, host: &str, path: &str) -> Vec<Candidate<'_>> {
        let exact = self.exact.get(host.to_ascii_lowercase().as_str());
        let mut found: Vec<Candidate<'_>> = exact
            .into_iter()
            .flatten()
            .chain(&self.templated)
            .filter_map(|at| self.entries.get(*at)?.candidate(host, path))
            .collect();
        found.sort_by_key(|c| (c.precision, std::cmp::Reverse(c.base_path.len())));
        found
    }
}

impl Entry {
    pub(crate) fn id(&self) -> &str {
        self.provider.id()
    }

    fn candidate(&self, host: &str, path: &str) -> Option<Candidate<'_>> {
        let mut best = self
            .sites
            .iter()
            .filter_map(|site| site.matches(host, path))
            .filter(|fit| fit.values.iter().all(|(name, value)| self.may_be(name, value)))
            .min_by_key(|fit| (fit.precision, !fit.path_matches))?;
        if best.values.iter().any(|(name, _)| self.rule(name).is_some_and(|rule| !rule.options.is_empty())) {
            // One of a few hosts is as good as one.
            best.precision = best.precision.min(Precision::Domain);
        }
        let mut connection_config = self.demo.connection_config.clone();
        let mut path_is_right = true;
        for (name, found) in best.values {
            if let Some(key) = carrier::connection_key(&name) {
                let demo = connection_config.get(key).and_then(Value::as_str);
                // Hosts come in lower case; the value itself may not be.
                if demo.is_none_or(|d| !d.eq_ignore_ascii_case(&found) && !is_host_of(d, &found)) {
                    connection_config.insert(key.to_owned(), found.into());
                }
            } else {
                path_is_right &= self.demo.text(name.strip_prefix("credentials.").unwrap_or(&name)) == found;
            }
        }
        if !best.path_matches && self.sites.iter().any(Site::holds_credentials) {
            path_is_right = false;
        }
        Some(Candidate {
            entry: self,
            precision: best.precision,
            connection_config,
            path_is_right,
            base_path: best.base_path,
        })
    }

    fn rule(&self, name: &str) -> Option<&FieldRule> {
        self.provider.connection_config.get(carrier::connection_key(name)?)
    }

    /// Whether a value read from a URL can be that field's. Hosts come in lower case, and a field may also hold
    /// a scheme before the host or a path behind it.
    fn may_be(&self, name: &str, value: &str) -> bool {
        let Some(rule) = self.rule(name) else { return true };
        let demo = carrier::connection_key(name).and_then(|key| self.demo.connection_config.get(key));
        if demo.and_then(Value::as_str).is_some_and(|demo| is_host_of(demo, value)) {
            return true;
        }
        let is_option = |option: &String| option.eq_ignore_ascii_case(value) || is_host_of(option, value);
        let fits = |pattern: &Pattern| {
            pattern.matches(value)
                || pattern.matches(&value.to_ascii_uppercase())
                || pattern.matches(&format!("https://{value}"))
        };
        (rule.options.is_empty() || rule.options.iter().any(is_option))
            && rule.pattern.as_ref().is_none_or(fits)
    }
}

/// Whether `text` is an address at `host`.
pub(crate) fn is_host_of(text: &str, host: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split('/').next().is_some_and(|known| known.eq_ignore_ascii_case(host))
}
