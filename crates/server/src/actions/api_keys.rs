//! API keys of an environment.

use dovetail_model::{Actor, ApiKeyId, EnvironmentId, Scopes};
use dovetail_store::api_keys::{self, CreateError, Created};
use dovetail_store::environments;

use crate::state::AppState;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// Makes a key. The answer holds its text, which is shown only now.
///
/// Errors: `not_found` (environment), `conflict` (name taken), `resource_capped` (too many keys).
pub async fn create(
    app: &AppState,
    _by: &Actor,
    environment: EnvironmentId,
    name: &str,
    scopes: Scopes,
) -> ApiResult<Created> {
    let mut tx = app.store.begin().await?;
    environments::get(&mut tx, environment)
        .await?
        .ok_or_else(|| ApiError::not_found("The environment does not exist."))?;
    let made = api_keys::create(&mut tx, Some(environment), name, &scopes).await.map_err(refuse)?;
    tx.commit().await?;
    Ok(made)
}

/// Deletes a key; it stops working at once.
///
/// Errors: `not_found` (environment or key).
pub async fn delete(app: &AppState, _by: &Actor, environment: EnvironmentId, key: ApiKeyId) -> ApiResult<()> {
    let mut tx = app.store.begin().await?;
    if !api_keys::delete(&mut tx, Some(environment), key).await? {
        return Err(ApiError::not_found("The API key does not exist in this environment."));
    }
    Ok(tx.commit().await?)
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
