//! What the routines of Microsoft share: a tenant's token endpoint, and tokens as they are kept in the configuration.

use dovetail_model::{Credentials, Integration, IntegrationClient};
use serde_json::{Map, Value};
use url::Url;

use crate::obtain::{ObtainError, Party};
use crate::token_request::{ClientAuth, TokenAnswer};

/// Whether a text can be a tenant: an id or a domain. It becomes part of a path.
pub(super) fn is_tenant(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && !text.starts_with('.')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
}

pub(super) fn token_url(tenant: &str) -> Result<Url, ObtainError> {
    Url::parse(&format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"))
        .map_err(|_| ObtainError::Unbuildable("the tenant makes no URL".to_owned()))
}

/// The client that the grant was given to: the end user's own, else the integration's.
pub(super) fn client<'a>(
    party: &Party<'a>,
    credentials: &'a Credentials,
) -> Result<ClientAuth<'a>, ObtainError> {
    if let Credentials::Oauth2(tokens) = credentials
        && let Some(own) = &tokens.config_override
        && let (Some(id), Some(secret)) = (&own.client_id, &own.client_secret)
    {
        return Ok(ClientAuth::Body { id, secret: secret.expose() });
    }
    of_integration(party.integration)
        .ok_or_else(|| ObtainError::Unbuildable("the integration has no client".to_owned()))
}

fn of_integration(integration: &Integration) -> Option<ClientAuth<'_>> {
    match &integration.secrets.client {
        IntegrationClient::Oauth { client_id, client_secret, .. } => {
            Some(ClientAuth::Body { id: client_id, secret: client_secret.expose() })
        }
        _ => None,
    }
}

/// `{access_token, expires_in, expires_at, refresh_token?}`; `expires_at` in epoch milliseconds, as clients of the
/// reference read it.
pub(super) fn token(party: &Party<'_>, answer: &TokenAnswer) -> Result<Value, ObtainError> {
    if let Some(refusal) = answer.refusal() {
        return Err(refusal);
    }
    let object = answer.object()?;
    let token =
        object.get("access_token").filter(|token| token.as_str().is_some_and(|text| !text.is_empty()));
    let token = token.ok_or_else(|| ObtainError::Unreadable("it holds no `access_token`".to_owned()))?;
    let mut kept = Map::new();
    kept.insert("access_token".to_owned(), token.clone());
    if let Some(seconds) = object.get("expires_in").and_then(Value::as_i64) {
        kept.insert("expires_in".to_owned(), Value::from(seconds));
        let at = party.now.millis().saturating_add(seconds.saturating_mul(1_000));
        kept.insert("expires_at".to_owned(), Value::from(at));
    }
    if let Some(refresh) = object.get("refresh_token").filter(|token| token.is_string()) {
        kept.insert("refresh_token".to_owned(), refresh.clone());
    }
    Ok(Value::Object(kept))
}
