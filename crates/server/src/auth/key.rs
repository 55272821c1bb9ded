//! API keys.

use dovetail_model::names::is_uuid_v4;
use dovetail_model::{Actor, ApiKey, Environment, Scopes, Secret};
use dovetail_store::{api_keys, environments};

use super::refusal::unauthenticated;
use super::token;
use crate::best_effort::CanFail as _;
use crate::call::Head;
use crate::limits::KEY_TOUCH_INTERVAL;
use crate::wire::{ApiResult, ErrorCode};

/// Tokens of sandboxed functions begin like this. They are not issued yet, so none is known.
const SANDBOX_PREFIX: &str = "nango_sbx_v1_";

/// The holder of an API key.
#[derive(Clone, Debug)]
pub(super) struct KeyHolder {
    /// The environment the key is bound to; `None` for a key of the account.
    pub(super) environment: Option<Environment>,
    pub(super) scopes: Scopes,
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
        Some(environment) => by_operator_key(head, environment).await?,
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
        environment: Some(environment),
        scopes: Scopes::full_environment(),
    }))
}

async fn by_stored_key(head: &Head, secret: &Secret) -> ApiResult<Option<KeyHolder>> {
    let mut db = head.app.store.read().await?;
    let Some(key) = api_keys::lookup(&mut db, secret).await? else { return Ok(None) };
    let environment = match key.environment {
        None => None,
        Some(id) => match environments::get(&mut db, id).await? {
            // The environment was deleted, and its keys with it.
            None => return Ok(None),
            found => found,
        },
    };
    drop(db);
    touch(head, &key).await;
    Ok(Some(KeyHolder {
        environment,
        scopes: key.scopes,
        actor: Actor::ApiKey { id: key.id.0, display: key.name },
    }))
}

/// Notes that the key was used, at most once an interval.
async fn touch(head: &Head, key: &ApiKey) {
    let now = head.app.now();
    if key.last_used_at.is_some_and(|last| now.since(last) < KEY_TOUCH_INTERVAL) {
        return;
    }
    let write = async {
        let mut tx = head.app.store.begin().await?;
        api_keys::touch(&mut tx, key.id).await?;
        tx.commit().await
    };
    write.await.can_fail("noting that an API key was used");
}
