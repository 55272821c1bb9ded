//! One place where a provider is reached: the host and path of a base URL template.

use dovetail_catalog::Provider;
use regex::Regex;

use crate::carrier::connection_key;

/// How surely a host tells its provider; smaller is surer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Precision {
    /// The host is written out.
    Exact,
    /// A part of a known domain.
    Domain,
    /// Any host: the customer's own server.
    Any,
}

/// A base URL template, taken apart.
#[derive(Debug)]
pub(crate) struct Site {
    host: Piece,
    path: Piece,
    precision: Precision,
}

/// A template as an expression whose groups are its placeholders.
#[derive(Debug)]
struct Piece {
    literal: Option<String>,
    /// What follows the last placeholder, in lower case: looked at before the expression.
    tail: String,
    /// `None` where there is no placeholder: plain texts are compared.
    regex: Option<Regex>,
    names: Vec<String>,
}

/// How a host and path fit a site.
#[derive(Debug)]
pub(crate) struct Fit {
    pub(crate) precision: Precision,
    pub(crate) path_matches: bool,
    /// Placeholder names and what stands in their place.
    pub(crate) values: Vec<(String, String)>,
    /// The part of the path that the base URL covers.
    pub(crate) base_path: String,
}

/// How surely a host template tells its provider.
fn precision(host: &str) -> Precision {
    let (names, literals) = split(host);
    if names.is_empty() {
        Precision::Exact
    } else if literals.concat().trim_matches('.').contains('.') {
        Precision::Domain
    } else {
        Precision::Any
    }
}

/// The alternatives of a provider's base URL, and where its verification goes.
fn templates(provider: &Provider) -> impl Iterator<Item = &str> {
    let proxy = &provider.proxy;
    let verification = proxy.verification.as_ref().and_then(|v| v.base_url_override.as_ref());
    [proxy.base_url.as_ref(), verification].into_iter().flatten().flat_map(|t| t.source().split("||"))
}

/// Host and path of a base URL template.
fn parts(template: &str) -> (&str, &str) {
    let template = template.trim();
    let rest = template.split_once("://").map_or(template, |(_, rest)| rest);
    rest.split_at(first_slash(rest))
}

/// Whether a provider has no host or domain of its own.
pub(crate) fn may_be_anywhere(provider: &Provider) -> bool {
    templates(provider).all(|template| precision(parts(template).0) == Precision::Any)
}

impl Site {
    /// Every site of a provider: alternatives of its base URL, and where its verification goes.
    pub(crate) fn all(provider: &Provider) -> Vec<Self> {
        let mut sites: Vec<Self> = templates(provider).filter_map(Self::parse).collect();
        if provider.integration_config.contains("baseUrl") {
            sites.extend(Self::parse("https://${integrationConfig.baseUrl}"));
        }
        sites
    }

    /// The site that one alternative of a template names.
    pub(crate) fn parse(template: &str) -> Option<Self> {
        let (host, path) = parts(template);
        if host.is_empty() {
            return None;
        }
        let precision = precision(host);
        let path = path.trim_end_matches('/');
        Some(Self {
            host: Piece::new(host, "(?i)^", "$")?,
            path: Piece::new(path, "^", "(?:/|$)")?,
            precision,
        })
    }

    /// The host, if it does not depend on the connection; in lower case.
    pub(crate) fn exact_host(&self) -> Option<&str> {
        self.host.literal.as_deref()
    }

    /// Whether a credential stands in the base path.
    pub(crate) fn holds_credentials(&self) -> bool {
        self.path.names.iter().any(|name| connection_key(name).is_none())
    }

    pub(crate) fn matches(&self, host: &str, path: &str) -> Option<Fit> {
        let tail = host.len().checked_sub(self.host.tail.len()).and_then(|at| host.get(at..))?;
        if !tail.eq_ignore_ascii_case(&self.host.tail) {
            return None;
        }
        let mut values = self.host.capture(host)?.0;
        let in_path = self.path.capture(path);
        let path_matches = in_path.is_some();
        let base_path = in_path.map_or(String::new(), |(found, base)| {
            values.extend(found);
            base.trim_end_matches('/').to_owned()
        });
        // What is no connection value and no credential says nothing about the connection.
        values.retain(|(name, _)| !name.starts_with("integrationConfig.") && !name.starts_with("metadata."));
        Some(Fit { precision: self.precision, path_matches, values, base_path })
    }
}

impl Piece {
    fn new(template: &str, before: &str, after: &str) -> Option<Self> {
        let (names, literals) = split(template);
        let regex = if names.is_empty() {
            None
        } else {
            let escaped: Vec<String> = literals.iter().map(|l| regex::escape(l)).collect();
            Some(Regex::new(&format!("{before}{}{after}", escaped.join("([^/?#]+?)"))).ok()?)
        };
        let literal = names.is_empty().then(|| template.to_ascii_lowercase());
        let tail = literals.last().map(|tail| tail.to_ascii_lowercase()).unwrap_or_default();
        Some(Self { literal, tail, regex, names })
    }

    /// Values of the placeholders, and all that matched.
    fn capture<'t>(&self, text: &'t str) -> Option<(Vec<(String, String)>, &'t str)> {
        let Some(regex) = &self.regex else {
            let cut = text.get(..self.tail.len())?;
            let whole = matches!(text.as_bytes().get(cut.len()), None | Some(b'/'));
            return (whole && cut.eq_ignore_ascii_case(&self.tail)).then(|| (Vec::new(), cut));
        };
        let captures = regex.captures(text)?;
        let values = self
            .names
            .iter()
            .enumerate()
            .filter_map(|(at, name)| Some((name.clone(), captures.get(at + 1)?.as_str().to_owned())))
            .collect();
        Some((values, captures.get(0).map_or("", |m| m.as_str())))
    }
}

/// Placeholder names, and the literal texts around them (one more than names).
fn split(template: &str) -> (Vec<String>, Vec<&str>) {
    let (mut names, mut literals) = (Vec::new(), Vec::new());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else { break };
        literals.push(before);
        names.push(name.to_owned());
        rest = tail;
    }
    literals.push(rest);
    (names, literals)
}

/// Position of the first `/` outside a placeholder, or the length.
fn first_slash(text: &str) -> usize {
    let mut inside = false;
    for (at, c) in text.char_indices() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            '/' if !inside => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{Precision, Site};

    type Parts = (Precision, bool, Vec<(String, String)>);

    fn fit(template: &str, host: &str, path: &str) -> Option<Parts> {
        let fit = Site::parse(template).expect("a site").matches(host, path)?;
        Some((fit.precision, fit.path_matches, fit.values))
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_plain_base_url_is_exact() {
        assert_eq!(
            fit("https://coda.io/apis/v1", "CODA.io", "/apis/v1/docs"),
            Some((Precision::Exact, true, vec![]))
        );
        assert_eq!(
            fit("https://coda.io/apis/v1", "coda.io", "/apis/v10"),
            Some((Precision::Exact, false, vec![]))
        );
        assert_eq!(fit("https://coda.io/apis/v1", "coda.io.evil.example", "/"), None);
    }

    #[test]
    fn placeholders_are_read_back_from_host_and_path() {
        assert_eq!(
            fit("https://${connectionConfig.subdomain}.zendesk.com", "acme.zendesk.com", "/api"),
            Some((Precision::Domain, true, vec![pair("connectionConfig.subdomain", "acme")]))
        );
        assert_eq!(
            fit(
                "https://api.bamboohr.com/api/gateway.php/${connectionConfig.subdomain}",
                "api.bamboohr.com",
                "/api/gateway.php/acme/v1"
            ),
            Some((Precision::Exact, true, vec![pair("connectionConfig.subdomain", "acme")]))
        );
        assert_eq!(
            fit("https://${connectionConfig.hostname}/api", "git.example", "/api"),
            Some((Precision::Any, true, vec![pair("connectionConfig.hostname", "git.example")]))
        );
    }

    #[test]
    fn a_credential_in_the_path_is_seen() {
        let site = Site::parse("https://api.telegram.org/bot${apiKey}").expect("a site");
        assert!(site.holds_credentials());
        let fit = site.matches("api.telegram.org", "/botdemo-key/getMe").expect("it fits");
        assert_eq!(fit.values, vec![pair("apiKey", "demo-key")]);
        assert_eq!(fit.base_path, "/botdemo-key");
    }
}
