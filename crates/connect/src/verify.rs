//! Tests credentials against their provider before they are kept (connect.md 5.3, providers.md section 6).
//!
//! The requests are built by the same code that the proxy uses, so what was tested is what is called later. They
//! go through the egress policy like every other request; a redirect is judged again at every hop.

pub(crate) mod detail;
mod outcome;

use std::time::Duration;

use dovetail_catalog::Provider;
use dovetail_catalog::outgoing::{self, ConnectionFacts, CredentialView, Request};
use dovetail_catalog::template::Moment;
use dovetail_egress::{Body, Client, EgressError, FinalUrl, Redirects, ResponseBody, SendOptions, collect};
use dovetail_model::{AuthMode, Credentials, Integration, Random, Timestamp};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout};

pub use outcome::{Reason, TestFailure};

use crate::integration_facts::IntegrationValues;
use crate::limits::{TEST_ANSWER_BYTES, TEST_DEADLINE, TEST_ENDPOINTS, TEST_REDIRECTS, TEST_TOTAL};
use crate::secrets::{declared_texts, secret_texts, sent_texts};

/// Letters and digits of an OAuth 1 nonce, should the request be signed so.
const NONCE_CHARS: usize = 32;

/// Credentials, and all that a request with them is made from.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The definition.
    pub provider: &'a Provider,
    /// The integration they are for.
    pub integration: &'a Integration,
    /// Public id of the connection.
    pub connection_id: &'a str,
    /// Its configuration.
    pub connection_config: &'a Map<String, Value>,
    /// The credentials.
    pub credentials: &'a Credentials,
}

/// What a test found out, and what it did.
#[derive(Clone, Debug)]
pub struct Report {
    /// Passed, untested, or failed.
    pub outcome: Result<Verdict, TestFailure>,
    /// The requests, in order, for the activity log.
    pub exchanges: Vec<Exchange>,
}

/// A test that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The provider accepted the credentials.
    Accepted {
        /// Its HTTP status, a 2xx.
        status: u16,
    },
    /// The definition has no way to test them.
    Untested,
}

/// One request of a test; holds no secret.
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

/// Whether credentials of this mode are tested when they come in (auth-modes.md section 22).
pub const fn is_tested(mode: AuthMode) -> bool {
    matches!(
        mode,
        AuthMode::ApiKey
            | AuthMode::Basic
            | AuthMode::Tba
            | AuthMode::Jwt
            | AuthMode::Signature
            | AuthMode::InstallPlugin
    )
}

/// Tests credentials: the definition's requests in order, the first 2xx passes.
pub async fn verify(egress: &Client, now: Timestamp, random: &dyn Random, subject: Subject<'_>) -> Report {
    let untested = Report { outcome: Ok(Verdict::Untested), exchanges: Vec::new() };
    let has_script = subject.provider.credentials_verification().is_some();
    if !is_tested(subject.provider.auth_mode()) || has_script {
        return untested;
    }
    let requests = match requests(now, random, subject) {
        Ok(requests) if requests.is_empty() => return untested,
        Ok(requests) => requests,
        Err(error) => {
            let detail = Some(error.to_string());
            return Report {
                outcome: Err(failure(subject.provider, Reason::NotBuildable, detail)),
                exchanges: Vec::new(),
            };
        }
    };
    let mut exchanges = Vec::new();
    let tried = timeout(TEST_TOTAL, try_all(egress, subject, requests, &mut exchanges)).await;
    let outcome = tried.unwrap_or_else(|_| Err(failure(subject.provider, Reason::Timeout, None)));
    Report { outcome, exchanges }
}

async fn try_all(
    egress: &Client,
    subject: Subject<'_>,
    requests: Vec<Request>,
    exchanges: &mut Vec<Exchange>,
) -> Result<Verdict, TestFailure> {
    let mut known = secret_texts(subject.credentials);
    known.extend(declared_texts(subject.provider, subject.credentials, subject.connection_config));
    let mut told: Option<TestFailure> = None;
    for request in requests.into_iter().take(TEST_ENDPOINTS) {
        let mut exchange = Exchange {
            method: request.method.clone(),
            url: without_query(&request.url),
            status: None,
            failure: None,
            duration: Duration::ZERO,
        };
        let mut secrets = known.clone();
        secrets.extend(sent_texts(&request));
        let started = Instant::now();
        let answer = send(egress, subject.provider, request).await;
        exchange.duration = started.elapsed();
        exchange.status = answer.as_ref().ok().map(|response| response.response.status().as_u16());
        let result = match answer {
            Ok(answer) => judge(subject.provider, answer, &secrets).await,
            Err(reason) => Err(failure(subject.provider, reason, None)),
        };
        match result {
            Ok(status) => {
                exchanges.push(exchange);
                return Ok(Verdict::Accepted { status });
            }
            Err(failure) => {
                exchange.failure = Some(failure.clone());
                exchanges.push(exchange);
                told = Some(more_telling(told, failure));
            }
        }
    }
    Err(told.unwrap_or_else(|| failure(subject.provider, Reason::NotBuildable, None)))
}

/// Of several failures the one to tell: one that leaves the question open first, then a refusal, then the earlier.
fn more_telling(earlier: Option<TestFailure>, later: TestFailure) -> TestFailure {
    let weight = |failure: &TestFailure| match failure.reason {
        reason if reason.is_temporary() => 2,
        Reason::Refused(_) => 1,
        _ => 0,
    };
    match earlier {
        Some(earlier) if weight(&earlier) >= weight(&later) => earlier,
        _ => later,
    }
}

fn requests(
    now: Timestamp,
    random: &dyn Random,
    subject: Subject<'_>,
) -> Result<Vec<Request>, outgoing::OutgoingError> {
    let credentials = CredentialView::from(subject.credentials);
    let values = IntegrationValues::of(subject.integration);
    let metadata = Map::new();
    let moment = Moment::new(now.millis(), random.uuid_v4().to_string());
    outgoing::verification(
        subject.provider,
        ConnectionFacts {
            connection_id: subject.connection_id,
            connection_config: subject.connection_config,
            metadata: &metadata,
            credentials: &credentials,
        },
        values.facts(),
        &moment,
        &random.alphanumeric(NONCE_CHARS),
    )
}

/// An answer, and whether it came from where the credentials were sent.
struct Answer {
    response: Response<ResponseBody>,
    about_credentials: bool,
}

async fn send(egress: &Client, provider: &Provider, request: Request) -> Result<Answer, Reason> {
    let origin = request.url.origin();
    let keep_headers = provider.proxy.forward_headers_on_redirect;
    let options = SendOptions::default()
        .total(TEST_DEADLINE)
        .redirects(Redirects::Follow { max: TEST_REDIRECTS, keep_headers });
    let request = http_request(request).ok_or(Reason::NotBuildable)?;
    let response = egress.send(request, options).await.map_err(|error| reason_of(&error))?;
    // Credentials stay with their origin: a foreign page that answers 200 says nothing about them.
    let final_origin = response.extensions().get::<FinalUrl>().map(|url| url.0.origin());
    let about_credentials = keep_headers || final_origin.is_none_or(|there| there == origin);
    Ok(Answer { response, about_credentials })
}

async fn judge(provider: &Provider, answer: Answer, secrets: &[String]) -> Result<u16, TestFailure> {
    let status = answer.response.status();
    let Some(reason) = Reason::of_status(status.as_u16()) else {
        return if answer.about_credentials {
            Ok(status.as_u16())
        } else {
            Err(failure(provider, Reason::SentAway, None))
        };
    };
    let detail = words(answer.response, secrets).await.filter(|_| status != StatusCode::NOT_FOUND);
    Err(failure(provider, reason, detail))
}

/// The provider's own sentence. That it cannot be read is no news: the status has said what matters.
async fn words(response: Response<ResponseBody>, secrets: &[String]) -> Option<String> {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_ascii_lowercase();
    let body = collect(response.into_body(), TEST_ANSWER_BYTES).await.ok()?;
    detail::detail(&content_type, &body, secrets)
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

fn failure(provider: &Provider, reason: Reason, detail: Option<String>) -> TestFailure {
    TestFailure { provider: provider.display_name.clone(), reason, detail }
}

fn without_query(url: &url::Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}
