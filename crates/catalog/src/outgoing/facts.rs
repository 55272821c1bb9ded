//! What a request is built from.

use std::fmt;

use dovetail_model::Credentials;
use serde_json::{Map, Value};

use crate::{definition::Provider, template::Moment};

use super::body::CallBody;

/// The type of stored credentials, as far as authenticating a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the wire names of http-api.md 1.12")]
pub enum CredentialKind {
    Oauth2,
    Oauth1,
    Oauth2Cc,
    ApiKey,
    Basic,
    App,
    Custom,
    Tba,
    Jwt,
    TwoStep,
    Bill,
    Signature,
    AwsSigv4,
    None,
}

/// Credentials as names and values, the way templates see them.
#[derive(Clone, PartialEq)]
pub struct CredentialView {
    /// Their type.
    pub kind: CredentialKind,
    /// Their fields by wire name (`apiKey`, `username`, `access_token` …).
    pub fields: Map<String, Value>,
}

impl CredentialView {
    /// Credentials that authenticate nothing.
    pub fn none() -> Self {
        Self { kind: CredentialKind::None, fields: Map::new() }
    }

    /// A text field, if it is there and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The token that `${accessToken}` stands for: the access token, or the token of the other types.
    pub fn access_token(&self) -> Option<&str> {
        self.text("access_token").or_else(|| self.text("token"))
    }
}

impl fmt::Debug for CredentialView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialView").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl From<&Credentials> for CredentialView {
    fn from(credentials: &Credentials) -> Self {
        let kind = match credentials {
            Credentials::Oauth2(_) => CredentialKind::Oauth2,
            Credentials::Oauth1(_) => CredentialKind::Oauth1,
            Credentials::Oauth2Cc(_) => CredentialKind::Oauth2Cc,
            Credentials::ApiKey(_) => CredentialKind::ApiKey,
            Credentials::Basic(_) => CredentialKind::Basic,
            Credentials::App(_) => CredentialKind::App,
            Credentials::Custom(_) => CredentialKind::Custom,
            Credentials::Tba(_) => CredentialKind::Tba,
            Credentials::Jwt(_) => CredentialKind::Jwt,
            Credentials::TwoStep(_) => CredentialKind::TwoStep,
            Credentials::Bill(_) => CredentialKind::Bill,
            Credentials::Signature(_) => CredentialKind::Signature,
            Credentials::AwsSigv4(_) => CredentialKind::AwsSigv4,
            Credentials::None => CredentialKind::None,
        };
        let mut fields = match credentials.to_stored() {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        fields.shift_remove("type");
        Self { kind, fields }
    }
}

/// The connection a request is made for.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionFacts<'a> {
    /// The connection id.
    pub connection_id: &'a str,
    /// Its connection config.
    pub connection_config: &'a Map<String, Value>,
    /// Its metadata.
    pub metadata: &'a Map<String, Value>,
    /// Its credentials.
    pub credentials: &'a CredentialView,
}

/// The integration the connection belongs to.
#[derive(Clone, Copy)]
pub struct IntegrationFacts<'a> {
    /// OAuth client id.
    pub client_id: Option<&'a str>,
    /// OAuth client secret.
    pub client_secret: Option<&'a str>,
    /// Values of the definition's `integration_config`.
    pub custom: &'a Map<String, Value>,
}

impl fmt::Debug for IntegrationFacts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntegrationFacts").finish_non_exhaustive()
    }
}

/// One call to be made.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The definition. `None`: the connection's provider is gone from the catalogue.
    pub provider: Option<&'a Provider>,
    /// For whom.
    pub connection: ConnectionFacts<'a>,
    /// Through which integration.
    pub integration: IntegrationFacts<'a>,
    /// Method, upper case.
    pub method: &'a str,
    /// Path and query as the caller wrote them; may be an absolute URL below the base.
    pub endpoint: &'a str,
    /// The caller's base URL instead of the definition's.
    pub base_override: Option<&'a str>,
    /// The caller's headers, without prefix, names lower case.
    pub headers: &'a [(String, String)],
    /// The caller's body.
    pub body: CallBody<'a>,
    /// Instant, and the value of `${random}`.
    pub moment: &'a Moment,
    /// 32 letters and digits: the nonce of an OAuth 1 signature.
    pub nonce: &'a str,
}
