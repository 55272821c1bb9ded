//! One bounded request in a connection's name, and what may be told of it: for tests of credentials and for routines.
//!
//! Requests go through the egress policy; a redirect is judged again at every hop. Nothing that is kept of them, and
//! no sentence cut out of an answer, holds a secret.

use std::time::Duration;

use bytes::Bytes;
use dovetail_catalog::Provider;
use dovetail_catalog::outgoing::Request;
use dovetail_egress::{Body, Client, EgressError, FinalUrl, Redirects, ResponseBody, SendOptions, collect};
use dovetail_model::Credentials;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::limits::TEST_REDIRECTS;
use crate::secrets::{declared_texts, secret_texts, sent_texts};
use crate::verify::detail::detail;
use crate::verify::{Reason, TestFailure};

/// One request; holds no secret.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Method.
    pub method: String,
    /// URL without its query.
    pub url: String,
    /// Status of the answer, when there was one.
    pub status: Option<u16>,
    /// What was wrong, when something was.
    pub failure: Option<TestFailure>,
    /// From sending to the head of the answer.
    pub duration: Duration,
}

/// The requests that are made for one connection.
pub(crate) struct Asking<'a> {
    egress: &'a Client,
    provider: &'a Provider,
    known: Vec<String>,
    /// What was asked so far, in order.
    pub(crate) exchanges: Vec<Exchange>,
}

impl<'a> Asking<'a> {
    /// In the name of these credentials, whose texts are never repeated.
    pub(crate) fn new(
        egress: &'a Client,
        provider: &'a Provider,
        credentials: &Credentials,
        connection_config: &Map<String, Value>,
    ) -> Self {
        let mut known = secret_texts(credentials);
        known.extend(declared_texts(provider, credentials, connection_config));
        Self { egress, provider, known, exchanges: Vec::new() }
    }

    /// Sends one request and answers as soon as the head of the response is there.
    pub(crate) async fn ask(&mut self, request: Request, deadline: Duration) -> Result<Reply, Reason> {
        let mut exchange = Exchange {
            method: request.method.clone(),
            url: without_query(&request.url),
            status: None,
            failure: None,
            duration: Duration::ZERO,
        };
        let mut secrets = self.known.clone();
        secrets.extend(sent_texts(&request));
        let started = Instant::now();
        let answer = self.send(request, deadline).await;
        exchange.duration = started.elapsed();
        exchange.status = answer.as_ref().ok().map(|(response, _)| response.status().as_u16());
        self.exchanges.push(exchange);
        let (response, at_home) = answer?;
        Ok(Reply { response, at_home, secrets })
    }

    /// Writes at the latest exchange what was wrong with it.
    pub(crate) fn blame(&mut self, reason: Reason, detail: Option<String>) -> TestFailure {
        let failure = TestFailure { provider: self.provider.display_name.clone(), reason, detail };
        if let Some(exchange) = self.exchanges.last_mut() {
            exchange.failure = Some(failure.clone());
        }
        failure
    }

    async fn send(
        &self,
        request: Request,
        deadline: Duration,
    ) -> Result<(Response<ResponseBody>, bool), Reason> {
        let origin = request.url.origin();
        let keep_headers = self.provider.proxy.forward_headers_on_redirect;
        let options = SendOptions::default()
            .total(deadline)
            .redirects(Redirects::Follow { max: TEST_REDIRECTS, keep_headers });
        let request = http_request(request).ok_or(Reason::NotBuildable)?;
        let response = self.egress.send(request, options).await.map_err(|error| reason_of(&error))?;
        // Credentials stay with their origin: a foreign page that answers 200 says nothing about them.
        let final_origin = response.extensions().get::<FinalUrl>().map(|url| url.0.origin());
        let at_home = keep_headers || final_origin.is_none_or(|there| there == origin);
        Ok((response, at_home))
    }
}

/// A response whose body is still to come.
pub(crate) struct Reply {
    response: Response<ResponseBody>,
    /// Whether it came from where the credentials were sent.
    pub(crate) at_home: bool,
    secrets: Vec<String>,
}

impl Reply {
    /// Its status.
    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Reads the body, of at most `limit` bytes.
    pub(crate) async fn read(self, limit: usize) -> Result<Heard, Reason> {
        let status = self.response.status();
        let content_type = self.response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_ascii_lowercase();
        let body = collect(self.response.into_body(), limit).await.map_err(|error| reason_of(&error))?;
        Ok(Heard { status, content_type, body, secrets: self.secrets })
    }

    /// The provider's own sentence. That it cannot be read is no news: the status has said what matters.
    pub(crate) async fn words(self, limit: usize) -> Option<String> {
        self.read(limit).await.ok()?.words()
    }
}

/// A response that was read whole.
pub(crate) struct Heard {
    /// Its status.
    pub(crate) status: StatusCode,
    content_type: String,
    /// Its body.
    pub(crate) body: Bytes,
    secrets: Vec<String>,
}

impl Heard {
    /// The body as JSON, whatever it calls itself.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as text; bytes that are none are replaced.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The provider's own sentence, without secrets.
    pub(crate) fn words(&self) -> Option<String> {
        detail(&self.content_type, &self.body, &self.secrets)
    }

    /// A sentence that was found in the body, made fit to be shown.
    pub(crate) fn shown(&self, sentence: &str) -> Option<String> {
        detail("text/plain", sentence.as_bytes(), &self.secrets)
    }
}

fn http_request(request: Request) -> Option<http::Request<Body>> {
    let mut builder = http::Request::builder().method(request.method.as_str()).uri(request.url.as_str());
    for (name, value) in &request.headers {
        let name = HeaderName::try_from(name.as_str()).ok()?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        value.set_sensitive(true);
        builder = builder.header(name, value);
    }
    builder.body(request.body.map_or_else(Body::empty, Body::full)).ok()
}

fn reason_of(error: &EgressError) -> Reason {
    match error {
        EgressError::Blocked(_) => Reason::Blocked,
        EgressError::InvalidUrl(_) => Reason::NotBuildable,
        EgressError::Dns { temporary: false, .. } => Reason::UnknownHost,
        EgressError::Timeout(_) => Reason::Timeout,
        EgressError::TooManyRedirects => Reason::SentAway,
        _ => Reason::Unreachable,
    }
}

fn without_query(url: &url::Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}
