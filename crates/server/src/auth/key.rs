//! API keys.

use std::sync::Arc;

use dovetail_model::names::is_uuid_v4;
use dovetail_model::{Actor, ApiKeyId, Environment, KeyLimits, Scopes, Secret};
use dovetail_store::environments;

use super::refusal::unauthenticated;
use super::token;
use crate::call::Head;
use crate::wire::{ApiResult, ErrorCode};

/// Tokens of sandboxed functions begin like this. They are not issued yet, so none is known.
const SANDBOX_PREFIX: &str = "nango_sbx_v1_";

/// The holder of an API key.
#[derive(Debug)]
pub(super) struct KeyHolder {
    /// The environment the key is bound to; `None` for a key of the account.
    pub(super) environment: Option<Arc<Environment>>,
    /// The row of a key that has limits, and these.
    pub(super) limits: Option<(ApiKeyId, Arc<KeyLimits>)>,
    pub(super) scopes: Arc<Scopes>,
    pub(super) actor: Actor,
}

/// The holder of the key in the `Authorization` header.
pub(super) async fn resolve(head: &Head) -> ApiResult<KeyHolder> {
    let key = token::from_header(&head.headers).map_err(|code| unauthenticated(head, code))?;
    if !is_uuid_v4(key.expose()) {
        let is_sandbox = key.expose().starts_with(SANDBOX_PREFIX);
        let code = if is_sandbox { ErrorCode::UnknownAccount } else { ErrorCode::InvalidSecretKeyFormat };
        return Err(unauthenticated(head, code));
    }
    let holder = match operator_key(head, &key) {
        Some(environment) => Box::pin(by_operator_key(head, environment)).await?,
        None => by_stored_key(head, &key).await?,
    };
    holder.ok_or_else(|| unauthenticated(head, ErrorCode::UnknownAccount))
}

/// The environment that the operator gave this key to (`NANGO_SECRET_KEY_<ENV>`). Every key is compared, whether or
/// not one matched, so that the time tells nothing.
fn operator_key<'a>(head: &'a Head, key: &Secret) -> Option<&'a str> {
    let keys = &head.app.config.environment_keys;
    keys.iter().fold(
        None,
        |found, (environment, known)| if known == key { Some(environment.as_str()) } else { found },
    )
}

async fn by_operator_key(head: &Head, name: &str) -> ApiResult<Option<KeyHolder>> {
    let environment = environments::by_name(&mut head.app.store.read().await?, name).await?;
    Ok(environment.map(|environment| KeyHolder {
        actor: Actor::ApiKey { id: 0, display: format!("operator's key of {}", environment.name) },
        environment: Some(Arc::new(environment)),
        limits: None,
        scopes: Arc::new(Scopes::full_environment()),
    }))
}

async fn by_stored_key(head: &Head, secret: &Secret) -> ApiResult<Option<KeyHolder>> {
    let store = &head.app.store;
    let Some(key) = store.cached_api_key(secret).await? else { return Ok(None) };
    let environment = match key.environment {
        None => None,
        Some(id) => match store.cached_environment(id).await? {
            // The environment was deleted, and its keys with it.
            None => return Ok(None),
            found => found,
        },
    };
    let limits = key.limits.clone().map(|limits| (key.id, limits));
    if limits.as_ref().is_some_and(|(_, limits)| limits.is_expired(head.app.now())) {
        return Err(unauthenticated(head, ErrorCode::KeyExpired));
    }
    store.touch_api_key(key.id, key.last_used_at);
    Ok(Some(KeyHolder {
        environment,
        limits,
        scopes: Arc::new(key.scopes.clone()),
        actor: Actor::ApiKey { id: key.id.0, display: key.name.clone() },
    }))
}
