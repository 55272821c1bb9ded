//! Where a call goes (5.1).

use std::borrow::Cow;

use serde_json::{Map, Value};
use url::Url;

use super::{
    error::OutgoingError,
    facts::{Call, ConnectionFacts, CredentialKind, CredentialView},
    query,
};
use crate::{
    definition::Provider,
    limits::URL_BYTES,
    template::{Author, Context, Mode, Moment, Template, UrlStyle, check_url},
};

/// The base URL of a call, without closing slashes, and the template text it came from.
pub fn base_url(call: &Call<'_>) -> Result<String, OutgoingError> {
    let config = connection_config(call.connection.connection_config);
    let base = base(call, &config)?;
    check_url(&base.text)?;
    Ok(base.text)
}

struct Base<'a> {
    text: String,
    source: Cow<'a, str>,
}

fn base<'a>(call: &Call<'a>, config: &Map<String, Value>) -> Result<Base<'a>, OutgoingError> {
    if call.endpoint.is_empty() && call.base_override.is_none_or(str::is_empty) {
        return Err(OutgoingError::MissingApiUrl);
    }
    let provider = call.provider.ok_or(OutgoingError::UnknownProvider)?;
    let (template, author): (Cow<'a, Template>, Author) = match chosen(call, provider) {
        Some(text) => (Cow::Owned(Template::parse(text)), Author::Caller),
        None => match &provider.proxy.base_url {
            Some(template) => (Cow::Borrowed(template), Author::Definition),
            None => return Err(OutgoingError::UnsupportedProvider),
        },
    };
    let mut text = match template.literal() {
        // Checked when it is joined.
        Some(text) => text.to_owned(),
        None => {
            let context = url_context(&call.connection, config, call.moment);
            template.render_url(UrlStyle::ProxyBase, Mode::Proxy, &context, author)?
        }
    };
    text.truncate(text.trim_end_matches('/').len());
    let source = match template {
        Cow::Borrowed(template) => Cow::Borrowed(template.source()),
        Cow::Owned(template) => Cow::Owned(template.source().to_owned()),
    };
    Ok(Base { text, source })
}

/// Whether the base of a call is not the definition's: the caller, the connection or the integration names it.
pub fn has_chosen_base(call: &Call<'_>) -> bool {
    call.provider.is_some_and(|provider| chosen(call, provider).is_some())
}

/// The base that stands before the definition's: the caller's, the connection's (AWS), the integration's.
fn chosen<'a>(call: &Call<'a>, provider: &Provider) -> Option<&'a str> {
    let filled = |map: &'a Map<String, Value>, key: &str| {
        map.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    };
    call.base_override
        .filter(|base| !base.is_empty())
        .or_else(|| {
            let aws = call.connection.credentials.kind == CredentialKind::AwsSigv4;
            aws.then(|| filled(call.connection.connection_config, "base_url")).flatten()
        })
        .or_else(|| {
            let declared = provider.integration_config.contains("baseUrl");
            declared.then(|| filled(call.integration.custom, "baseUrl")).flatten()
        })
}

/// The final URL: base, endpoint, and the definition's query parameters.
pub fn url(call: &Call<'_>) -> Result<Url, OutgoingError> {
    let config = connection_config(call.connection.connection_config);
    let base = base(call, &config)?;
    let endpoint = strip_base(call.endpoint, &base);
    let mut url = if endpoint.contains("${") {
        let context = url_context(&call.connection, &config, call.moment);
        let endpoint = Template::parse(endpoint).render_endpoint(Mode::Proxy, &context, Author::Caller)?;
        join(&base.text, &endpoint)?
    } else {
        join(&base.text, endpoint)?
    };
    query::inject(call, &config, &mut url);
    Ok(url)
}

/// As [`url`], for an endpoint and a base override that a definition wrote: every name of the context counts.
pub(super) fn definition_url(
    call: &Call<'_>,
    endpoint: &Template,
    base_override: Option<&Template>,
) -> Result<Url, OutgoingError> {
    let config = connection_config(call.connection.connection_config);
    let context = url_context(&call.connection, &config, call.moment);
    let base = match base_override {
        Some(template) => {
            template.render_url(UrlStyle::ProxyBase, Mode::Proxy, &context, Author::Definition)?
        }
        None => base(call, &config)?.text,
    };
    let endpoint = endpoint.render_endpoint(Mode::Proxy, &context, Author::Definition)?;
    let mut url = join(base.trim_end_matches('/'), &endpoint)?;
    query::inject(call, &config, &mut url);
    Ok(url)
}

fn join(base: &str, endpoint: &str) -> Result<Url, OutgoingError> {
    let endpoint = endpoint.trim_start_matches('/');
    let text = if endpoint.is_empty() { base.to_owned() } else { format!("{base}/{endpoint}") };
    if text.len() > URL_BYTES {
        return Err(OutgoingError::InvalidUrl);
    }
    let invalid = |_| OutgoingError::InvalidUrl;
    let mut url = Url::parse(&text).map_err(invalid)?;
    url.set_fragment(None);
    // Joining must not move the call to another host. It cannot; these lines make it so.
    if is_below(&url, base) {
        return Ok(url);
    }
    check_url(base)?;
    let home = Url::parse(base).map_err(invalid)?;
    if home.host() == url.host() && home.port() == url.port() && home.scheme() == url.scheme() {
        Ok(url)
    } else {
        Err(OutgoingError::InvalidUrl)
    }
}

/// Whether `url`, as it was parsed, begins with the text of `base` and its host ends where that of `base` does: then
/// `base` passes [`check_url`] and its host is that of `url`, without parsing it.
fn is_below(url: &Url, base: &str) -> bool {
    let rest = url.as_str().strip_prefix(base);
    matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The endpoint without the base in front of it: absolute endpoints below the base are allowed. Only at a path
/// boundary, so that a look-alike host stays a path.
fn strip_base<'e>(endpoint: &'e str, base: &Base<'_>) -> &'e str {
    let trimmed = endpoint.trim_start_matches('/');
    for known in [base.text.as_str(), base.source.trim_end_matches('/')] {
        if let Some(rest) = trimmed.strip_prefix(known)
            && (rest.is_empty() || rest.starts_with(['/', '?', '#']))
        {
            return rest;
        }
    }
    endpoint
}

/// Path and query as the caller passed them, after base stripping: `${endpoint}`.
pub(super) fn endpoint_name(call: &Call<'_>, config: &Map<String, Value>) -> String {
    let endpoint = match base(call, config) {
        Ok(base) => strip_base(call.endpoint, &base).trim_start_matches('/'),
        Err(_) => call.endpoint.trim_start_matches('/'),
    };
    format!("/{endpoint}")
}

/// Connection config as templates see it: keys stored with the prefix `connectionConfig.` are read without it, and
/// values that stand for nothing are ignored (5.1 step 8).
pub(super) fn connection_config(stored: &Map<String, Value>) -> Cow<'_, Map<String, Value>> {
    const PREFIX: &str = "connectionConfig.";
    let stands_for_nothing = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    if !stored.iter().any(|(key, value)| key.starts_with(PREFIX) || stands_for_nothing(value)) {
        return Cow::Borrowed(stored);
    }
    Cow::Owned(
        stored
            .iter()
            .filter(|(_, value)| !stands_for_nothing(value))
            .map(|(key, value)| (key.strip_prefix(PREFIX).unwrap_or(key).to_owned(), value.clone()))
            .collect(),
    )
}

/// The names of `proxy.base_url` and of endpoints (4.4).
fn url_context<'a>(
    connection: &ConnectionFacts<'a>,
    config: &'a Map<String, Value>,
    moment: &'a Moment,
) -> Context<'a> {
    Context::new(moment)
        // `${apiSubdomain}` of aws: flat connection-config names count when nothing else has the name.
        .flat(config)
        .text("connection_id", connection.connection_id)
        .map("metadata", connection.metadata)
        .connection_config(config)
        .map("credentials", &connection.credentials.fields)
        .flat(&connection.credentials.fields)
}

/// Adds the names that every credential context has: `credentials.*`, the fields flat, and `accessToken`.
pub(super) fn with_credentials<'a>(context: Context<'a>, credentials: &'a CredentialView) -> Context<'a> {
    let context = context.map("credentials", &credentials.fields).flat(&credentials.fields);
    match credentials.access_token() {
        Some(token) => context.text("accessToken", token),
        None => context,
    }
}
