//! API keys of an environment, and of the account as a whole.

use dovetail_model::{Actor, ApiKeyId, EnvironmentId, KeyLimits, Scopes};
use dovetail_store::api_keys::{self, CreateError, Created};
use dovetail_store::environments;

use super::audit::{self, Deed};
use crate::state::AppState;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// What a key may do.
#[derive(Clone, Debug, Default)]
pub struct Rights {
    /// Which acts.
    pub scopes: Scopes,
    /// How far.
    pub limits: KeyLimits,
}

impl Rights {
    /// These scopes without limits.
    pub fn of(scopes: Scopes) -> Self {
        Self { scopes, limits: KeyLimits::default() }
    }
}

/// Makes a key. The answer holds its text, which is shown only now.
///
/// Errors: `not_found` (environment), `conflict` (name taken), `resource_capped` (too many keys).
pub async fn create(
    app: &AppState,
    by: &Actor,
    environment: EnvironmentId,
    name: &str,
    rights: Rights,
) -> ApiResult<Created> {
    let mut db = app.store.read().await?;
    environments::get(&mut db, environment)
        .await?
        .ok_or_else(|| ApiError::not_found("The environment does not exist."))?;
    drop(db);
    make(app, by, Some(environment), name, rights).await
}

/// As [`create`], for a key that belongs to no environment.
///
/// Errors: `conflict` (name taken), `resource_capped` (too many keys).
pub async fn create_for_account(
    app: &AppState,
    by: &Actor,
    name: &str,
    rights: Rights,
) -> ApiResult<Created> {
    make(app, by, None, name, rights).await
}

/// Changes what a key of an environment may do, from its next request on.
///
/// Errors: `not_found`.
pub async fn change(
    app: &AppState,
    by: &Actor,
    environment: EnvironmentId,
    key: ApiKeyId,
    rights: &Rights,
) -> ApiResult<()> {
    let missing = || ApiError::not_found("The API key does not exist in this environment.");
    let mut tx = app.store.begin().await?;
    let known = api_keys::list(&mut tx, Some(environment)).await?;
    let old = known.into_iter().find(|known| known.id == key).ok_or_else(missing)?;
    if !api_keys::set_rights(&mut tx, Some(environment), key, &rights.scopes, &rights.limits).await? {
        return Err(missing());
    }
    let mut fields = Vec::new();
    if old.scopes != rights.scopes {
        fields.push("scopes");
    }
    if old.limits.as_deref().cloned().unwrap_or_default() != rights.limits {
        fields.push("limits");
    }
    let deed = deed(by, Some(environment), "updated", key, old.name);
    audit::record(&mut tx, Deed { fields, ..deed }).await?;
    Ok(tx.commit().await?)
}

/// Deletes a key; it stops working at once.
///
/// Errors: `not_found` (environment or key).
pub async fn delete(app: &AppState, by: &Actor, environment: EnvironmentId, key: ApiKeyId) -> ApiResult<()> {
    let missing = || ApiError::not_found("The API key does not exist in this environment.");
    remove(app, by, Some(environment), key).await?.ok_or_else(missing)
}

/// As [`delete`], for a key of the account.
///
/// Errors: `not_found`.
pub async fn delete_of_account(app: &AppState, by: &Actor, key: ApiKeyId) -> ApiResult<()> {
    let missing = || ApiError::not_found("The account key does not exist.");
    remove(app, by, None, key).await?.ok_or_else(missing)
}

async fn make(
    app: &AppState,
    by: &Actor,
    environment: Option<EnvironmentId>,
    name: &str,
    rights: Rights,
) -> ApiResult<Created> {
    let mut tx = app.store.begin().await?;
    let made =
        api_keys::create(&mut tx, environment, name, &rights.scopes, &rights.limits).await.map_err(refuse)?;
    audit::record(&mut tx, deed(by, environment, "created", made.key.id, made.key.name.clone())).await?;
    tx.commit().await?;
    Ok(made)
}

/// `None` when there is no such key.
async fn remove(
    app: &AppState,
    by: &Actor,
    environment: Option<EnvironmentId>,
    key: ApiKeyId,
) -> ApiResult<Option<()>> {
    let mut tx = app.store.begin().await?;
    let known = api_keys::list(&mut tx, environment).await?;
    let Some(name) = known.into_iter().find(|known| known.id == key).map(|known| known.name) else {
        return Ok(None);
    };
    if !api_keys::delete(&mut tx, environment, key).await? {
        return Ok(None);
    }
    audit::record(&mut tx, deed(by, environment, "deleted", key, name)).await?;
    tx.commit().await?;
    Ok(Some(()))
}

fn deed<'a>(
    by: &'a Actor,
    environment: Option<EnvironmentId>,
    action: &'static str,
    key: ApiKeyId,
    display: String,
) -> Deed<'a> {
    Deed { by, environment, resource: "api_key", action, id: key.to_string(), display, fields: Vec::new() }
}

fn refuse(error: CreateError) -> ApiError {
    match error {
        CreateError::NameTaken => {
            ApiError::new(ErrorCode::Conflict).message("A key of this environment has this name already.")
        }
        CreateError::TooMany => ApiError::new(ErrorCode::ResourceCapped).message(format!(
            "An environment has at most {} API keys. Delete one first.",
            dovetail_store::limits::MAX_API_KEYS
        )),
        CreateError::Store(error) => error.into(),
    }
}
