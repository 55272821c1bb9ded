//! Where a request carries its credentials, and whether they are the right ones.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dovetail_catalog::Provider;
use dovetail_catalog::template::{Context, Mode, Moment, Template, Tree, canonical_params, canonical_query};
use dovetail_model::{AuthMode, Timestamp};
use http::Method;
use serde_json::Value;

use crate::demo::{ACCESS_TOKEN, AWS_ACCESS_KEY, AWS_SECRET, CONSUMER, SESSION};
use crate::directory::Candidate;
use crate::limits::{CLOCK_SKEW_SECONDS, SIGNATURE_AGE_SECONDS};
use crate::oauth::{OAUTH_TOKEN, OAUTH_TOKEN_SECRET};
use crate::received::Received;
use crate::signature;

/// A place in a request.
#[derive(Debug)]
pub(crate) enum Carrier {
    /// `Authorization: Basic`, as BASIC credentials are sent.
    Basic,
    /// `Authorization: Bearer` with the granted token.
    Bearer,
    /// `Authorization: OAuth` with the token of an authorized account, or a permanent one.
    Oauth1 {
        permanent: bool,
    },
    /// AWS Signature Version 4 with the temporary keys of a role.
    Role,
    /// The session and the key of a login.
    Session,
    Header {
        name: String,
        template: Template,
    },
    Query {
        name: String,
        template: Template,
    },
    /// Path of keys in a JSON body; the first key also as a form field.
    Body {
        path: Vec<String>,
        template: Template,
    },
    /// Any header or query value: the integration, which is not known here, says which.
    Anywhere,
}

/// What a carrier holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Right,
    Wrong,
    Nothing,
}

/// `x` of `connectionConfig.x`.
pub(crate) fn connection_key(name: &str) -> Option<&str> {
    name.strip_prefix("connectionConfig.").or_else(|| name.strip_prefix("connection_config."))
}

/// Every carrier of a provider's credentials.
pub(crate) fn all(provider: &Provider) -> Vec<Carrier> {
    let is_secret = |template: &Template| {
        let names = template.names();
        // A part of the service's own answer, a value of the integration, or one that nobody need give is not known
        // here.
        let is_unknown = |name: &str| {
            let name = name.strip_prefix("credentials.").unwrap_or(name);
            name.starts_with("raw.")
                || match provider.credentials.get(name) {
                    Some(rule) => rule.optional && rule.default_value.is_none(),
                    None => provider.integration_config.contains(name),
                }
        };
        !names.iter().any(|name| is_unknown(name))
            && names.iter().any(|name| match connection_key(name) {
                Some(key) => provider.is_secret_config(key) && is_asked(provider, key),
                None => is_credential(provider, name),
            })
    };
    let proxy = &provider.proxy;
    let mut carriers: Vec<Carrier> = proxy
        .headers
        .iter()
        .filter(|(_, template)| is_secret(template))
        .map(|(name, template)| Carrier::Header { name: name.to_owned(), template: template.clone() })
        .collect();
    carriers.extend(
        proxy
            .query
            .iter()
            .filter(|(_, template)| is_secret(template))
            .map(|(name, template)| Carrier::Query { name: name.to_owned(), template: template.clone() }),
    );
    if let Some(body) = &proxy.body {
        let mut leaves = Vec::new();
        walk(body, &mut Vec::new(), &mut leaves);
        carriers.extend(
            leaves
                .into_iter()
                .filter(|(_, template)| is_secret(template))
                .map(|(path, template)| Carrier::Body { path, template }),
        );
    }
    if provider.integration_config.contains("keyName") {
        carriers.push(Carrier::Anywhere);
    }
    let default = match provider.auth_mode() {
        AuthMode::ApiKey | AuthMode::None => None,
        AuthMode::Basic | AuthMode::InstallPlugin => Some(Carrier::Basic),
        AuthMode::Bill => Some(Carrier::Session),
        AuthMode::AwsSigv4 => Some(Carrier::Role),
        AuthMode::Tba => Some(Carrier::Oauth1 { permanent: true }),
        AuthMode::TwoStep if carries_its_token(provider) => None,
        AuthMode::Oauth1 => Some(Carrier::Oauth1 { permanent: false }),
        _ => Some(Carrier::Bearer),
    };
    if !proxy.headers.contains("authorization") {
        carriers.extend(default);
    }
    carriers
}

/// Whether a person gives the value: what an integrator or a script may bring is not demanded.
fn is_asked(provider: &Provider, key: &str) -> bool {
    provider.connection_config.get(key).is_some_and(|rule| !rule.automated && !rule.optional)
}

/// Whether a header of the definition carries the token, so that no `Bearer` is sent (providers.md 5.2).
fn carries_its_token(provider: &Provider) -> bool {
    provider.proxy.headers.iter().any(|(name, template)| {
        template.mentions("accessToken") || (name == "cookie" && template.mentions("credentials._cookies"))
    })
}

fn is_credential(provider: &Provider, name: &str) -> bool {
    name.starts_with("credentials.")
        || provider.credentials.contains(name)
        || matches!(name, "apiKey" | "username" | "password" | "accessToken")
}

fn walk(tree: &Tree, path: &mut Vec<String>, out: &mut Vec<(Vec<String>, Template)>) {
    match tree {
        Tree::Text(template) => out.push((path.clone(), template.clone())),
        Tree::Map(entries) => {
            for (key, value) in entries.iter() {
                path.push(key.to_owned());
                walk(value, path, out);
                path.pop();
            }
        }
        Tree::List(_) | Tree::Other(_) => {}
    }
}

/// What a carrier holds in this request, measured against the demo values.
pub(crate) fn inspect(
    carrier: &Carrier,
    request: &Received,
    candidate: &Candidate<'_>,
    now: Timestamp,
) -> Found {
    let demo = &candidate.entry.demo;
    match carrier {
        Carrier::Basic => {
            let pair = format!("{}:{}", demo.text("username"), demo.text("password"));
            let expected = format!("Basic {}", STANDARD.encode(pair));
            compare(request.header("authorization"), "Basic ", |found| found == expected)
        }
        Carrier::Bearer => compare(request.header("authorization"), "Bearer ", |found| {
            found.strip_prefix("Bearer ").is_some_and(is_access_token)
        }),
        Carrier::Oauth1 { permanent } => compare(request.header("authorization"), "OAuth ", |found| {
            let (token, secret) = if *permanent {
                (demo.text("token_id"), demo.text("token_secret"))
            } else {
                (OAUTH_TOKEN, OAUTH_TOKEN_SECRET)
            };
            is_signed(request, found, token, secret)
        }),
        Carrier::Role => compare(request.header("authorization"), "AWS4-HMAC-SHA256 ", |found| {
            signature::is_sigv4(request, found, AWS_ACCESS_KEY, AWS_SECRET)
        }),
        Carrier::Session => {
            let session = compare(request.header("sessionid"), SESSION, |found| found.starts_with(SESSION));
            let key = request.header("devkey").is_some_and(|key| key == demo.text("dev_key"));
            if session == Found::Right && !key { Found::Wrong } else { session }
        }
        Carrier::Header { name, template } => compare(request.header(name), opening(template), |found| {
            is_rendering(template, found, request, candidate, now)
        }),
        Carrier::Query { name, template } => {
            let found = request.query(name);
            compare(found.as_deref(), opening(template), |found| {
                is_rendering(template, found, request, candidate, now)
            })
        }
        // A GET carries no body, so there is nothing to see (providers.md 5.3).
        Carrier::Body { .. } if matches!(request.parts.method, Method::GET | Method::HEAD) => Found::Right,
        Carrier::Body { path, template } => {
            let found = in_body(request, path);
            compare(found.as_deref(), opening(template), |found| {
                is_rendering(template, found, request, candidate, now)
            })
        }
        Carrier::Anywhere => {
            let key = demo.text("apiKey");
            let in_header =
                request.parts.headers.values().filter_map(|v| v.to_str().ok()).any(|v| has_word(v, key));
            if in_header || request.url.query_pairs().any(|(_, v)| has_word(&v, key)) {
                Found::Right
            } else {
                Found::Nothing
            }
        }
    }
}

/// Whether a request is signed for this token. Only of one consumer the secret is known here.
fn is_signed(request: &Received, header: &str, token: &str, secret: &str) -> bool {
    let (consumer, consumer_secret) = CONSUMER;
    if signature::oauth_param(header, "oauth_token").as_deref() != Some(token) {
        return false;
    }
    let keys = signature::Keys { consumer_secret, token_secret: secret };
    signature::oauth_param(header, "oauth_consumer_key").as_deref() != Some(consumer)
        || signature::is_oauth1(request, header, keys)
}

/// The token that stands for all, or one that the token endpoint gave: the same with a number.
fn is_access_token(text: &str) -> bool {
    text.strip_prefix(ACCESS_TOKEN).is_some_and(|rest| {
        rest.is_empty()
            || rest.strip_prefix('.').is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// Whether `word` stands in `text` by itself.
fn has_word(text: &str, word: &str) -> bool {
    let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(joins) && !text[at + word.len()..].starts_with(joins))
}

/// A value that does not even begin as the provider's do is somebody else's.
fn compare(found: Option<&str>, opening: &str, is_right: impl FnOnce(&str) -> bool) -> Found {
    match found {
        Some(found) if is_right(found) => Found::Right,
        Some(found) if found.starts_with(opening) => Found::Wrong,
        _ => Found::Nothing,
    }
}

/// The literal beginning of a template.
fn opening(template: &Template) -> &str {
    template.source().split("${").next().unwrap_or_default()
}

fn in_body(request: &Received, path: &[String]) -> Option<String> {
    if let Some(json) = request.json_body() {
        let leaf = path.iter().try_fold(&json, |value, key| value.get(key))?;
        return leaf.as_str().map(str::to_owned);
    }
    let (first, rest) = path.split_first()?;
    let name = rest.iter().fold(first.clone(), |name, key| format!("{name}[{key}]"));
    url::form_urlencoded::parse(&request.body)
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.into_owned())
}

/// Whether `found` is what the template gives for the demo values, at the time the request was signed.
fn is_rendering(
    template: &Template,
    found: &str,
    request: &Received,
    candidate: &Candidate<'_>,
    now: Timestamp,
) -> bool {
    if template.source().contains("${random}") || template.mentions("credentials._cookies") {
        // Signed over a nonce that only the sender knows, or the cookies of a login.
        return true;
    }
    let instants = if template.source().contains("${now") { instants(request, now) } else { vec![now] };
    instants.into_iter().any(|at| {
        let moment = Moment::new(at.millis(), "");
        rendered(template, request, candidate, &moment).is_some_and(|expected| expected == found)
    })
}

/// Times at which the request may have been signed: what its headers say, unless that is long ago; where
/// they say nothing, the last seconds.
fn instants(request: &Received, now: Timestamp) -> Vec<Timestamp> {
    let mut told = ["date", "x-amz-date"]
        .iter()
        .filter_map(|name| request.header(name))
        .filter_map(read_date)
        .peekable();
    if told.peek().is_some() {
        return told
            .filter(|at| (at.millis() - now.millis()).abs() <= SIGNATURE_AGE_SECONDS * 1000)
            .collect();
    }
    (-1..=CLOCK_SKEW_SECONDS).map(|back| Timestamp(now.millis() - back * 1000)).collect()
}

fn read_date(text: &str) -> Option<Timestamp> {
    if let Ok(at) = httpdate::parse_http_date(text) {
        let since = at.duration_since(std::time::UNIX_EPOCH).ok()?;
        return Some(Timestamp(i64::try_from(since.as_millis()).ok()?));
    }
    // RFC 2822 with a numeric zone, as in `Tue, 03 Feb 2026 04:05:06 +0000`.
    let with_name = text.strip_suffix("+0000").or_else(|| text.strip_suffix("+00:00"))?;
    read_date(&format!("{with_name}GMT"))
}

fn rendered(
    template: &Template,
    request: &Received,
    candidate: &Candidate<'_>,
    moment: &Moment,
) -> Option<String> {
    let url = &request.url;
    let demo = &candidate.entry.demo;
    let query = canonical_query(url.query().unwrap_or_default());
    let has_body = !matches!(request.parts.method, Method::GET | Method::HEAD | Method::DELETE);
    let body = if has_body { String::from_utf8_lossy(&request.body).into_owned() } else { String::new() };
    let params = if has_body { canonical_body(request) } else { query.clone() };
    let host =
        url.port().map_or_else(|| request.host().to_owned(), |port| format!("{}:{port}", request.host()));
    let path_and_query = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let endpoint = path_and_query.strip_prefix(candidate.base_path.as_str()).unwrap_or(path_and_query);
    let context = Context::new(moment)
        .flat(&demo.credentials)
        .map("credentials", &demo.credentials)
        .text("accessToken", ACCESS_TOKEN)
        .connection_config(&candidate.connection_config)
        .text("method", request.parts.method.as_str())
        .text("endpoint", endpoint)
        .text("host", host)
        .text("path", url.path())
        .text("params", params)
        .text("urlCanonicalParams", query)
        .text("bodyCanonicalParams", body)
        .text("contentType", request.header("content-type").unwrap_or_default());
    template.render(Mode::Proxy, &context).complete()
}

/// Canonical form of a body: its top-level entries, sorted (providers.md 4.4).
fn canonical_body(request: &Received) -> String {
    match request.json_body() {
        Some(Value::Object(map)) => {
            let pairs = map.iter().map(|(key, value)| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (key.clone(), text)
            });
            canonical_params(pairs.collect())
        }
        _ => canonical_query(&String::from_utf8_lossy(&request.body)),
    }
}
