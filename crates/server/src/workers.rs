//! What runs beside the requests: one file a job.

mod idle_keys;
mod operations;
mod purge;
mod refresh;
mod revocations;
mod touches;
mod webhooks;

use tokio_util::sync::CancellationToken;

use crate::limits::OVERLAY_INTERVAL;
use crate::state::AppState;

/// Runs every job until `stop`, then until each has come to a good end.
pub async fn run(app: AppState, stop: CancellationToken) {
    tokio::join!(
        app.catalog.clone().watch(OVERLAY_INTERVAL, stop.clone()),
        idle_keys::run(app.clone(), stop.clone()),
        operations::run(app.clone(), stop.clone()),
        purge::run(app.clone(), stop.clone()),
        refresh::run(app.clone(), stop.clone()),
        revocations::run(app.clone(), stop.clone()),
        touches::run(app.clone(), stop.clone()),
        webhooks::run(app.clone(), stop.clone()),
    );
}
