//! The key that an environment's webhooks are signed with.

use dovetail_model::{Actor, EnvironmentId, Secret};
use dovetail_store::signing_keys;

use crate::state::AppState;
use crate::wire::ApiResult;

/// Puts a new signing key in force and answers it. The old one signs along for a while.
pub async fn rotate(app: &AppState, _by: &Actor, environment: EnvironmentId) -> ApiResult<Secret> {
    let mut tx = app.store.begin().await?;
    let made = signing_keys::rotate(&mut tx, environment).await?;
    tx.commit().await?;
    Ok(made.key)
}
