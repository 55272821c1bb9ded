//! Headers of a call, later layers over earlier ones (5.2).

use std::borrow::Cow;

use serde_json::{Map, Value};
use url::Url;

use super::{
    authorization::{self, Placement},
    body::{CallBody, FinalBody, is_injected},
    endpoint::{connection_config, endpoint_name, with_credentials},
    error::OutgoingError,
    facts::{Call, CredentialKind, CredentialView},
    sign,
};
use crate::{
    definition::Provider,
    template::{Context, Mode, canonical_pairs, canonical_params, canonical_query, object_pairs},
};

/// Whether a call must know its whole body before its headers can be made: the definition adds to it, or something
/// signs it. `content_type` is the caller's; OAuth 1 signs form bodies only.
pub fn needs_body(provider: &Provider, credentials: &CredentialView, content_type: &str) -> bool {
    let by_kind = match credentials.kind {
        CredentialKind::AwsSigv4 => true,
        CredentialKind::Oauth1 | CredentialKind::Tba => is_form(content_type),
        _ => false,
    };
    by_kind
        || is_injected(provider.proxy.body.as_ref())
        || provider.proxy.headers.iter().any(|(_, template)| {
            template.source().contains("awsSigV4(")
                || template.mentions("bodyCanonicalParams")
                || template.mentions("params")
        })
}

/// Whether headers of a call depend on its URL or method, as signatures do: a call that moves needs new ones.
pub fn depends_on_target(provider: &Provider, credentials: &CredentialView) -> bool {
    let signs =
        matches!(credentials.kind, CredentialKind::AwsSigv4 | CredentialKind::Oauth1 | CredentialKind::Tba);
    signs || describes_the_request(provider)
}

fn is_form(content_type: &str) -> bool {
    content_type.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
}

/// The headers to send: by credential type, then the definition's, then the integration's key, then the caller's
/// (except `user-agent` where the definition sets it), then signatures. Names are lower case and unique.
/// Headers of which a value is missing are left out.
pub fn headers(
    call: &Call<'_>,
    url: &Url,
    body: &FinalBody<'_>,
) -> Result<Vec<(String, String)>, OutgoingError> {
    let provider = call.provider.ok_or(OutgoingError::UnknownProvider)?;
    let config = connection_config(call.connection.connection_config);
    let form = form_pairs(call, body);

    let mut headers = Headers::default();
    for (name, value) in authorization::default_headers(call, provider, url, &form)? {
        headers.set(&name, value);
    }
    let merged = with_integration(call, provider);
    let names = if describes_the_request(provider) {
        RequestNames::of(call, url, body, &config)
    } else {
        RequestNames::default()
    };
    let context = context(call, &config, &merged, &names);
    for (name, template) in provider.proxy.headers.iter() {
        let rendered = template.render(Mode::Proxy, &context);
        let dropped_when_empty = template.mentions_connection_config();
        match rendered.complete() {
            Some(text) if text.is_empty() && dropped_when_empty => {}
            Some(text) => headers.set(name, text),
            None => tracing::debug!(
                provider = provider.id(),
                header = name,
                "header left out: a value is missing"
            ),
        }
    }
    if let Some((Placement::Header, name, value)) = authorization::generic_key(call, &config) {
        headers.set(&name.to_ascii_lowercase(), value);
    }
    if let Some(content_type) = body.content_type {
        headers.set_default("content-type", content_type);
    }
    let own_agent = provider.proxy.headers.contains("user-agent") && headers.get("user-agent").is_some();
    for (name, value) in call.headers {
        let name = name.to_ascii_lowercase();
        if !(own_agent && name == "user-agent") {
            headers.set(&name, value.clone());
        }
    }
    if call.connection.credentials.kind == CredentialKind::AwsSigv4 {
        for (name, value) in sign::aws_headers(call, url, body, &headers.0)? {
            headers.set(&name, value);
        }
    }
    Ok(headers.0)
}

#[derive(Default)]
struct Headers(Vec<(String, String)>);

impl Headers {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn set(&mut self, name: &str, value: String) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some(pair) => pair.1 = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    fn set_default(&mut self, name: &str, value: &str) {
        if self.get(name).is_none() {
            self.0.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// TWO_STEP credentials over the integration's own values of the same definition: those are never stored on the
/// connection, and a header may name them.
fn with_integration<'a>(call: &Call<'a>, provider: &Provider) -> Cow<'a, CredentialView> {
    let credentials = call.connection.credentials;
    if credentials.kind != CredentialKind::TwoStep || provider.integration_config.is_empty() {
        return Cow::Borrowed(credentials);
    }
    let mut fields = credentials.fields.clone();
    for (name, _) in provider.integration_config.iter() {
        if let Some(value) = call.integration.custom.get(name).filter(|value| value.as_str() != Some("")) {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    Cow::Owned(CredentialView { kind: credentials.kind, fields })
}

/// Whether a header of the definition speaks of the request itself. Few do, and finding out what they would say costs
/// more than all other headers together.
fn describes_the_request(provider: &Provider) -> bool {
    const NAMES: [&str; 7] =
        ["endpoint", "host", "path", "params", "urlCanonicalParams", "bodyCanonicalParams", "contentType"];
    provider.proxy.headers.iter().any(|(_, template)| {
        template.source().contains("awsSigV4(") || template.names().iter().any(|name| NAMES.contains(name))
    })
}

/// The names that describe the request itself (4.4).
#[derive(Default)]
struct RequestNames<'a> {
    endpoint: String,
    host: String,
    path: &'a str,
    params: String,
    url_params: String,
    body_text: String,
    content_type: &'a str,
}

impl<'a> RequestNames<'a> {
    fn of(call: &Call<'a>, url: &'a Url, body: &FinalBody<'_>, config: &Map<String, Value>) -> Self {
        let with_body = matches!(call.method, "POST" | "PUT" | "PATCH");
        let text = match &body.bytes {
            Some(bytes) if with_body && !is_multipart(call) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        let host = url.host_str().unwrap_or_default();
        let url_params = canonical_query(url.query().unwrap_or_default());
        Self {
            endpoint: endpoint_name(call, config),
            host: url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
            path: url.path(),
            params: if with_body { body_params(&text) } else { url_params.clone() },
            url_params,
            body_text: text,
            content_type: header(call, "content-type"),
        }
    }
}

fn header<'a>(call: &Call<'a>, name: &str) -> &'a str {
    call.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}

fn is_multipart(call: &Call<'_>) -> bool {
    header(call, "content-type").to_ascii_lowercase().starts_with("multipart/")
}

/// Canonical parameters of a body: a JSON object's top-level entries, or a form's pairs.
fn body_params(text: &str) -> String {
    match serde_json::from_str::<Value>(text).ok().as_ref().and_then(object_pairs) {
        Some(pairs) => canonical_params(pairs),
        None => canonical_params(canonical_pairs(text)),
    }
}

fn form_pairs(call: &Call<'_>, body: &FinalBody<'_>) -> Vec<(String, String)> {
    let form = is_form(header(call, "content-type"));
    match &body.bytes {
        Some(bytes) if form => canonical_pairs(&String::from_utf8_lossy(bytes)),
        _ => Vec::new(),
    }
}

fn context<'a>(
    call: &Call<'a>,
    config: &'a Map<String, Value>,
    credentials: &'a CredentialView,
    names: &'a RequestNames<'a>,
) -> Context<'a> {
    let mut context = Context::new(call.moment)
        .text("endpoint", names.endpoint.as_str())
        .text("host", names.host.as_str())
        .text("path", names.path)
        .text("params", names.params.as_str())
        .text("urlCanonicalParams", names.url_params.as_str())
        .text("bodyCanonicalParams", names.body_text.as_str())
        .text("contentType", names.content_type)
        .text("method", call.method);
    for (name, value) in
        [("clientId", call.integration.client_id), ("clientSecret", call.integration.client_secret)]
    {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            context = context.text(name, value);
        }
    }
    with_credentials(context.connection_config(config), credentials)
}

/// Whether the body passes through unread.
pub(super) fn streams(call: &Call<'_>) -> bool {
    call.body == CallBody::Stream
}
