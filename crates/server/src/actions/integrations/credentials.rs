//! The product's client at the service, checked against the provider's auth mode.

use dovetail_catalog::Provider;
use dovetail_model::{AuthMode, IntegrationClient, Secret};

use super::Credentials;
use crate::wire::{ApiError, ApiResult};

/// The client of a new integration.
pub(super) fn accept(provider: &Provider, submitted: Option<Credentials>) -> ApiResult<IntegrationClient> {
    let Some(submitted) = submitted else {
        return if needs_client(provider.auth_mode()) {
            Err(ApiError::invalid_body(format!("{} needs credentials of its app.", provider.display_name)))
        } else {
            Ok(IntegrationClient::None)
        };
    };
    check_mode(provider, submitted.mode)?;
    Ok(with_default_scopes(provider, submitted.client))
}

/// Replaces the client of an integration. Absent scopes and an absent webhook secret keep the stored ones, an empty
/// webhook secret removes it.
pub(super) fn replace(
    provider: &Provider,
    stored: &mut IntegrationClient,
    submitted: Credentials,
) -> ApiResult<()> {
    check_mode(provider, submitted.mode)?;
    let mut client = submitted.client;
    if let IntegrationClient::Oauth { scopes, webhook_secret, .. } = &mut client {
        if let IntegrationClient::Oauth { scopes: kept_scopes, webhook_secret: kept_secret, .. } = &*stored {
            *scopes = scopes.take().or_else(|| kept_scopes.clone());
            *webhook_secret = webhook_secret.take().or_else(|| kept_secret.clone());
        }
        *webhook_secret = webhook_secret.take().filter(|secret: &Secret| !secret.is_empty());
    }
    *stored = with_default_scopes(provider, client);
    Ok(())
}

fn needs_client(mode: AuthMode) -> bool {
    matches!(mode, AuthMode::Oauth1 | AuthMode::Oauth2 | AuthMode::App | AuthMode::Custom)
}

fn check_mode(provider: &Provider, submitted: AuthMode) -> ApiResult<()> {
    let wanted = provider.auth_mode();
    if submitted == wanted {
        return Ok(());
    }
    let name = &provider.display_name;
    Err(ApiError::invalid_body(format!(
        "Credentials of the type {} do not fit {name}, whose auth mode is {}.",
        submitted.as_str(),
        wanted.as_str()
    )))
}

fn with_default_scopes(provider: &Provider, client: IntegrationClient) -> IntegrationClient {
    match client {
        IntegrationClient::Oauth { client_id, client_secret, scopes: None, webhook_secret }
            if !provider.default_scopes.is_empty() =>
        {
            let scopes = Some(provider.default_scopes.join(","));
            IntegrationClient::Oauth { client_id, client_secret, scopes, webhook_secret }
        }
        client => client,
    }
}
