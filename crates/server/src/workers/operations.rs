//! Ends operations that nobody ends any more, and sees the activity log through to its last entry.

use dovetail_store::{StoreError, operations};
use tokio_util::sync::CancellationToken;

use crate::best_effort::CanFail as _;
use crate::limits::OPERATION_EXPIRY_INTERVAL;
use crate::state::AppState;

/// Ends overdue operations at every interval; at the end, writes down what the log still holds. Replicas may do it at
/// once: an operation ends only once.
pub(super) async fn run(app: AppState, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(OPERATION_EXPIRY_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => {}
            _ = ticks.tick() => {
                expire(&app).await.can_fail("ending overdue operations");
            }
        }
    }
    app.activity.flush().await;
}

async fn expire(app: &AppState) -> Result<u64, StoreError> {
    let mut tx = app.store.begin().await?;
    let count = operations::expire(&mut tx).await?;
    tx.commit().await?;
    Ok(count)
}
