//! Changing the metadata of connections: of all that are named, or of none.

use dovetail_model::Act;
use dovetail_store::connections::{self, MetadataChange};
use serde_json::{Map, Value};

use super::audit;
use super::connection_deed::on_metadata;
use crate::auth::Caller;
use crate::state::AppState;
use crate::wire::ApiResult;

/// Changes the connections `ids` of one integration. `Some` is the first id that it has no connection of; then nothing
/// was changed.
pub(crate) async fn set_metadata(
    app: &AppState,
    caller: &Caller,
    provider_config_key: &str,
    ids: &[String],
    metadata: &Map<String, Value>,
    change: MetadataChange,
) -> ApiResult<Option<String>> {
    let environment = caller.environment_id();
    caller.permits(Act::Integration { key: provider_config_key })?;
    let mut tx = app.store.begin().await?;
    if caller.reach.limits().is_some() {
        for id in ids {
            let found = connections::by_key(&mut tx, environment, provider_config_key, id).await?;
            if !found.is_some_and(|found| caller.reach.has(&found.info)) {
                return Ok(Some(id.clone()));
            }
        }
    }
    let missing =
        connections::set_metadata(&mut tx, environment, provider_config_key, ids, metadata, change).await?;
    if missing.is_some() {
        return Ok(missing);
    }
    for id in ids {
        audit::record(&mut tx, on_metadata(&caller.actor, environment, provider_config_key, id)).await?;
    }
    tx.commit().await?;
    Ok(None)
}
