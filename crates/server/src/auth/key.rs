//! API keys.

use std::sync::Arc;

use dovetail_model::names::is_uuid_v4;
use dovetail_model::{Actor, ApiKeyId, Environment, Scopes, Secret, Timestamp};
use dovetail_store::environments;

use super::key_cache::Fingerprint;
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
    pub(super) scopes: Arc<Scopes>,
    pub(super) actor: Actor,
    /// The key's row; `None` for a key of the operator.
    id: Option<ApiKeyId>,
    /// When the key was last used, as of the look-up.
    last_used_at: Option<Timestamp>,
}

/// The holder of the key in the `Authorization` header.
pub(super) async fn resolve(head: &Head) -> ApiResult<Arc<KeyHolder>> {
    let key = token::from_header(&head.headers).map_err(|code| unauthenticated(head, code))?;
    if !is_uuid_v4(key.expose()) {
        let is_sandbox = key.expose().starts_with(SANDBOX_PREFIX);
        let code = if is_sandbox { ErrorCode::UnknownAccount } else { ErrorCode::InvalidSecretKeyFormat };
        return Err(unauthenticated(head, code));
    }
    let fingerprint = Fingerprint::of(&key);
    let holder = match head.app.keys.get(fingerprint, head.app.now()) {
        Ok(holder) => holder,
        Err(generation) => {
            let found = look_up(head, &key).await?;
            let holder = Arc::new(found.ok_or_else(|| unauthenticated(head, ErrorCode::UnknownAccount))?);
            head.app.keys.put(fingerprint, Arc::clone(&holder), generation, head.app.now());
            holder
        }
    };
    if let Some(id) = holder.id {
        head.app.store.touch_api_key(id, holder.last_used_at);
    }
    Ok(holder)
}

async fn look_up(head: &Head, key: &Secret) -> ApiResult<Option<KeyHolder>> {
    match operator_key(head, key) {
        Some(environment) => by_operator_key(head, environment).await,
        None => by_stored_key(head, key).await,
    }
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
        scopes: Arc::new(Scopes::full_environment()),
        id: None,
        last_used_at: None,
    }))
}

async fn by_stored_key(head: &Head, secret: &Secret) -> ApiResult<Option<KeyHolder>> {
    let Some(key) = head.app.store.cached_api_key(secret).await? else { return Ok(None) };
    let environment = match key.environment {
        None => None,
        Some(id) => match head.app.store.cached_environment(id).await? {
            // The environment was deleted, and its keys with it.
            None => return Ok(None),
            Some(environment) => Some(environment),
        },
    };
    Ok(Some(KeyHolder {
        environment,
        scopes: Arc::new(key.scopes.clone()),
        actor: Actor::ApiKey { id: key.id.0, display: key.name.clone() },
        id: Some(key.id),
        last_used_at: key.last_used_at,
    }))
}
