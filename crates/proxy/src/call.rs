//! What a call is made of, and who watches it.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use dovetail_catalog::Provider;
use dovetail_catalog::outgoing::{CredentialView, IntegrationFacts};
use dovetail_egress::Body;
use dovetail_model::{AuthMode, KeyLimits, Timestamp};
use http::{Method, StatusCode};
use serde_json::{Map, Value};

use crate::request_headers::CallerHeaders;

/// Whether calls of a provider may need values of the integration: its OAuth client, or the
/// fields that the definition declares. Callers save a look-up where they do not.
pub fn needs_integration(provider: &Provider) -> bool {
    let simple = matches!(provider.auth_mode(), AuthMode::ApiKey | AuthMode::Basic | AuthMode::None);
    !simple || !provider.integration_config.is_empty()
}

/// One call to forward.
#[derive(Debug)]
pub struct ProxyCall<'a> {
    /// The caller's method.
    pub method: Method,
    /// Path and query after `/proxy`, as the caller wrote them, beginning with `/`.
    pub endpoint: &'a str,
    /// The caller's fields.
    pub headers: CallerHeaders,
    /// The caller's body, as it comes in.
    pub body: Body,
    /// The caller's `Content-Length`, in bytes.
    pub content_length: Option<u64>,
    /// Whose account is used.
    pub target: Target<'a>,
    /// Limits of the caller's key, which every request with the credentials must keep to; none: there are none.
    pub limits: Option<&'a KeyLimits>,
}

/// The connection that a call uses.
pub struct Target<'a> {
    /// The definition; none if it is gone from the catalogue.
    pub provider: Option<&'a Provider>,
    /// The integration.
    pub integration: IntegrationFacts<'a>,
    /// The connection's id.
    pub connection_id: &'a str,
    /// Its connection config.
    pub connection_config: &'a Map<String, Value>,
    /// Its metadata.
    pub metadata: &'a Map<String, Value>,
    /// Its credentials, fresh.
    pub credentials: CredentialView,
    /// Renews the credentials after the provider refused them; none if they cannot be renewed.
    pub renew: Option<&'a dyn Renew>,
}

impl std::fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target")
            .field("provider", &self.provider.map(Provider::id))
            .field("connection_id", &self.connection_id)
            .finish_non_exhaustive()
    }
}

/// The answer of [`Renew`] to come: new credentials, none if there are none to have, or why it
/// failed in a sentence without secrets.
pub type RenewFuture<'a> = Pin<Box<dyn Future<Output = Result<Option<CredentialView>, String>> + Send + 'a>>;

/// Renews credentials that the provider answered 401 to, at most once a call.
pub trait Renew: Send + Sync {
    /// Gives credentials newer than `refused`.
    fn renew<'a>(&'a self, refused: &'a CredentialView) -> RenewFuture<'a>;
}

/// One attempt, for the operation's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// The first is 1.
    pub number: u32,
    /// The method that was sent.
    pub method: Method,
    /// The URL that was sent, the last where redirects were followed, without secrets. Empty if the attempt went well and the observer
    /// did not want to know ([`Observe::wants_routine`]).
    pub url: String,
    /// The provider's status; none if there was no answer.
    pub status: Option<StatusCode>,
    /// The fields that were sent, without secrets; empty if the attempt went well at once.
    pub request_headers: Map<String, Value>,
    /// The answer's fields, without secrets; empty if the attempt went well at once.
    pub response_headers: Map<String, Value>,
    /// Why there was no answer, for instance `ECONNREFUSED`.
    pub error: Option<&'static str>,
    /// When it began.
    pub started_at: Timestamp,
    /// How long until the head of the answer, or the failure.
    pub took: Duration,
    /// Another attempt follows, after this wait and for this reason.
    pub retry: Option<(Duration, String)>,
}

/// Watches the attempts of a call.
pub trait Observe: Send + Sync {
    /// An attempt ended.
    fn attempt(&self, record: AttemptRecord);

    /// Whether the URL of a call that went well at once is of interest: taking the secrets out
    /// of it has its price.
    fn wants_routine(&self) -> bool {
        true
    }
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observe for Unobserved {
    fn attempt(&self, _: AttemptRecord) {}
}
