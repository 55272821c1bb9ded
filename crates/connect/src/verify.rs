//! Tests credentials against their provider before they are kept (connect.md 5.3, providers.md section 6).
//!
//! The requests are built by the same code that the proxy uses, so what was tested is what is called later. They
//! go through the egress policy like every other request; a redirect is judged again at every hop.

pub(crate) mod detail;
mod outcome;

use dovetail_catalog::Provider;
use dovetail_catalog::outgoing::{self, ConnectionFacts, CredentialView, Request};
use dovetail_catalog::template::Moment;
use dovetail_egress::Client;
use dovetail_model::{AuthMode, Credentials, Integration, Random, Timestamp};
use http::StatusCode;
use serde_json::{Map, Value};
use tokio::time::timeout;

pub use crate::ask::Exchange;
pub use outcome::{Reason, TestFailure};

use crate::ask::{Asking, Reply};
use crate::integration_facts::IntegrationValues;
use crate::limits::{TEST_ANSWER_BYTES, TEST_DEADLINE, TEST_ENDPOINTS, TEST_TOTAL};
use crate::obtain::Party;
use crate::routines::checks;

/// Letters and digits of an OAuth 1 nonce, should the request be signed so.
pub(crate) const NONCE_CHARS: usize = 32;

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

impl<'a> Subject<'a> {
    fn party(self, egress: &'a Client, now: Timestamp, random: &'a dyn Random) -> Party<'a> {
        Party {
            egress,
            now,
            random,
            provider: self.provider,
            integration: self.integration,
            connection_id: self.connection_id,
            connection_config: self.connection_config,
        }
    }
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

/// Tests credentials: by the routine that the definition names, else by its requests in order, of which the first 2xx
/// passes.
pub async fn verify(egress: &Client, now: Timestamp, random: &dyn Random, subject: Subject<'_>) -> Report {
    let provider = subject.provider;
    let untested = Report { outcome: Ok(Verdict::Untested), exchanges: Vec::new() };
    if !is_tested(provider.auth_mode()) {
        return untested;
    }
    let mut asking = Asking::new(egress, provider, subject.credentials, subject.connection_config);
    let tried = match provider.credentials_verification() {
        Some(name) => {
            let Some(check) = checks::named(name) else {
                tracing::warn!(
                    provider = provider.id(),
                    script = name,
                    "there is no such verification routine"
                );
                return untested;
            };
            timeout(
                TEST_TOTAL,
                checks::run(check, subject.party(egress, now, random), subject.credentials, &mut asking),
            )
            .await
        }
        None => match requests(now, random, subject) {
            Ok(requests) if requests.is_empty() => return untested,
            Ok(requests) => timeout(TEST_TOTAL, try_all(subject, requests, &mut asking)).await,
            Err(error) => Ok(Err(failure(provider, Reason::NotBuildable, Some(error.to_string())))),
        },
    };
    let outcome = tried.unwrap_or_else(|_| Err(failure(provider, Reason::Timeout, None)));
    Report { outcome, exchanges: asking.exchanges }
}

async fn try_all(
    subject: Subject<'_>,
    requests: Vec<Request>,
    asking: &mut Asking<'_>,
) -> Result<Verdict, TestFailure> {
    let mut told: Option<TestFailure> = None;
    for request in requests.into_iter().take(TEST_ENDPOINTS) {
        let judged = match asking.ask(request, TEST_DEADLINE).await {
            Ok(reply) => judge(reply).await,
            Err(reason) => Err((reason, None)),
        };
        match judged {
            Ok(status) => return Ok(Verdict::Accepted { status }),
            Err((reason, detail)) => told = Some(more_telling(told, asking.blame(reason, detail))),
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

async fn judge(reply: Reply) -> Result<u16, (Reason, Option<String>)> {
    let status = reply.status();
    match Reason::of_status(status.as_u16()) {
        None if reply.at_home => Ok(status.as_u16()),
        None => Err((Reason::SentAway, None)),
        Some(reason) => {
            let detail = reply.words(TEST_ANSWER_BYTES).await.filter(|_| status != StatusCode::NOT_FOUND);
            Err((reason, detail))
        }
    }
}

fn failure(provider: &Provider, reason: Reason, detail: Option<String>) -> TestFailure {
    TestFailure { provider: provider.display_name.clone(), reason, detail }
}
