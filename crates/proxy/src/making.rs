//! Making the request that goes out.

use dovetail_catalog::Provider;
use dovetail_catalog::outgoing::{self, Call, CallBody, ConnectionFacts};
use dovetail_catalog::template::Moment;
use dovetail_egress::Body;
use http::Method;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::call::Target;
use crate::error::ProxyError;
use crate::exchange::Outgoing;
use crate::secrecy;

/// Sent where neither the definition nor the caller says what is accepted: services negotiate
/// on it, and published clients send this.
const ACCEPT: HeaderValue = HeaderValue::from_static("application/json, text/plain, */*");

/// All that a request is made of, but for its body.
#[derive(Clone, Copy)]
pub(crate) struct Making<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) target: &'a Target<'a>,
    pub(crate) endpoint: &'a str,
    pub(crate) base_override: Option<&'a Url>,
    /// Fields of the caller that go out.
    pub(crate) fields: &'a HeaderMap,
    /// The caller's fields about framing, added behind everything else.
    pub(crate) framing: &'a HeaderMap,
    /// The body's bytes, where the request depends on them.
    pub(crate) bytes: Option<&'a [u8]>,
    pub(crate) moment: &'a Moment,
    pub(crate) nonce: &'a str,
}

impl Making<'_> {
    /// Whether the base URL stands in the integration or the connection: neither the caller's nor the definition's.
    pub(crate) fn has_configured_base(self, method: &Method) -> bool {
        self.base_override.is_none() && outgoing::has_chosen_base(&self.call(method, &[], CallBody::Absent))
    }

    /// The whole request.
    pub(crate) fn request(self, method: &Method, body: Body) -> Result<Outgoing, ProxyError> {
        let texts = texts_of(self.fields);
        let request = outgoing::build(&self.call(method, &texts, self.body_of(body.is_empty())))?;
        let mut headers = self.finished(request.headers);
        check_host(&mut headers, &request.url)?;
        let body = request.body.map_or(body, Body::full);
        Ok(Outgoing { method: method.clone(), url: request.url, headers, body })
    }

    /// The fields anew for a request that a redirect moved, with or without its body: what was
    /// signed for another URL proves nothing.
    pub(crate) fn moved(self, method: &Method, url: &Url, drop_body: bool) -> Result<HeaderMap, ProxyError> {
        let mut fields = self.fields.clone();
        fields.remove(header::HOST);
        if drop_body {
            for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING] {
                fields.remove(name);
            }
        }
        let texts = texts_of(&fields);
        let body = if drop_body { CallBody::Absent } else { self.body_of(false) };
        let call = self.call(method, &texts, body);
        let headers = outgoing::headers(&call, url, &outgoing::body(&call))?;
        let mut headers = Making { fields: &fields, ..self }.finished(headers);
        if drop_body {
            headers.remove(header::TRAILER);
        }
        Ok(headers)
    }

    fn body_of(&self, is_empty: bool) -> CallBody<'_> {
        match self.bytes {
            Some([]) => CallBody::Absent,
            Some(bytes) => CallBody::Bytes(bytes),
            None if is_empty => CallBody::Absent,
            None => CallBody::Stream,
        }
    }

    fn call<'c>(&'c self, method: &'c Method, texts: &'c [(String, String)], body: CallBody<'c>) -> Call<'c> {
        Call {
            provider: Some(self.provider),
            connection: ConnectionFacts {
                connection_id: self.target.connection_id,
                connection_config: self.target.connection_config,
                metadata: self.target.metadata,
                credentials: &self.target.credentials,
            },
            integration: self.target.integration,
            method: method.as_str(),
            endpoint: self.endpoint,
            base_override: self.base_override.map(Url::as_str),
            headers: texts,
            body,
            moment: self.moment,
            nonce: self.nonce,
        }
    }

    fn finished(&self, built: Vec<(String, String)>) -> HeaderMap {
        let mut headers = header_map(built);
        // Values that are no text could not take part in templates; they go out as they are.
        for (name, value) in self.fields.iter().filter(|(_, value)| value.to_str().is_err()) {
            headers.insert(name, value.clone());
        }
        headers.entry(header::ACCEPT).or_insert(ACCEPT);
        headers.extend(self.framing.iter().map(|(name, value)| (name.clone(), value.clone())));
        headers
    }
}

/// A `Host` of the caller may only repeat the host of the URL.
fn check_host(headers: &mut HeaderMap, url: &Url) -> Result<(), ProxyError> {
    let Some(host) = headers.remove(header::HOST) else { return Ok(()) };
    let name = url.host_str().unwrap_or_default();
    let with_port = url.port_or_known_default().map(|port| format!("{name}:{port}"));
    if host == name || with_port.is_some_and(|with_port| host == with_port.as_str()) {
        return Ok(());
    }
    Err(ProxyError::ForeignHost)
}

fn texts_of(fields: &HeaderMap) -> Vec<(String, String)> {
    fields
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect()
}

/// Built fields as a map. What cannot stand in a field (a line break in a stored key) is left
/// out: the provider then says what is missing.
fn header_map(fields: Vec<(String, String)>) -> HeaderMap {
    // Room for what the client adds.
    let mut headers = HeaderMap::with_capacity(fields.len() + 4);
    for (name, text) in fields {
        match (HeaderName::try_from(&name), HeaderValue::try_from(text)) {
            (Ok(name), Ok(mut value)) => {
                // Keeps HTTP/2 from indexing it and Debug from showing it.
                value.set_sensitive(secrecy::names_a_secret(&name));
                headers.insert(name, value);
            }
            _ => tracing::debug!(header = name, "header left out: its value cannot be sent"),
        }
    }
    headers
}
