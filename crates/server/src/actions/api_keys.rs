//! API keys of an environment.

use dovetail_model::{Actor, ApiKeyId, EnvironmentId, Scopes};
use dovetail_store::api_keys::{self, CreateError, Created};
use dovetail_store::environments;

use super::audit::{self, Deed};
use crate::state::AppState;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// Makes a key. The answer holds its text, which is shown only now.
///
/// Errors: `not_found` (environment), `conflict` (name taken), `resource_capped` (too many keys).
pub async fn create(
    app: &AppState,
    by: &Actor,
    environment: EnvironmentId,
    name: &str,
    scopes: Scopes,
) -> ApiResult<Created> {
    let mut tx = app.store.begin().await?;
    environments::get(&mut tx, environment)
        .await?
        .ok_or_else(|| ApiError::not_found("The environment does not exist."))?;
    let made = api_keys::create(&mut tx, Some(environment), name, &scopes).await.map_err(refuse)?;
    audit::record(&mut tx, deed(by, environment, "created", made.key.id, made.key.name.clone())).await?;
    tx.commit().await?;
    Ok(made)
}

/// Deletes a key; it stops working at once.
///
/// Errors: `not_found` (environment or key).
pub async fn delete(app: &AppState, by: &Actor, environment: EnvironmentId, key: ApiKeyId) -> ApiResult<()> {
    let mut tx = app.store.begin().await?;
    let missing = || ApiError::not_found("The API key does not exist in this environment.");
    let known = api_keys::list(&mut tx, Some(environment)).await?;
    let name = known.into_iter().find(|known| known.id == key).ok_or_else(missing)?.name;
    if !api_keys::delete(&mut tx, Some(environment), key).await? {
        return Err(missing());
    }
    audit::record(&mut tx, deed(by, environment, "deleted", key, name)).await?;
    Ok(tx.commit().await?)
}

fn deed<'a>(
    by: &'a Actor,
    environment: EnvironmentId,
    action: &'static str,
    key: ApiKeyId,
    display: String,
) -> Deed<'a> {
    Deed {
        by,
        environment: Some(environment),
        resource: "api_key",
        action,
        id: key.to_string(),
        display,
        fields: Vec::new(),
    }
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
