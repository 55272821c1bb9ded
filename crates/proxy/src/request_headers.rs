//! The fields by which a caller steers the proxy (proxy.md section 3).

use std::time::Duration;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::{hop_by_hop, limits, trailers};

/// Prefix of fields that are forwarded without it.
const FORWARDED_PREFIX: &str = "nango-proxy-";

/// One thing wrong with the caller's fields, in the wire's shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderIssue {
    /// Kind, for example `invalid_type`.
    pub code: &'static str,
    /// The sentence, compared literally by some clients.
    pub message: String,
    /// The field's name in lower case.
    pub field: &'static str,
}

/// What the caller asks for.
#[derive(Debug, Clone)]
pub struct CallerHeaders {
    /// `Provider-Config-Key`: the integration.
    pub integration_key: String,
    /// `Connection-Id`: whose account.
    pub connection_id: String,
    /// `Retries`, at most [`limits::MAX_RETRIES`].
    pub retries: u8,
    /// `Retry-On`: further statuses to retry.
    pub retry_on: Vec<u16>,
    /// `Base-Url-Override`, if not empty.
    pub base_url_override: Option<Url>,
    /// `Decompress`: the answer must not be compressed.
    pub decompress: bool,
    /// `Forward-Headers-On-Redirect`; none: the definition decides.
    pub forward_headers_on_redirect: Option<bool>,
    /// `Nango-Activity-Log-Id`: an operation to join, if not empty.
    pub activity_log_id: Option<String>,
    /// `Nango-Is-Sync`: not counted as a call of its own.
    pub is_sync: bool,
    /// `Nango-Is-Dry-Run`: the operation is not kept.
    pub is_dry_run: bool,
    /// `Dovetail-Timeout-Ms`: bound of the whole call.
    pub timeout: Option<Duration>,
    /// `Nango-Proxy-<Name>` as `<Name>`, without hop-by-hop fields and `Content-Length`.
    pub forwarded: HeaderMap,
    /// The caller's own `Content-Type`, `Content-Encoding`: they describe the bytes that are
    /// forwarded.
    pub body_fields: HeaderMap,
    /// The caller's own `Accept-Encoding`: the answer is passed on as it is.
    pub accept_encoding: Option<HeaderValue>,
    /// The fields that speak of the messages' framing: by which the caller asks for another
    /// protocol on this connection, WebSocket above all (RFC 9110 section 7.8, RFC 6455 section
    /// 4.1), and by which it announces trailer fields. No signature covers them.
    pub framing: HeaderMap,
}

impl CallerHeaders {
    /// Reads and checks all fields. Every issue is reported, in the order of the wire.
    pub fn parse(headers: &HeaderMap) -> Result<Self, Vec<HeaderIssue>> {
        let mut read = Reader { headers, issues: Vec::new() };
        let integration_key = read.name("provider-config-key", INTEGRATION_KEY);
        let connection_id = read.name("connection-id", CONNECTION_ID);
        let retries = read.retries();
        let base_url_override = read.base_url_override();
        let decompress = read.flag("decompress").unwrap_or(false);
        let retry_on = read.retry_on();
        let forward_headers_on_redirect = read.flag("forward-headers-on-redirect");
        let activity_log_id = read.activity_log_id();
        let is_sync = read.flag("nango-is-sync").unwrap_or(false);
        let is_dry_run = read.flag("nango-is-dry-run").unwrap_or(false);
        let timeout = read.timeout();
        if !read.issues.is_empty() {
            return Err(read.issues);
        }
        let own = |name: HeaderName| headers.get(&name).cloned().map(|value| (name, value));
        Ok(Self {
            integration_key,
            connection_id,
            retries,
            retry_on,
            base_url_override,
            decompress,
            forward_headers_on_redirect,
            activity_log_id,
            is_sync,
            is_dry_run,
            timeout,
            forwarded: forwarded(headers),
            body_fields: [header::CONTENT_TYPE, header::CONTENT_ENCODING]
                .into_iter()
                .filter_map(own)
                .collect(),
            accept_encoding: headers.get(header::ACCEPT_ENCODING).cloned(),
            framing: framing(headers),
        })
    }
}

/// The prefixed fields without their prefix; of several with one name the last counts.
fn forwarded(headers: &HeaderMap) -> HeaderMap {
    let mut out = HeaderMap::new();
    for (name, value) in headers {
        let Some(bare) = name.as_str().strip_prefix(FORWARDED_PREFIX) else { continue };
        if let Ok(bare) = HeaderName::from_bytes(bare.as_bytes()) {
            out.insert(bare, value.clone());
        }
    }
    hop_by_hop::strip(&mut out);
    // These are of the caller's own message, where it means them.
    for name in [header::CONTENT_LENGTH, header::EXPECT, header::TRAILER] {
        out.remove(name);
    }
    out
}

fn framing(headers: &HeaderMap) -> HeaderMap {
    let mut fields = trailers::announced(headers);
    if let Some(protocol) = headers.get(header::UPGRADE)
        && hop_by_hop::names_upgrade(headers)
    {
        fields.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        fields.insert(header::UPGRADE, protocol.clone());
        let of_websocket = headers.iter().filter(|(name, _)| name.as_str().starts_with("sec-websocket-"));
        fields.extend(of_websocket.map(|(name, value)| (name.clone(), value.clone())));
    }
    fields
}

/// A rule for the characters of a name, with the pattern that its message shows.
struct Charset {
    special: &'static str,
    pattern: &'static str,
}

const INTEGRATION_KEY: Charset = Charset { special: "~:.@ _-", pattern: "/^[a-zA-Z0-9~:.@ _-]+$/" };
const CONNECTION_ID: Charset =
    Charset { special: ",.;:=+~[]|@${}\"'\\/_ -", pattern: r#"/^[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]+$/"# };

struct Reader<'a> {
    headers: &'a HeaderMap,
    issues: Vec<HeaderIssue>,
}

impl<'a> Reader<'a> {
    /// The text of a field; bytes outside of ASCII read as U+FFFD, which no rule accepts.
    fn text(&self, field: &'static str) -> Option<std::borrow::Cow<'a, str>> {
        self.headers.get(field).map(|value| String::from_utf8_lossy(value.as_bytes()))
    }

    fn issue(&mut self, field: &'static str, code: &'static str, message: impl Into<String>) {
        self.issues.push(HeaderIssue { code, message: message.into(), field });
    }

    fn name(&mut self, field: &'static str, charset: Charset) -> String {
        let Some(text) = self.text(field) else {
            self.issue(field, "invalid_type", "Invalid input: expected string, received undefined");
            return String::new();
        };
        let fits = |c: char| c.is_ascii_alphanumeric() || charset.special.contains(c);
        if text.is_empty() || !text.chars().all(fits) {
            self.issue(
                field,
                "invalid_format",
                format!("Invalid string: must match pattern {}", charset.pattern),
            );
        }
        self.at_most(field, &text);
        text.into_owned()
    }

    fn at_most(&mut self, field: &'static str, text: &str) {
        if text.chars().count() > limits::MAX_NAME {
            let message = format!("Too big: expected string to have <={} characters", limits::MAX_NAME);
            self.issue(field, "too_big", message);
        }
    }

    /// A number as clients coerce it: nothing is zero.
    fn number(&mut self, field: &'static str) -> Option<f64> {
        let text = self.text(field)?;
        let text = text.trim();
        if text.is_empty() {
            return Some(0.0);
        }
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        match number {
            None => self.issue(field, "invalid_type", "Invalid input: expected number, received NaN"),
            Some(number) if number < 0.0 => {
                self.issue(field, "too_small", "Too small: expected number to be >=0");
            }
            Some(number) if number.fract() != 0.0 => {
                self.issue(field, "invalid_type", "Invalid input: expected int, received number");
            }
            Some(_) => {}
        }
        number
    }

    fn retries(&mut self) -> u8 {
        let number = self.number("retries").unwrap_or(0.0);
        number.clamp(0.0, f64::from(limits::MAX_RETRIES)) as u8
    }

    fn timeout(&mut self) -> Option<Duration> {
        const FIELD: &str = "dovetail-timeout-ms";
        let number = self.number(FIELD)?;
        if number < 1.0 {
            self.issue(FIELD, "too_small", "Too small: expected number to be >=1");
        }
        let millis = number.clamp(0.0, f64::from(limits::MAX_TIMEOUT_MS)) as u64;
        Some(Duration::from_millis(millis))
    }

    fn flag(&mut self, field: &'static str) -> Option<bool> {
        let text = self.text(field)?;
        match &*text {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                let message = r#"Invalid option: expected one of "true"|"false""#;
                self.issue(field, "invalid_value", message);
                None
            }
        }
    }

    fn base_url_override(&mut self) -> Option<Url> {
        const FIELD: &str = "base-url-override";
        let text = self.text(FIELD).filter(|text| !text.is_empty())?;
        match Url::parse(&text) {
            Ok(url) if url.has_host() => Some(url),
            _ => {
                self.issue(FIELD, "invalid_format", "Invalid URL");
                None
            }
        }
    }

    fn retry_on(&mut self) -> Vec<u16> {
        const FIELD: &str = "retry-on";
        let Some(text) = self.text(FIELD) else { return Vec::new() };
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !text.split(',').all(digits) {
            self.issue(FIELD, "invalid_format", r"Invalid string: must match pattern /^\d+(,\d+)*$/");
            return Vec::new();
        }
        // A number beyond u16 is no status and matches none.
        text.split(',').filter_map(|part| part.parse().ok()).collect()
    }

    fn activity_log_id(&mut self) -> Option<String> {
        const FIELD: &str = "nango-activity-log-id";
        let text = self.text(FIELD)?;
        self.at_most(FIELD, &text);
        Some(text.into_owned()).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(fields: &[(&str, &str)]) -> Result<CallerHeaders, Vec<HeaderIssue>> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        CallerHeaders::parse(&headers)
    }

    fn with_names(fields: &[(&str, &str)]) -> Result<CallerHeaders, Vec<HeaderIssue>> {
        parse(&[&[("Provider-Config-Key", "coda"), ("Connection-Id", "c-1")], fields].concat())
    }

    fn issue_of(field: &str, value: &str) -> (&'static str, String) {
        let issues = with_names(&[(field, value)]).unwrap_err();
        assert_eq!(issues.len(), 1);
        (issues[0].code, issues[0].message.clone())
    }

    #[test]
    fn both_names_are_required_in_this_order() {
        let issues = parse(&[]).unwrap_err();
        let message = "Invalid input: expected string, received undefined".to_owned();
        let issue = |field| HeaderIssue { code: "invalid_type", message: message.clone(), field };
        assert_eq!(issues, [issue("provider-config-key"), issue("connection-id")]);
    }

    #[test]
    fn names_keep_to_their_alphabet_and_length() {
        let issues = parse(&[("provider-config-key", "a/b"), ("connection-id", "a#b")]).unwrap_err();
        assert_eq!(issues[0].message, "Invalid string: must match pattern /^[a-zA-Z0-9~:.@ _-]+$/");
        assert_eq!(
            issues[1].message,
            r#"Invalid string: must match pattern /^[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]+$/"#
        );
        let long = "x".repeat(256);
        let issues = parse(&[("provider-config-key", &long), ("connection-id", "x")]).unwrap_err();
        assert_eq!((issues[0].code, issues[0].field), ("too_big", "provider-config-key"));
    }

    #[test]
    fn what_the_published_client_always_sends_is_accepted() {
        let headers = with_names(&[
            ("base-url-override", ""),
            ("nango-activity-log-id", ""),
            ("nango-is-sync", "false"),
            ("nango-is-script", "false"),
            ("nango-is-dry-run", "false"),
            ("retries", "3"),
            ("retry-on", "403,404"),
        ])
        .unwrap();
        assert_eq!((headers.retries, headers.retry_on), (3, vec![403, 404]));
        assert_eq!((headers.base_url_override, headers.activity_log_id), (None, None));
    }

    #[test]
    fn each_field_has_its_refusal() {
        assert_eq!(issue_of("retries", "many").1, "Invalid input: expected number, received NaN");
        assert_eq!(issue_of("retries", "-1").1, "Too small: expected number to be >=0");
        assert_eq!(issue_of("retries", "1.5").1, "Invalid input: expected int, received number");
        assert_eq!(issue_of("base-url-override", "api.example.com").1, "Invalid URL");
        assert_eq!(issue_of("decompress", "yes").1, r#"Invalid option: expected one of "true"|"false""#);
        assert_eq!(issue_of("retry-on", "5xx").1, r"Invalid string: must match pattern /^\d+(,\d+)*$/");
        assert_eq!(issue_of("dovetail-timeout-ms", "0").0, "too_small");
        assert_eq!(issue_of("nango-activity-log-id", &"x".repeat(256)).0, "too_big");
    }

    #[test]
    fn more_retries_than_allowed_mean_the_most_allowed() {
        assert_eq!(with_names(&[("retries", "1000")]).unwrap().retries, limits::MAX_RETRIES);
    }

    #[test]
    fn prefixed_fields_are_forwarded_without_what_belongs_to_the_connection() {
        let headers = with_names(&[
            ("Nango-Proxy-X-Custom", "first"),
            ("nango-proxy-x-custom", "last"),
            ("Nango-Proxy-Empty", ""),
            ("Nango-Proxy-Connection", "x-gone"),
            ("Nango-Proxy-X-Gone", "1"),
            ("Nango-Proxy-Transfer-Encoding", "chunked"),
            ("Nango-Proxy-Content-Length", "9"),
            ("Cookie", "session"),
            ("User-Agent", "axios"),
        ])
        .unwrap();
        let forwarded: Vec<_> =
            headers.forwarded.iter().map(|(n, v)| (n.as_str(), v.to_str().unwrap())).collect();
        assert_eq!(forwarded, [("x-custom", "last"), ("empty", "")]);
    }

    proptest! {
        #[test]
        fn no_value_makes_the_reader_panic(field in 0..11usize, value in prop::collection::vec(any::<u8>(), 0..300)) {
            const FIELDS: [&str; 11] = [
                "provider-config-key", "connection-id", "retries", "base-url-override", "decompress", "retry-on",
                "forward-headers-on-redirect", "nango-activity-log-id", "nango-is-sync", "dovetail-timeout-ms",
                "nango-proxy-x",
            ];
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                let mut headers = HeaderMap::new();
                headers.insert(FIELDS[field], value);
                if let Ok(parsed) = CallerHeaders::parse(&headers) {
                    prop_assert!(parsed.retries <= limits::MAX_RETRIES);
                }
            }
        }
    }
}
