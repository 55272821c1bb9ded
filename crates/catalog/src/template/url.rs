//! Templates that become URLs, and the safety of the host (providers.md 4.6).
//!
//! A value is judged by the place where it lands:
//!
//! | place | what is allowed | how it is written |
//! | --- | --- | --- |
//! | whole base (`${…}` first) | an http(s) URL without user, query, fragment, or a bare host | as is |
//! | host | letters, digits, `.`, `-`, `_`; at the end of the host also `:port` and a base path | as is |
//! | path | anything but dots alone | percent-encoded, `/` too |
//! | query, fragment | anything | percent-encoded |
//!
//! The finished text is parsed, and the parsed host must be the host that was written.

use percent_encoding::{AsciiSet, utf8_percent_encode};
use url::Url;

use super::{
    ast::{Expr, Hole, Part, Template, connection_key},
    canonical::RFC3986,
    context::{Context, Mode},
    render,
};
use crate::limits::{AUTHORITY_VALUE_BYTES, URL_BYTES};

/// `pchar` of RFC 3986 stays, so that keys such as `123:ABC` look the way their makers print them.
const PATH: &AsciiSet = &RFC3986
    .remove(b':')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=');

/// The characters that `encodeURIComponent` leaves alone.
const COMPONENT: &AsciiSet = &RFC3986.remove(b'!').remove(b'\'').remove(b'(').remove(b')').remove(b'*');

/// Which of two alternatives (`a || b`) a URL template takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlStyle {
    /// OAuth URLs: the first alternative all of whose names have a value.
    Authorization,
    /// Proxy base URLs: the first when the first connection-config name of the text has a value (5.1 step 4).
    ProxyBase,
}

/// Why a template gave no URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// A name has no value, or an empty one.
    #[error("`{name}` has no value")]
    Missing {
        /// The name in the template, without `${}`; of the connection config without its prefix.
        name: String,
        /// Whether it is a key of the connection config.
        connection_config: bool,
    },
    /// A value may not stand where it would land. The value is not repeated: it may be a secret.
    #[error("the value of `{name}` {reason}")]
    Unsafe {
        /// As in [`UrlError::Missing`].
        name: String,
        /// Predicate of a sentence.
        reason: &'static str,
    },
    /// The result is not an http(s) URL.
    #[error("the URL is not valid")]
    Invalid,
}

/// Whose text a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// A definition's: every name of the context.
    Definition,
    /// A caller's: `connectionConfig.*` and `metadata.*` only; other placeholders are text (5.1 step 6).
    Caller,
}

/// What stands before the next value.
enum Place {
    Start,
    Host,
    Path,
    Query,
}

impl Template {
    /// Renders an absolute URL. Its text keeps the template's own slashes; see [`UrlStyle`] for `||`.
    pub fn render_url(
        &self,
        style: UrlStyle,
        mode: Mode,
        context: &Context<'_>,
        author: Author,
    ) -> Result<String, UrlError> {
        let writer = Writer { mode, context, author, relative: false };
        let text = writer.write(self.choose(style, &writer))?;
        check_url(&text)?;
        Ok(text)
    }

    /// Renders a path with query: values are percent-encoded by place, the literal text stays.
    pub fn render_endpoint(
        &self,
        mode: Mode,
        context: &Context<'_>,
        author: Author,
    ) -> Result<String, UrlError> {
        Writer { mode, context, author, relative: true }.write(&self.body.whole)
    }

    fn choose<'t>(&'t self, style: UrlStyle, writer: &Writer<'_, '_>) -> &'t [Part] {
        let (mode, context) = (writer.mode, writer.context);
        let Some([left, right]) = self.body.alternatives(mode) else { return &self.body.whole };
        let filled = |name: &str| context.lookup(name, mode).is_some_and(|value| !value.is_empty());
        let left_taken = match style {
            UrlStyle::Authorization => {
                // An unsafe value is refused, not passed over in favour of the other alternative.
                super::ast::has_holes(left) && !matches!(writer.write(left), Err(UrlError::Missing { .. }))
            }
            UrlStyle::ProxyBase => {
                self.names().into_iter().find(|name| connection_key(name).is_some()).is_some_and(filled)
            }
        };
        if left_taken { left } else { right }
    }

    /// Where connection-config values land in the host of the URL that [`Self::render_url`] gives: of two alternatives
    /// only the one that is taken counts.
    pub fn host_uses_in(&self, style: UrlStyle, mode: Mode, context: &Context<'_>) -> Vec<HostUse<'_>> {
        let writer = Writer { mode, context, author: Author::Definition, relative: false };
        host_uses(self.choose(style, &writer))
    }

    /// Where connection-config values land in the host or are the whole base.
    pub fn host_uses(&self) -> Vec<HostUse<'_>> {
        let bodies = match self.body.alternatives.as_deref() {
            Some([left, right]) => vec![left, right],
            None => vec![&self.body.whole],
        };
        bodies.into_iter().flat_map(|parts| host_uses(parts)).collect()
    }
}

/// A connection-config value in the host of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostUse<'a> {
    /// Name in the connection config.
    pub name: &'a str,
    /// Where in the host.
    pub place: HostPlace,
}

/// Where in the host a value lands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostPlace {
    /// It is the whole base: a URL, or a host with port and base path.
    Base,
    /// The host ends with it: a port and a base path may come along.
    End,
    /// More of the host follows: host characters only.
    Part,
}

impl HostPlace {
    /// Whether `value` may stand here. Errors are predicates of a sentence about the value.
    pub fn check(self, value: &str) -> Result<(), &'static str> {
        match self {
            Self::Base => whole_base(value).map(drop),
            Self::End => check_host_value(value, true),
            Self::Part => check_host_value(value, false),
        }
    }
}

fn host_uses(parts: &[Part]) -> Vec<HostUse<'_>> {
    let mut uses = Vec::new();
    let mut written = String::new();
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Text(text) => written.push_str(text),
            Part::Hole(hole) => {
                let place = match (place(&written, false), ends_host(parts.get(index + 1))) {
                    (Place::Start, true) => Some(HostPlace::Base),
                    (Place::Host, true) => Some(HostPlace::End),
                    (Place::Start | Place::Host, false) => Some(HostPlace::Part),
                    (Place::Path | Place::Query, _) => None,
                };
                if let (Expr::Name(name), Some(place)) = (&hole.expr, place) {
                    uses.extend(connection_key(name).map(|name| HostUse { name, place }));
                }
                if written.is_empty() {
                    written.push_str("https://");
                }
                written.push('x');
            }
        }
    }
    uses
}

/// Whether the host ends before `next`: nothing follows, or a path, query or fragment does.
fn ends_host(next: Option<&Part>) -> bool {
    match next {
        None => true,
        Some(Part::Text(text)) => text.starts_with(['/', '?', '#']),
        Some(Part::Hole(_)) => false,
    }
}

fn place(written: &str, relative: bool) -> Place {
    let rest = match written.find("://") {
        Some(scheme) if !relative => &written[scheme + 3..],
        _ if written.is_empty() && !relative => return Place::Start,
        _ => {
            return if written.contains(['?', '#']) { Place::Query } else { Place::Path };
        }
    };
    match rest.find(['/', '?', '#', '\\']) {
        None => Place::Host,
        Some(_) if rest.contains(['?', '#']) => Place::Query,
        Some(_) => Place::Path,
    }
}

struct Writer<'c, 'v> {
    mode: Mode,
    context: &'c Context<'v>,
    author: Author,
    relative: bool,
}

impl Writer<'_, '_> {
    fn write(&self, parts: &[Part]) -> Result<String, UrlError> {
        let mut out = String::new();
        for (index, part) in parts.iter().enumerate() {
            match part {
                Part::Text(text) => {
                    // A base that ends in a slash, and a text that begins with one: one slash is meant.
                    if index == 1 && !self.relative && text.starts_with('/') {
                        out.truncate(out.trim_end_matches('/').len());
                    }
                    out.push_str(text);
                }
                Part::Hole(hole) if self.author == Author::Caller && !is_callers(&hole.expr) => {
                    out.push_str(&hole.source);
                }
                Part::Hole(hole) => self.value(hole, parts.get(index + 1), &mut out)?,
            }
        }
        Ok(out)
    }

    fn value(&self, hole: &Hole, next: Option<&Part>, out: &mut String) -> Result<(), UrlError> {
        let (name, connection_config) = label(&hole.expr, &hole.source);
        let Some(value) = render::hole(hole, self.mode, self.context).filter(|value| !value.is_empty())
        else {
            return Err(UrlError::Missing { name, connection_config });
        };
        let ends = ends_host(next);
        let refused = |reason| UrlError::Unsafe { name: name.clone(), reason };
        match place(out, self.relative) {
            Place::Start if ends => out.push_str(&whole_base(&value).map_err(refused)?),
            Place::Start => {
                check_host_value(&value, false).map_err(refused)?;
                out.push_str("https://");
                out.push_str(&value);
            }
            Place::Host => {
                check_host_value(&value, ends).map_err(refused)?;
                out.push_str(&value);
                if next.is_some() {
                    out.truncate(out.trim_end_matches('/').len());
                }
            }
            Place::Path if value.chars().all(|c| c == '.') => return Err(refused("may not be dots alone")),
            Place::Path => out.extend(utf8_percent_encode(&value, PATH)),
            Place::Query => out.extend(utf8_percent_encode(&value, COMPONENT)),
        }
        Ok(())
    }
}

fn is_callers(expr: &Expr) -> bool {
    matches!(expr, Expr::Name(name) if connection_key(name).is_some() || name.starts_with("metadata."))
}

fn label(expr: &Expr, source: &str) -> (String, bool) {
    match expr {
        Expr::Name(name) => match connection_key(name) {
            Some(key) => (key.to_owned(), true),
            None => (name.to_string(), false),
        },
        _ => (source.to_owned(), false),
    }
}

/// A value that is the whole base: a URL, or a host with optional port and path.
fn whole_base(value: &str) -> Result<String, &'static str> {
    let lower = value.to_ascii_lowercase();
    let (scheme, rest) = if lower.starts_with("https://") {
        ("https://", &value[8..])
    } else if lower.starts_with("http://") {
        ("http://", &value[7..])
    } else if value.contains("://") {
        return Err("must begin with https://");
    } else {
        ("https://", value)
    };
    check_host_value(rest, true)?;
    Ok(format!("{scheme}{rest}"))
}

/// Whether `value` may stand in the host of a URL. `ends_host`: nothing but a path follows it, so that a port
/// and a base path may come with it. Errors are predicates of a sentence about the value.
pub fn check_host_value(value: &str, ends_host: bool) -> Result<(), &'static str> {
    if value.is_empty() {
        return Err("may not be empty");
    }
    if value.len() > AUTHORITY_VALUE_BYTES {
        return Err("is too long for a host");
    }
    let (authority, path) = match value.find('/') {
        Some(at) => value.split_at(at),
        None => (value, ""),
    };
    if !path.is_empty() && !ends_host {
        return Err("may not contain a slash");
    }
    if !path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/".contains(&b)) {
        return Err("has a character that a base path may not have");
    }
    if path.split('/').any(|segment| segment == "." || segment == "..") {
        return Err("may not climb with dots");
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    if port.is_some() && !ends_host {
        return Err("may not contain a port");
    }
    if port.is_some_and(|port| port.is_empty() || port.len() > 5 || !port.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err("has a port that is no number");
    }
    if host.is_empty() || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) {
        return Err("may hold only letters, digits, dots and hyphens in the host");
    }
    if host.contains("..") {
        return Err("has an empty label in the host");
    }
    Ok(())
}

/// The parsed host must be the host as it was written: nothing was decoded, mapped or split differently.
pub(crate) fn check_url(text: &str) -> Result<(), UrlError> {
    if text.len() > URL_BYTES {
        return Err(UrlError::Invalid);
    }
    let url = Url::parse(text).map_err(|_| UrlError::Invalid)?;
    if !matches!(url.scheme(), "https" | "http") || !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Invalid);
    }
    let written = text.find("://").map(|at| &text[at + 3..]).ok_or(UrlError::Invalid)?;
    let written = written.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = match written.strip_prefix('[') {
        Some(_) => written.split_inclusive(']').next().unwrap_or(written),
        None => written.split(':').next().unwrap_or(written),
    };
    if url.host_str().is_some_and(|parsed| parsed.eq_ignore_ascii_case(host)) {
        Ok(())
    } else {
        Err(UrlError::Invalid)
    }
}
