//! Deleting a connection: for the API and for the dashboard.

use dovetail_model::{Actor, Environment};
use dovetail_store::{connections, integrations};

use super::connection_deed::on_connection;
use super::{audit, revoke_connection};
use crate::auth::Reach;
use crate::state::AppState;
use crate::wire::ApiResult;

/// Deletes a connection of an integration and wipes its credentials. False when there is no such connection within
/// reach.
pub async fn delete_connection(
    app: &AppState,
    environment: &Environment,
    by: &Actor,
    reach: &Reach,
    provider_config_key: &str,
    connection_id: &str,
) -> ApiResult<bool> {
    let mut tx = app.store.begin().await?;
    let found = connections::by_key(&mut tx, environment.id, provider_config_key, connection_id).await?;
    let Some(connection) = found else { return Ok(false) };
    let info = &connection.info;
    if !reach.has(info) {
        return Ok(false);
    }
    if !connections::delete(&mut tx, environment.id, info.id).await? {
        return Ok(false);
    }
    let integration = integrations::get(&mut tx, environment.id, info.integration).await?;
    if let Some(integration) = integration
        && let Some(operation) =
            revoke_connection::enqueue(app, &mut tx, by, &integration, &connection).await?
    {
        tracing::debug!(%operation, "the service is told of a deleted connection");
    }
    audit::record(&mut tx, on_connection(by, info, "deleted", Vec::new())).await?;
    tx.commit().await?;
    app.metrics.connections_deleted.increment([&info.provider]);
    Ok(true)
}
