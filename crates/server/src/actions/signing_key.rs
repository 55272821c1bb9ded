//! The key that an environment's webhooks are signed with.

use dovetail_model::{Actor, EnvironmentId, Secret};
use dovetail_store::signing_keys;

use super::audit::{self, Deed};
use crate::state::AppState;
use crate::wire::ApiResult;

/// Puts a new signing key in force and answers it. The old one signs along for a while.
pub async fn rotate(app: &AppState, by: &Actor, environment: EnvironmentId) -> ApiResult<Secret> {
    let mut tx = app.store.begin().await?;
    let made = signing_keys::rotate(&mut tx, environment).await?;
    let deed = Deed {
        by,
        environment: Some(environment),
        resource: "environment",
        action: "webhook_signing_key_rotated",
        id: environment.to_string(),
        display: String::new(),
        fields: Vec::new(),
    };
    audit::record(&mut tx, deed).await?;
    tx.commit().await?;
    Ok(made.key)
}
