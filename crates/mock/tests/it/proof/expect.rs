//! What a request must be, from the definition's JSON and the connection's values alone: a small substitution of its
//! own, so that the product is not compared with itself. Placeholders it does not know (times, signatures) are only
//! required to be filled.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dovetail_catalog::Provider;
use serde_json::{Map, Value};
use url::Url;

use crate::harness::Linked;

/// A request as it must be.
#[derive(Debug)]
pub(crate) struct Expected {
    method: String,
    url: String,
    /// Name to value; `None`: it must be there, whatever it is.
    headers: Vec<(String, Option<String>)>,
    body: Option<Value>,
}

/// What a template comes to.
#[derive(Debug, Clone, PartialEq)]
enum Filled {
    Text(String),
    /// A placeholder has no value.
    Missing,
    /// A placeholder that is not worked out here.
    Unknown,
}

impl Expected {
    pub(crate) fn header(&mut self, name: &str, value: &str) {
        self.set(name, Some(value.to_owned()));
    }

    fn set(&mut self, name: &str, value: Option<String>) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value));
    }

    /// Compares with what was made, or with what arrived: then the headers of the transport are passed over.
    pub(crate) fn compare(
        &self,
        method: &str,
        url: &str,
        headers: &Map<String, Value>,
        body: Option<&[u8]>,
    ) -> Result<(), String> {
        if self.method != method {
            return Err(format!("method {method}, expected {}", self.method));
        }
        if self.url != url {
            return Err(format!("URL {url}, expected {}", self.url));
        }
        for (name, value) in &self.headers {
            match (headers.get(name).and_then(Value::as_str), value) {
                (None, _) => return Err(format!("header {name} is missing")),
                (Some(found), Some(value)) if found != value => {
                    return Err(format!("header {name}: {found}, expected {value}"));
                }
                (Some(_), _) => {}
            }
        }
        let transport = ["host", "dovetail-simulated-url", "connection", "content-length"];
        let surplus = headers.keys().find(|name| {
            !transport.contains(&name.as_str()) && !self.headers.iter().any(|(known, _)| known == *name)
        });
        if let Some(surplus) = surplus {
            return Err(format!("header {surplus} is nowhere in the definition"));
        }
        let body = body.map(|bytes| {
            serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into())
        });
        if self.body != body {
            return Err(format!("body {body:?}, expected {:?}", self.body));
        }
        Ok(())
    }
}

/// A call through the proxy.
pub(crate) fn call(provider: &Provider, linked: &Linked, method: &str, endpoint: &str) -> Expected {
    let definition = definition(provider);
    let base = definition["proxy"]["base_url"].as_str().unwrap_or_default();
    let base = base_of(&definition, base, linked);
    request(&definition, linked, method, &base, endpoint)
}

/// The requests that prove the credentials.
pub(crate) fn verification(provider: &Provider, linked: &Linked) -> Vec<Expected> {
    let definition = definition(provider);
    let verification = &definition["proxy"]["verification"];
    let method = verification["method"].as_str().unwrap_or("GET");
    let base = verification["base_url_override"]
        .as_str()
        .unwrap_or_else(|| definition["proxy"]["base_url"].as_str().unwrap_or_default());
    let base = base_of(&definition, base, linked);
    let endpoints = verification["endpoints"].as_array().cloned().unwrap_or_default();
    endpoints
        .iter()
        .filter_map(Value::as_str)
        .map(|endpoint| {
            let Filled::Text(endpoint) = fill(endpoint, linked, &[]) else { panic!("{endpoint}") };
            let mut expected = request(&definition, linked, method, &base, &endpoint);
            let own_agent = definition["proxy"]["headers"].get("user-agent").is_some();
            for (name, value) in verification["headers"].as_object().into_iter().flatten() {
                let name = name.to_lowercase();
                if !(own_agent && name == "user-agent") {
                    expected.header(&name, value.as_str().unwrap_or_default());
                }
            }
            let data = &verification["data"];
            let has_type = expected.headers.iter().any(|(name, _)| name == "content-type");
            if method != "GET" {
                expected.body = body(&definition, data, linked);
            }
            if expected.body.is_some() && !has_type {
                expected.header("content-type", "application/json");
            }
            expected
        })
        .collect()
}

fn definition(provider: &Provider) -> Value {
    serde_json::from_str(provider.json()).unwrap()
}

fn request(definition: &Value, linked: &Linked, method: &str, base: &str, endpoint: &str) -> Expected {
    let joined = format!("{}/{}", base.trim_end_matches('/'), endpoint.trim_start_matches('/'));
    let joined = if endpoint.is_empty() { base.trim_end_matches('/').to_owned() } else { joined };
    let mut url = Url::parse(&joined).unwrap_or_else(|error| panic!("{joined}: {error}"));
    for (name, template) in definition["proxy"]["query"].as_object().into_iter().flatten() {
        if let Filled::Text(value) = fill(template.as_str().unwrap_or_default(), linked, &[]) {
            let pair = format!("{}={}", encode(name), encode(&value));
            let others: Vec<&str> =
                url.query().unwrap_or_default().split('&').filter(|known| !known.is_empty()).collect();
            let at = others.iter().position(|known| known.split('=').next() == Some(name.as_str()));
            let mut pairs: Vec<String> = others.iter().map(|known| (*known).to_owned()).collect();
            match at {
                Some(at) => pairs[at] = pair,
                None => pairs.push(pair),
            }
            url.set_query(Some(&pairs.join("&")));
        }
    }
    let mut expected =
        Expected { method: method.to_owned(), url: url.as_str().to_owned(), headers: Vec::new(), body: None };
    for (name, value) in by_type(definition, linked) {
        expected.set(name, value);
    }
    let host = url.port().map_or_else(
        || url.host_str().unwrap_or_default().to_owned(),
        |port| format!("{}:{port}", url.host_str().unwrap_or_default()),
    );
    let slashed = format!("/{}", endpoint.trim_start_matches('/'));
    let names = [
        ("method", method),
        ("host", host.as_str()),
        ("path", url.path()),
        ("endpoint", slashed.as_str()),
        ("contentType", ""),
    ];
    for (name, template) in definition["proxy"]["headers"].as_object().into_iter().flatten() {
        let template = template.as_str().map_or_else(|| template.to_string(), str::to_owned);
        match fill(&template, linked, &names) {
            Filled::Text(value) if value.is_empty() && template.contains("connectionConfig") => {}
            Filled::Text(value) => expected.set(name, Some(value)),
            Filled::Unknown => expected.set(name, None),
            Filled::Missing => {}
        }
    }
    if let Some(key) = linked.custom.get("keyName").and_then(Value::as_str) {
        let template = linked.custom["valueTemplate"].as_str().unwrap_or("${apiKey}");
        if let Filled::Text(value) = fill(template, linked, &[]) {
            expected.set(&key.to_lowercase(), Some(value));
        }
    }
    expected
}

/// What the stored credentials bring without a word of the definition (providers.md 5.2). A signature has to be there;
/// that it is right, the simulator has worked out.
fn by_type(definition: &Value, linked: &Linked) -> Vec<(&'static str, Option<String>)> {
    let fields = &linked.credentials.fields;
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let bearer = |token: &str| vec![("authorization", Some(format!("Bearer {token}")))];
    match definition["auth_mode"].as_str().unwrap_or_default() {
        "BASIC" | "INSTALL_PLUGIN" => {
            let pair = format!("{}:{}", text("username"), text("password"));
            vec![("authorization", Some(format!("Basic {}", STANDARD.encode(pair))))]
        }
        "OAUTH2" | "MCP_OAUTH2" | "MCP_OAUTH2_GENERIC" | "APP" => bearer(text("access_token")),
        "CUSTOM" => bearer(fields["app"]["access_token"].as_str().unwrap_or_default()),
        "OAUTH2_CC" | "JWT" | "SIGNATURE" => bearer(text("token")),
        "OAUTH1" | "TBA" => vec![("authorization", None)],
        "BILL" => vec![
            ("sessionid", Some(text("session_id").to_owned())),
            ("devkey", Some(text("dev_key").to_owned())),
        ],
        "AWS_SIGV4" => vec![
            ("authorization", None),
            ("x-amz-date", None),
            ("x-amz-content-sha256", Some(EMPTY_SHA256.to_owned())),
            ("x-amz-security-token", Some(text("session_token").to_owned())),
        ],
        "TWO_STEP" => {
            let headers = definition["proxy"]["headers"].as_object();
            let carried = headers.into_iter().flatten().any(|(name, value)| {
                let value = value.as_str().unwrap_or_default();
                value.contains("${accessToken}")
                    || (name == "cookie" && value.contains("${credentials._cookies}"))
            });
            if carried { Vec::new() } else { bearer(text("token")) }
        }
        _ => Vec::new(),
    }
}

/// SHA-256 of nothing.
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// `proxy.base_url` with its own rule for `||`: the first connection-config name decides (5.1).
fn base_of(definition: &Value, template: &str, linked: &Linked) -> String {
    let configured = linked.custom.get("baseUrl").and_then(Value::as_str);
    if let Some(base) = configured.filter(|_| definition["integration_config"].get("baseUrl").is_some()) {
        return base.to_owned();
    }
    let chosen = match (template.split_once("||"), template.split_once("${connectionConfig.")) {
        (Some((left, right)), Some((_, rest))) => {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let is_set =
                linked.config.get(&name).and_then(Value::as_str).is_some_and(|value| !value.is_empty());
            if is_set { left.trim() } else { right.trim() }
        }
        _ => template,
    };
    let Filled::Text(base) = fill(chosen, linked, &[]) else { panic!("{chosen}") };
    if base.contains("://") { base } else { format!("https://{base}") }
}

/// The literal data with the injected body over it, key by key.
fn body(definition: &Value, data: &Value, linked: &Linked) -> Option<Value> {
    let injected = definition["proxy"].get("body").and_then(|body| filled_tree(body, linked));
    match (data, injected) {
        (Value::Null, injected) => injected,
        (Value::Object(own), Some(Value::Object(more))) => {
            let mut merged = own.clone();
            merged.extend(more);
            Some(merged.into())
        }
        (Value::String(text), _) => Some(serde_json::from_str(text).unwrap_or_else(|_| data.clone())),
        (data, _) => Some(data.clone()),
    }
}

fn filled_tree(tree: &Value, linked: &Linked) -> Option<Value> {
    match tree {
        Value::String(template) => match fill(template, linked, &[]) {
            Filled::Text(text) => Some(text.into()),
            _ => None,
        },
        Value::Object(entries) => Some(
            entries
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), filled_tree(value, linked)?)))
                .collect(),
        ),
        other => Some(other.clone()),
    }
}

/// Fills a template: names, `base64(…)` and `||`.
fn fill(template: &str, linked: &Linked, names: &[(&str, &str)]) -> Filled {
    if let Some((left, right)) = template.split_once("||").filter(|_| template.contains("${")) {
        let right = right.split("||").next().unwrap_or_default();
        return match plain(left.trim(), linked, names) {
            Filled::Text(text) if text != left.trim() && !text.is_empty() => Filled::Text(text),
            Filled::Unknown => Filled::Unknown,
            _ => plain(right.trim(), linked, names),
        };
    }
    plain(template, linked, names)
}

fn plain(template: &str, linked: &Linked, names: &[(&str, &str)]) -> Filled {
    let mut out = String::new();
    let mut rest = template;
    let (mut missing, mut unknown) = (false, false);
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        if let Some(inside) = after.strip_prefix("base64(") {
            let Some((argument, behind)) = inside.rsplit_once(")}") else { return Filled::Unknown };
            match plain(argument, linked, names) {
                Filled::Text(text) => out.push_str(&STANDARD.encode(text)),
                Filled::Missing => missing = true,
                Filled::Unknown => unknown = true,
            }
            rest = behind;
            continue;
        }
        if after.split(['}', '{']).next().is_some_and(|name| name.contains('(')) {
            return Filled::Unknown;
        }
        let Some((name, behind)) = after.split_once('}') else { return Filled::Unknown };
        match value(name, linked, names) {
            Some(Ok(text)) => out.push_str(&text),
            Some(Err(())) => unknown = true,
            None => missing = true,
        }
        rest = behind;
    }
    out.push_str(rest);
    match (missing, unknown) {
        (true, _) => Filled::Missing,
        (_, true) => Filled::Unknown,
        _ => Filled::Text(out),
    }
}

/// The value of a name; `Err` where it is not worked out here.
fn value(name: &str, linked: &Linked, names: &[(&str, &str)]) -> Option<Result<String, ()>> {
    let text = |map: &Map<String, Value>, key: &str| {
        map.get(key).and_then(Value::as_str).map(|text| Ok(text.to_owned()))
    };
    if name.starts_with("now") || name == "random" || name.contains("Canonical") || name == "params" {
        return Some(Err(()));
    }
    if let Some((_, known)) = names.iter().find(|(known, _)| *known == name) {
        return Some(Ok((*known).to_owned()));
    }
    // The consumer of the harness.
    match name {
        "clientId" => return Some(Ok("demo-consumer-key".to_owned())),
        "clientSecret" => return Some(Ok("demo-consumer-secret".to_owned())),
        _ => {}
    }
    if let Some(key) = name.strip_prefix("connectionConfig.") {
        return text(&linked.config, key);
    }
    let fields = &linked.credentials.fields;
    if name == "accessToken" {
        return text(fields, "access_token").or_else(|| text(fields, "token"));
    }
    text(fields, name.strip_prefix("credentials.").unwrap_or(name))
        .or_else(|| text(&linked.config, name))
        .or_else(|| (name == "connection_id").then(|| Ok("demo".to_owned())))
}

/// RFC 3986: all but unreserved characters.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
