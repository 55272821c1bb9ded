//! The call from its beginning to the head of its answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dovetail_catalog::Provider;
use dovetail_catalog::outgoing;
use dovetail_catalog::template::Moment;
use dovetail_egress::{Body, Client, EgressError, ResponseBody};
use dovetail_model::{Clock, Random};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, StatusCode};
use serde_json::Map;
use tokio::time::Instant;

use crate::body_shape::{BodyShape, form_of};
use crate::call::{AttemptRecord, Observe, ProxyCall};
use crate::error::ProxyError;
use crate::exchange::{Baggage, Bounds, drain, exchange};
use crate::making::Making;
use crate::policy::ProxyPolicy;
use crate::request_headers::CallerHeaders;
use crate::retry::{Failure, ProviderFacts, Retry, RetryPolicy};
use crate::{decompress, limits, peek, replay, response_headers, secrecy};

/// Length of an OAuth 1 nonce, in characters.
const NONCE_LENGTH: usize = 32;

/// Forwards calls. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Proxy {
    client: Client,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    policy: ProxyPolicy,
}

impl Proxy {
    /// A proxy that sends through `client`.
    pub fn new(client: Client, clock: Arc<dyn Clock>, random: Arc<dyn Random>, policy: ProxyPolicy) -> Self {
        Self { client, clock, random, policy }
    }

    /// Forwards one call and returns the provider's answer as soon as its head is there. The
    /// body of the answer streams; dropping the future or the body ends the call upstream.
    pub async fn forward(
        &self,
        call: ProxyCall<'_>,
        observer: &dyn Observe,
    ) -> Result<Response<ResponseBody>, ProxyError> {
        self.policy.check_override(&self.client, call.headers.base_url_override.as_ref())?;
        let provider = call.target.provider.ok_or(ProxyError::UnknownProvider)?;
        let mut run = Run::begin(self, call, provider, observer).await?;
        loop {
            match run.attempt().await? {
                Step::Answer(response) => return Ok(response),
                Step::Again(wait) => tokio::time::sleep(wait).await,
            }
        }
    }
}

/// What became of an attempt.
type Outcome = Result<Response<ResponseBody>, EgressError>;

/// What follows an attempt.
enum Step {
    Answer(Response<ResponseBody>),
    Again(Duration),
}

/// A call under way.
struct Run<'a> {
    proxy: &'a Proxy,
    call: ProxyCall<'a>,
    provider: &'a Provider,
    observer: &'a dyn Observe,
    started: Instant,
    /// Fields of the caller that go out, its body's type among them.
    fields: HeaderMap,
    /// The body while it can still be sent.
    body: Option<Body>,
    /// Its bytes, where the request depends on them.
    bytes: Option<Bytes>,
    attempts: u32,
    /// Attempts that count against `Retries`: not the one after a renewal.
    counted: u32,
    renewed: bool,
}

impl<'a> Run<'a> {
    async fn begin(
        proxy: &'a Proxy,
        mut call: ProxyCall<'a>,
        provider: &'a Provider,
        observer: &'a dyn Observe,
    ) -> Result<Self, ProxyError> {
        let started = Instant::now();
        let own = &call.headers.body_fields;
        let shape =
            BodyShape::of(own.get(header::CONTENT_TYPE), call.headers.forwarded.get(header::CONTENT_TYPE));
        let fields = caller_fields(&call, &shape, provider);
        let body = std::mem::take(&mut call.body);
        let kind = call.headers.forwarded.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let needed = shape.to_form
            || outgoing::needs_body(provider, &call.target.credentials, kind.unwrap_or_default());
        let (body, bytes) = if needed {
            let read = Box::pin(replay::read(body, limits::REWRITE_BYTES)).await?;
            let bytes = if shape.to_form { form_of(&read)?.into() } else { read };
            (Body::full(bytes.clone()), Some(bytes))
        } else {
            let wanted = call.headers.retries > 0 || call.target.renew.is_some();
            (keep(body, call.content_length, wanted).await?, None)
        };
        if !body.may_have_trailers() {
            call.headers.framing.remove(header::TRAILER);
        }
        Ok(Self {
            proxy,
            call,
            provider,
            observer,
            started,
            fields,
            body: Some(body),
            bytes,
            attempts: 0,
            counted: 0,
            renewed: false,
        })
    }

    /// Builds and sends the request once, and decides what follows.
    async fn attempt(&mut self) -> Result<Step, ProxyError> {
        // A body that cannot be sent again is gone after the first attempt, which then decides.
        let body = self.body.take().unwrap_or_default();
        let spare = body.try_clone();
        self.attempts += 1;
        self.counted += 1;
        let random = &*self.proxy.random;
        let moment = Moment::new(self.proxy.clock.now().millis(), random.uuid_v4().to_string());
        let target = &self.call.target;
        let signs = outgoing::depends_on_target(self.provider, &target.credentials);
        // Only signatures have one.
        let nonce = if signs { random.alphanumeric(NONCE_LENGTH) } else { String::new() };
        let making = Making {
            provider: self.provider,
            target,
            endpoint: self.call.endpoint,
            base_override: self.call.headers.base_url_override.as_ref(),
            fields: &self.fields,
            framing: &self.call.headers.framing,
            bytes: self.bytes.as_deref(),
            moment: &moment,
            nonce: &nonce,
        };
        let mut outgoing = making.request(&self.call.method, body)?;
        if making.has_configured_base(&self.call.method) {
            self.proxy.policy.check_configured(&outgoing.url)?;
        }
        let bounds = self.call.limits.map(|limits| Bounds { limits, at: self.proxy.clock.now() });
        if let Some(bounds) = bounds {
            bounds.permit(&outgoing.method, &outgoing.url).map_err(ProxyError::Limited)?;
        }
        let started_at = self.proxy.clock.now();
        let began = Instant::now();
        let baggage = Baggage {
            policy: &self.proxy.policy,
            all: self.forwards_all(),
            of_caller: &self.call.headers.forwarded,
            anew: signs.then_some(making),
            bounds,
        };
        let mut outcome = exchange(&self.proxy.client, &mut outgoing, baggage, self.remaining()?).await;
        let renews = spare.is_some() && self.wants_renewal(&outcome);
        let went_well = outcome.as_ref().is_ok_and(|answer| answer.status().is_success());
        let retry = if went_well || renews || spare.is_none() {
            None
        } else {
            let retry;
            (outcome, retry) = Box::pin(self.retry(outcome)).await;
            retry
        };
        let is_routine = self.attempts == 1 && went_well;
        let mut record = AttemptRecord {
            number: self.attempts,
            method: self.call.method.clone(),
            url: String::new(),
            request_headers: Map::new(),
            response_headers: Map::new(),
            status: outcome.as_ref().ok().map(Response::status),
            error: outcome.as_ref().err().map(EgressError::code),
            started_at,
            took: began.elapsed(),
            retry: retry.as_ref().map(|retry| (retry.wait, retry.reason.clone())),
        };
        if !is_routine || self.observer.wants_routine() {
            let redaction = secrecy::of(&self.call.target);
            record.url = redaction.url(outgoing.url.as_str());
            if !is_routine {
                record.request_headers = secrecy::shown(&outgoing.headers, &redaction);
                if let Ok(answer) = &outcome {
                    record.response_headers = secrecy::shown(answer.headers(), &redaction);
                }
            }
        }
        self.observer.attempt(record);
        self.body = spare;
        if renews && Box::pin(self.renew()).await? {
            Box::pin(discard(outcome)).await;
            self.counted -= 1;
            return Ok(Step::Again(Duration::ZERO));
        }
        match retry {
            Some(retry) => {
                Box::pin(discard(outcome)).await;
                Ok(Step::Again(retry.wait))
            }
            None => {
                let mut answer = outcome?;
                if answer.headers().contains_key(header::CONTENT_ENCODING) && self.decompresses(&answer) {
                    answer = Box::pin(decompress::plain(&self.call.method, answer)).await;
                }
                Ok(Step::Answer(self.answer(answer)))
            }
        }
    }

    /// Whether the caller cannot read this answer as it is coded, or does not want to.
    fn decompresses(&self, answer: &Response<ResponseBody>) -> bool {
        let headers = &self.call.headers;
        if wants_plain(headers, self.provider) {
            return true;
        }
        let asked = headers.forwarded.get(header::ACCEPT_ENCODING);
        decompress::is_needed(answer.headers(), &[headers.accept_encoding.as_ref(), asked])
    }

    fn forwards_all(&self) -> bool {
        self.call
            .headers
            .forward_headers_on_redirect
            .unwrap_or(self.provider.proxy.forward_headers_on_redirect)
    }

    /// What is left of the caller's own bound.
    fn remaining(&self) -> Result<Option<Duration>, ProxyError> {
        let Some(timeout) = self.call.headers.timeout else { return Ok(None) };
        match timeout.checked_sub(self.started.elapsed()) {
            Some(left) => Ok(Some(left)),
            None => Err(EgressError::Timeout(dovetail_egress::Phase::Total).into()),
        }
    }

    fn wants_renewal(&self, outcome: &Outcome) -> bool {
        let refused = outcome.as_ref().is_ok_and(|response| response.status() == StatusCode::UNAUTHORIZED);
        // A caller that brings its own credentials is not helped by ours.
        refused
            && !self.renewed
            && self.call.target.renew.is_some()
            && !self.call.headers.forwarded.contains_key(header::AUTHORIZATION)
    }

    /// Whether there are new credentials now. At most once a call.
    async fn renew(&mut self) -> Result<bool, ProxyError> {
        self.renewed = true;
        let Some(renew) = self.call.target.renew else { return Ok(false) };
        match renew.renew(&self.call.target.credentials).await {
            Ok(Some(credentials)) => {
                self.call.target.credentials = credentials;
                Ok(true)
            }
            Ok(None) => {
                self.renewed = false;
                // Nothing to be had: do not ask again, and do not claim a renewal.
                self.call.target.renew = None;
                Ok(false)
            }
            Err(reason) => Err(ProxyError::Refresh(reason)),
        }
    }

    /// Whether to try again after an attempt that failed; the answer comes back as it was.
    async fn retry(&mut self, mut outcome: Outcome) -> (Outcome, Option<Retry>) {
        let policy = RetryPolicy {
            retries: self.call.headers.retries,
            retry_on: &self.call.headers.retry_on,
            facts: facts_of(self.provider),
            retryable_errors: &self.proxy.policy.retryable_errors,
            is_idempotent: self.call.method.is_idempotent() || self.fields.contains_key("idempotency-key"),
        };
        let now = self.proxy.clock.now();
        let mut told = Bytes::new();
        if let Ok(answer) = outcome {
            outcome = Ok(if policy.reads_body(self.counted, answer.status(), answer.headers(), now) {
                let answer = decompress::plain(&self.call.method, answer).await;
                let (head, body) = answer.into_parts();
                let (seen, body) = peek::peek(body).await;
                told = seen;
                Response::from_parts(head, body)
            } else {
                answer
            });
        }
        let failure = match &outcome {
            Ok(answer) => Failure::Status(answer.status(), answer.headers(), &told),
            Err(error) => Failure::Network(error),
        };
        let elapsed = self.started.elapsed();
        let timeout = self.call.headers.timeout.unwrap_or(Duration::MAX);
        let retry = policy
            .after(self.counted, failure, elapsed, now, &*self.proxy.random)
            .filter(|retry| elapsed.saturating_add(retry.wait) < timeout);
        (outcome, retry)
    }

    fn answer(&self, mut response: Response<ResponseBody>) -> Response<ResponseBody> {
        // How the provider framed its answer is not how we do.
        *response.version_mut() = http::Version::default();
        let switches = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        let protocol = headers.get(header::UPGRADE).cloned().filter(|_| switches);
        response_headers::filter(headers);
        if !self.call.headers.framing.contains_key(header::TE) {
            // It announces what this caller does not read.
            headers.remove(header::TRAILER);
        }
        if let Some(protocol) = protocol {
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(header::UPGRADE, protocol);
        }
        headers.insert(response_headers::ATTEMPTS, HeaderValue::from(self.attempts));
        if self.renewed {
            headers.insert(response_headers::REFRESHED, HeaderValue::from_static("true"));
        }
        response
    }
}

/// The body, kept to be sent again where that is wanted. Most calls have none to keep.
async fn keep(body: Body, announced: Option<u64>, wanted: bool) -> Result<Body, ProxyError> {
    if body.is_replayable() {
        return Ok(body);
    }
    Box::pin(replay::keep(body, announced, wanted, limits::REPLAY_BYTES)).await
}

async fn discard(outcome: Outcome) {
    if let Ok(response) = outcome {
        drain(response).await;
    }
}

/// Whether the answer is to be in no coding, whatever the caller could read.
fn wants_plain(headers: &CallerHeaders, provider: &Provider) -> bool {
    headers.decompress || provider.proxy.decompress
}

/// The caller's fields that go out: the prefixed ones, and those that describe its body and
/// the answer it can read.
fn caller_fields(call: &ProxyCall<'_>, shape: &BodyShape, provider: &Provider) -> HeaderMap {
    let headers = &call.headers;
    let mut fields = headers.body_fields.clone();
    let plain = wants_plain(headers, provider);
    let identity = || HeaderValue::from_static("identity");
    let accepted = headers.accept_encoding.clone().filter(|_| !plain).unwrap_or_else(identity);
    fields.insert(header::ACCEPT_ENCODING, accepted);
    for (name, value) in &headers.forwarded {
        fields.insert(name, value.clone());
    }
    match &shape.content_type {
        Some(content_type) => fields.insert(header::CONTENT_TYPE, content_type.clone()),
        None => fields.remove(header::CONTENT_TYPE),
    };
    fields
}

fn facts_of(provider: &Provider) -> ProviderFacts<'_> {
    provider.proxy.retry.as_ref().map_or_else(ProviderFacts::default, |retry| ProviderFacts {
        at: &retry.at,
        after: &retry.after,
        remaining: retry.remaining.as_deref(),
        error_codes: retry.error_code.as_deref(),
        in_body: retry.in_body.as_ref(),
    })
}
