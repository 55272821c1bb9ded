//! Removes rows whose time is over: sessions, operations, delivered webhooks.

use dovetail_store::purge;
use tokio_util::sync::CancellationToken;

use crate::limits::PURGE_INTERVAL;
use crate::state::AppState;

/// Purges at start and then at every interval. Replicas may purge at once: each statement is idempotent.
pub(super) async fn run(app: AppState, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(PURGE_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => match purge::run(&app.store).await {
                Ok(purged) => tracing::debug!(?purged, "expired rows were removed"),
                Err(error) => tracing::error!(%error, "expired rows were not removed; the next round tries again"),
            },
        }
    }
}
