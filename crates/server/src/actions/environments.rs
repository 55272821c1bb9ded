//! Environments.

use dovetail_model::{Actor, Environment, EnvironmentId};
use dovetail_store::environments::{self, Created, NewEnvironment};
use dovetail_store::integrations;

use super::audit::{self, Deed};
use super::revoke_connection;
use crate::state::AppState;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// The environment that always is a production one and cannot be deleted.
pub const PROD: &str = "prod";

/// Makes an environment with its full-access key, its webhook signing key and its settings.
///
/// Errors: `conflict` (name taken).
pub async fn create(app: &AppState, by: &Actor, new: NewEnvironment) -> ApiResult<Created> {
    let mut tx = app.store.begin().await?;
    let made = environments::create(&mut tx, new).await?;
    let made = made
        .ok_or_else(|| ApiError::new(ErrorCode::Conflict).message("An environment has this name already."))?;
    audit::record(&mut tx, deed(by, "created", &made.environment)).await?;
    tx.commit().await?;
    Ok(made)
}

/// Deletes an environment with all it holds; the services of its connections are told.
///
/// Errors: `not_found`, `cannot_delete_prod_environment`.
pub async fn delete(app: &AppState, by: &Actor, id: EnvironmentId) -> ApiResult<()> {
    let mut tx = app.store.begin().await?;
    let environment = environments::get(&mut tx, id)
        .await?
        .ok_or_else(|| ApiError::not_found("The environment does not exist."))?;
    if environment.name == PROD {
        return Err(ApiError::new(ErrorCode::CannotDeleteProdEnvironment));
    }
    for integration in integrations::list(&mut tx, id).await? {
        revoke_connection::enqueue_all(app, &mut tx, by, &integration).await?;
    }
    environments::delete(&mut tx, id).await?;
    audit::record(&mut tx, deed(by, "deleted", &environment)).await?;
    Ok(tx.commit().await?)
}

fn deed<'a>(by: &'a Actor, action: &'static str, environment: &Environment) -> Deed<'a> {
    Deed {
        by,
        environment: Some(environment.id),
        resource: "environment",
        action,
        id: environment.id.to_string(),
        display: environment.name.clone(),
        fields: Vec::new(),
    }
}
