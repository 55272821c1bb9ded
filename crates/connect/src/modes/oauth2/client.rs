//! The client that asks for tokens.

use dovetail_catalog::{AuthorizationMethod, Provider, TokenRequestAuth};
use dovetail_model::{ClientOverride, Integration, IntegrationClient};
use serde_json::Value;

use super::{CLIENT_ID, CLIENT_SECRET};
use crate::flow::{FlowError, FlowErrorKind};
use crate::obtain::Party;
use crate::token_request::ClientAuth;
use crate::token_request::shape::Client;

/// Id and secret: the integration's, or the end user's own.
#[derive(Clone, Copy)]
pub(crate) struct OauthClient<'a> {
    /// The id.
    pub(crate) id: &'a str,
    /// The secret; empty for a public client.
    pub(crate) secret: &'a str,
    brought: bool,
}

impl std::fmt::Debug for OauthClient<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OauthClient").field("id", &self.id).finish_non_exhaustive()
    }
}

impl<'a> OauthClient<'a> {
    /// The integration's client, with what the connection's configuration brings in its place.
    pub(crate) fn of(party: &Party<'a>) -> Result<Self, FlowError> {
        let brought = |name: &str| {
            party.connection_config.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
        };
        Self::with(party.integration, brought(CLIENT_ID), brought(CLIENT_SECRET)).ok_or_else(|| {
            let message = "This integration has no client id and secret yet. Its owner has to add them.";
            FlowError::new(FlowErrorKind::Integration, message)
        })
    }

    /// A client that we registered.
    pub(crate) fn registered(id: &'a str, secret: &'a str) -> Self {
        Self { id, secret, brought: true }
    }

    /// The client that refreshes: that of the connection, when it has a whole one.
    pub(crate) fn renewing(integration: &'a Integration, own: Option<&'a ClientOverride>) -> Option<Self> {
        let own = own.and_then(|own| Some((own.client_id.as_deref()?, own.client_secret.as_ref()?.expose())));
        Self::with(integration, own.map(|(id, _)| id), own.map(|(_, secret)| secret))
    }

    fn with(integration: &'a Integration, id: Option<&'a str>, secret: Option<&'a str>) -> Option<Self> {
        let (own_id, own_secret) = match &integration.secrets.client {
            IntegrationClient::Oauth { client_id, client_secret, .. }
            | IntegrationClient::Custom { client_id, client_secret, .. } => {
                (Some(client_id.as_str()), Some(client_secret.expose()))
            }
            IntegrationClient::None | IntegrationClient::App { .. } => (None, None),
        };
        let id = id.or(own_id).filter(|id| !id.is_empty())?;
        Some(Self { id, secret: secret.or(own_secret)?, brought: secret.is_some() })
    }

    /// Id and secret.
    pub(crate) fn plain(&self) -> Client<'a> {
        Client { id: self.id, secret: self.secret }
    }

    /// Whether its secret is the integration's, and there is one to lose.
    pub(crate) fn is_owners(&self) -> bool {
        !self.brought && !self.secret.is_empty()
    }

    /// How it proves itself: one way per request (auth-modes.md 4.3).
    pub(crate) fn auth(self, provider: &Provider) -> ClientAuth<'a> {
        let Self { id, secret, .. } = self;
        if secret.is_empty() {
            return ClientAuth::Public { id };
        }
        match (provider.authorization_method, provider.token_request_auth_method) {
            (Some(AuthorizationMethod::Header), _) => ClientAuth::Header { id, secret },
            (_, Some(TokenRequestAuth::Basic)) => ClientAuth::Basic { id, secret },
            (_, Some(TokenRequestAuth::Custom)) => ClientAuth::UserPassword { id, secret },
            (_, Some(TokenRequestAuth::PrivateKeyJwt)) => ClientAuth::PrivateKeyJwt { id, key: secret },
            (Some(AuthorizationMethod::Body) | None, None) => ClientAuth::Body { id, secret },
        }
    }
}

/// The scopes of a connection as one text: those of its own, else the integration's.
pub(super) fn scope_list(party: &Party<'_>) -> String {
    let own = match party.connection_config.get("oauth_scopes_override") {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => split(text),
        _ => split(scopes(party.integration).unwrap_or_default()),
    };
    own.join(party.provider.scope_separator.as_deref().unwrap_or(" "))
}

fn split(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// Scopes of an integration, comma separated.
pub(super) fn scopes(integration: &Integration) -> Option<&str> {
    match &integration.secrets.client {
        IntegrationClient::Oauth { scopes, .. } => scopes.as_deref(),
        _ => None,
    }
}
