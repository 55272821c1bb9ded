//! One request to a token endpoint: what OAuth, client credentials, two-step logins and their kin have in common.
//!
//! It is built by the mode, sent once through `egress`, never redirected, and bounded in time and size. What comes
//! back is a document, whatever its content type, or an [`ObtainError`] without any secret.

mod answer;
mod assertion;
mod client_auth;
mod expiry;
mod render;
pub(crate) mod shape;
mod xml;

use dovetail_catalog::{BodyFormat, RequestMethod};
use dovetail_egress::{Body, Client, EgressError, Redirects, SendOptions, collect};
use dovetail_model::Timestamp;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::{Map, Value};
use url::Url;
use url::form_urlencoded::byte_serialize;

pub use answer::TokenAnswer;
pub use assertion::{SigningKey, sign_jwt};
pub use client_auth::{ClientAuth, ClientCertificate};
pub use expiry::{expires_at, expires_of};
pub use render::{Values, render_headers, render_params, render_url, token_template, token_template_of};

use crate::limits::{TOKEN_ANSWER_BYTES, TOKEN_DEADLINE};
use crate::obtain::{ObtainError, Party};

/// A request to a token endpoint.
#[derive(Clone)]
pub struct TokenRequest<'a> {
    /// Method. A `GET` carries its parameters in the query, whatever the format.
    pub method: RequestMethod,
    /// Where to, with the definition's own query.
    pub url: Url,
    /// Where the parameters go.
    pub format: BodyFormat,
    /// Parameters in order; forms and queries write what is no text as JSON does.
    pub params: Map<String, Value>,
    /// Headers besides `accept` and `content-type`, which they may replace.
    pub headers: Vec<(String, String)>,
    /// How the client proves itself.
    pub auth: ClientAuth<'a>,
    /// A certificate to show (mutual TLS).
    pub certificate: Option<ClientCertificate<'a>>,
    /// Texts that must not be repeated from the answer, besides those that the request itself shows to be secret.
    pub secrets: Vec<String>,
    /// What the definition says of an endpoint that departs from the standard.
    shape: Option<shape::Shape<'a>>,
}

impl std::fmt::Debug for TokenRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenRequest")
            .field("host", &self.url.host_str())
            .field("params", &self.params.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl TokenRequest<'_> {
    /// A `POST` without parameters, headers and proof.
    pub fn post(url: Url, format: BodyFormat) -> Self {
        Self {
            method: RequestMethod::Post,
            url,
            format,
            params: Map::new(),
            headers: Vec::new(),
            auth: ClientAuth::None,
            certificate: None,
            secrets: Vec::new(),
            shape: None,
        }
    }

    /// Sets a parameter, in place when it is there.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.params.insert(name.to_owned(), value.into());
    }

    /// Sends it once. An answer of another status than 2xx is an error; a 2xx is whatever document it holds.
    pub async fn send(mut self, party: &Party<'_>) -> Result<TokenAnswer, ObtainError> {
        let auth = std::mem::replace(&mut self.auth, ClientAuth::None);
        auth.apply(&mut self, party)?;
        if let Some(shape) = self.shape {
            shape::finish(&mut self, shape.call);
        }
        let secrets = self.known_secrets();
        let identified = match &self.certificate {
            Some(certificate) => Some(certificate.client(party.egress)?),
            None => None,
        };
        let egress: &Client = identified.as_ref().unwrap_or(party.egress);
        let host = self.url.host_str().unwrap_or_default().to_owned();
        let request = self.into_http(party.now)?;
        let options = SendOptions::default().total(TOKEN_DEADLINE).redirects(Redirects::None);
        let response = egress.send(request, options).await.map_err(|error| unsent(&host, &error))?;
        let (head, body) = response.into_parts();
        let body = match collect(body, TOKEN_ANSWER_BYTES).await {
            Ok(body) => body,
            Err(EgressError::TooLarge { .. }) => {
                return Err(ObtainError::Unreadable("the answer is too large".to_owned()));
            }
            Err(error) => return Err(unsent(&host, &error)),
        };
        TokenAnswer::read(&head, &body, secrets)
    }

    fn into_http(mut self, now: Timestamp) -> Result<http::Request<Body>, ObtainError> {
        let in_query = self.method == RequestMethod::Get || self.format == BodyFormat::Query;
        let (body, content_type) = if in_query {
            if !self.params.is_empty() {
                let pairs = form(&self.params);
                let query = match self.url.query() {
                    Some(query) if !query.is_empty() => format!("{query}&{pairs}"),
                    _ => pairs,
                };
                self.url.set_query(Some(&query));
            }
            (Vec::new(), None)
        } else {
            match self.format {
                BodyFormat::Json if self.params.is_empty() && self.shape.is_some() => {
                    (Vec::new(), Some("application/json"))
                }
                BodyFormat::Json => (json(&self.params)?, Some("application/json")),
                BodyFormat::Xml => (xml::document(&self.params).into_bytes(), Some("application/xml")),
                BodyFormat::Form | BodyFormat::Query => {
                    (form(&self.params).into_bytes(), Some("application/x-www-form-urlencoded"))
                }
            }
        };
        if let Some(shape) = self.shape {
            let signed = shape::signature(shape, &body, now);
            self.headers.extend(signed.into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        let body = if body.is_empty() { Body::empty() } else { Body::full(body) };
        let unbuildable =
            |what: &str| ObtainError::Unbuildable(format!("{what} of the token request cannot be sent"));
        let mut request = http::Request::builder()
            .method(self.method.as_str())
            .uri(self.url.as_str())
            .header(ACCEPT, "application/json")
            .body(body)
            .map_err(|_| unbuildable("the URL"))?;
        if let Some(content_type) = content_type {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        for (name, value) in &self.headers {
            let what = || unbuildable(&format!("the header `{name}`"));
            let field = HeaderName::try_from(name.as_str()).map_err(|_| what())?;
            let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| what())?;
            value.set_sensitive(true);
            request.headers_mut().insert(field, value);
        }
        Ok(request)
    }

    /// Values that must not come back in an error: those of telling names, in the spellings that they are sent in.
    fn known_secrets(&self) -> Vec<String> {
        let mut known = self.secrets.clone();
        for (name, value) in &self.params {
            collect_telling(name, value, &mut known);
        }
        let headers = self.headers.iter().filter(|(name, _)| is_telling(name));
        known.extend(headers.filter_map(|(_, value)| value.rsplit(' ').next().map(str::to_owned)));
        known.extend(
            self.url.query_pairs().filter(|(name, _)| is_telling(name)).map(|(_, value)| value.into_owned()),
        );
        let encoded: Vec<String> = known
            .iter()
            .map(|text| byte_serialize(text.as_bytes()).collect::<String>())
            .filter(|text| !known.contains(text))
            .collect();
        known.extend(encoded);
        known
    }
}

/// Parts of names by which parameters and headers that carry secrets are known (auth-modes.md 26.5).
const TELLING: [&str; 9] = ["auth", "key", "secret", "session", "token", "code", "assertion", "pass", "sign"];

/// Names with such a part that carry none, and are worth reading in an error.
const HARMLESS: [&str; 4] =
    ["client_assertion_type", "code_challenge_method", "token_type", "token_type_hint"];

fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !HARMLESS.contains(&name.as_str()) && TELLING.iter().any(|part| name.contains(part))
}

fn collect_telling(name: &str, value: &Value, known: &mut Vec<String>) {
    match value {
        Value::String(text) if is_telling(name) => known.push(text.clone()),
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| collect_telling(name, value, known));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_telling(name, item, known)),
        _ => {}
    }
}

fn form(params: &Map<String, Value>) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in params {
        match value {
            Value::Null => {}
            Value::String(text) => {
                pairs.append_pair(name, text);
            }
            other => {
                pairs.append_pair(name, &other.to_string());
            }
        }
    }
    pairs.finish()
}

fn json(params: &Map<String, Value>) -> Result<Vec<u8>, ObtainError> {
    serde_json::to_vec(params)
        .map_err(|_| ObtainError::Unbuildable("the token request cannot be written as JSON".to_owned()))
}

/// A request that got no answer.
fn unsent(host: &str, error: &EgressError) -> ObtainError {
    match error {
        EgressError::Blocked(_) | EgressError::InvalidUrl(_) => {
            ObtainError::Unbuildable(format!("{host} may not be called: {error}"))
        }
        _ => ObtainError::Unavailable {
            status: None,
            retry_after: None,
            detail: Some(format!("{host}: {error}")),
        },
    }
}
