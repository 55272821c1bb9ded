//! A definition as a whole.

use std::ops::Deref;

use dovetail_model::AuthMode;
use serde::Deserialize;
use serde_json::Value;

use super::{
    auth_parts::{
        AdditionalStep, Assertion, AuthType, AuthorizationMethod, BodyFormat, ClientRegistration,
        ExpiresInUnit, Installation, RequestMethod, Signature, SignatureMethod, SkipEncode, TokenJwt,
        TokenRequestAuth, TokenResponse, TokenUrl,
    },
    field::FieldRule,
    proxy::ProxyBlock,
    token_client::TokenClient,
};
use crate::{
    ordered_map::OrderedMap,
    source::Text,
    template::{HostUse, Template, Tree},
};

/// Every key a definition may have (providers.md section 2). Unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the keys are described, one by one, in providers.md section 2")]
pub struct Definition {
    pub display_name: String,
    /// Only in unresolved definitions.
    pub(crate) alias: Option<String>,
    #[serde(default)]
    pub categories: Vec<String>,
    #[serde(rename = "auth_mode")]
    pub(crate) declared_auth_mode: Option<AuthMode>,
    pub docs: String,
    pub docs_connect: Option<String>,
    pub setup_guide_url: Option<String>,
    pub installation: Option<Installation>,
    pub auth_type: Option<AuthType>,

    pub authorization_url: Option<Template>,
    #[serde(default)]
    pub authorization_params: OrderedMap<Tree>,
    #[serde(default)]
    pub authorization_url_skip_encode: Vec<SkipEncode>,
    #[serde(default)]
    pub authorization_url_skip_empty: bool,
    #[serde(default)]
    pub authorization_url_replacements: OrderedMap<String>,
    pub authorization_url_fragment: Option<String>,
    /// Of our own: where the parameters of the authorization are sent beforehand (RFC 9126).
    pub pushed_authorization_request_url: Option<Template>,
    pub authorization_method: Option<AuthorizationMethod>,
    pub authorization_code_param_in_callback: Option<String>,
    pub authorization_code_param_in_webhook: Option<String>,
    pub alternate_access_token_response_path: Option<String>,
    #[serde(default)]
    pub disable_pkce: bool,
    pub scope_separator: Option<String>,
    #[serde(default)]
    pub default_scopes: Vec<String>,
    pub token_url: Option<TokenUrl>,
    #[serde(default)]
    pub token_url_skip_encode: Vec<SkipEncode>,
    #[serde(default)]
    pub token_params: OrderedMap<Tree>,
    /// `None` when absent: then `token_params` stand in (7.4).
    pub refresh_params: Option<OrderedMap<Tree>>,
    pub refresh_url: Option<Template>,
    /// Of our own: where tokens are revoked when a connection is deleted (RFC 7009).
    pub revocation_url: Option<Template>,
    /// Of our own: where the service tells how long an access token lives (RFC 7662), when the token response does
    /// not say.
    pub introspection_url: Option<Template>,
    /// Of our own: how the token endpoint departs from RFC 6749.
    pub token_client: Option<TokenClient>,
    pub body_format: Option<BodyFormat>,
    pub token_request_auth_method: Option<TokenRequestAuth>,
    pub expires_in_unit: Option<ExpiresInUnit>,
    /// Seconds.
    pub token_expiration_buffer: Option<u64>,
    #[serde(default)]
    pub require_client_certificate: bool,
    pub request_url: Option<Template>,
    #[serde(default)]
    pub request_params: OrderedMap<Tree>,
    pub request_http_method: Option<RequestMethod>,
    pub token_http_method: Option<RequestMethod>,
    pub signature_method: Option<SignatureMethod>,
    pub client_registration: Option<ClientRegistration>,
    pub registration_url: Option<Template>,
    #[serde(default)]
    pub registration_params: OrderedMap<Vec<String>>,
    /// Not read by anything.
    pub auth: Option<Value>,
    /// Not read by anything.
    pub decode_url: Option<bool>,
    #[serde(default)]
    pub refresh_token_response_metadata: Vec<String>,

    #[serde(default)]
    pub token_headers: OrderedMap<Template>,
    pub token_request_method: Option<RequestMethod>,
    pub token_response: Option<TokenResponse>,
    pub token_expires_in_ms: Option<i64>,
    #[serde(default)]
    pub token_response_headers: Vec<String>,
    pub refresh_token_params: Option<OrderedMap<Tree>>,
    pub refresh_token_headers: Option<OrderedMap<Template>>,
    #[serde(default)]
    pub additional_steps: Vec<AdditionalStep>,
    pub assertion: Option<Assertion>,
    pub signature: Option<Signature>,
    pub token: Option<TokenJwt>,

    #[serde(default)]
    pub proxy: ProxyBlock,
    #[serde(default)]
    pub connection_config: OrderedMap<FieldRule>,
    #[serde(default)]
    pub credentials: OrderedMap<FieldRule>,
    #[serde(default)]
    pub integration_config: OrderedMap<FieldRule>,
    #[serde(default)]
    pub assertion_option: OrderedMap<FieldRule>,
    #[serde(default)]
    pub redirect_uri_metadata: Vec<String>,
    #[serde(default)]
    pub token_response_metadata: Vec<String>,
    #[serde(default)]
    pub webhook_response_metadata: Vec<String>,
    #[serde(default)]
    pub connection_configuration: Vec<String>,
    pub(crate) webhook_routing_script: Option<String>,
    #[serde(default)]
    pub webhook_user_defined_secret: bool,
    #[serde(default)]
    pub webhook_allowed_query_params: Vec<String>,
    pub(crate) post_connection_script: Option<String>,
    pub(crate) pre_connection_creation_script: Option<String>,
    pub(crate) pre_connection_deletion_script: Option<String>,
    pub(crate) credentials_verification_script: Option<String>,
}

/// One provider of the catalogue, aliases resolved. Dereferences to its [`Definition`].
#[derive(Debug, Clone)]
pub struct Provider {
    id: String,
    auth_mode: AuthMode,
    definition: Definition,
    json: Text,
}

/// Name of a script; an empty one means none (providers.md section 1).
fn script(name: Option<&String>) -> Option<&str> {
    name.map(String::as_str).filter(|name| !name.is_empty())
}

impl Provider {
    /// Puts the resolved parts together. `json` is the resolved definition as it came.
    pub(crate) fn new(id: String, definition: Definition, json: Text) -> Option<Self> {
        Some(Self { id, auth_mode: definition.declared_auth_mode?, definition, json })
    }

    /// The id: `coda`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How accounts are linked.
    pub fn auth_mode(&self) -> AuthMode {
        self.auth_mode
    }

    /// The resolved definition as JSON text, as the wire answers it: keys in file order, `alias` removed.
    pub fn json(&self) -> &str {
        self.json.as_str()
    }

    /// Handler of webhooks from the service, if any (section 9).
    pub fn webhook_routing(&self) -> Option<&str> {
        script(self.webhook_routing_script.as_ref())
    }

    /// Routine that confirms an installation before a connection is stored; the reference knows the key and does not
    /// use it.
    pub fn pre_connection_creation(&self) -> Option<&str> {
        script(self.pre_connection_creation_script.as_ref())
    }

    /// Script run after a connection is stored (section 10).
    pub fn post_connection(&self) -> Option<&str> {
        script(self.post_connection_script.as_ref())
    }

    /// Script run before a connection is deleted (section 10).
    pub fn pre_connection_deletion(&self) -> Option<&str> {
        script(self.pre_connection_deletion_script.as_ref())
    }

    /// Script that checks credentials instead of `proxy.verification` (section 10).
    pub fn credentials_verification(&self) -> Option<&str> {
        script(self.credentials_verification_script.as_ref())
    }

    /// Whether a connection-config value is sealed at rest.
    pub fn is_secret_config(&self, name: &str) -> bool {
        self.connection_config.get(name).is_some_and(|rule| rule.secret)
    }

    /// Connection-config values that land in the host of a URL we call (4.6).
    pub fn host_uses(&self) -> Vec<HostUse<'_>> {
        let token_urls: Vec<&Template> = match &self.token_url {
            Some(TokenUrl::One(template)) => vec![template],
            Some(TokenUrl::ByMode(by_mode)) => by_mode.iter().map(|(_, template)| template).collect(),
            None => Vec::new(),
        };
        let mut uses: Vec<HostUse<'_>> = [
            &self.authorization_url,
            &self.pushed_authorization_request_url,
            &self.refresh_url,
            &self.revocation_url,
            &self.introspection_url,
            &self.request_url,
            &self.proxy.base_url,
        ]
        .into_iter()
        .flatten()
        .chain(token_urls)
        .chain(
            self.proxy.verification.iter().filter_map(|verification| verification.base_url_override.as_ref()),
        )
        .flat_map(Template::host_uses)
        .collect();
        uses.sort_unstable();
        uses.dedup();
        uses
    }
}

impl Deref for Provider {
    type Target = Definition;

    fn deref(&self) -> &Definition {
        &self.definition
    }
}
