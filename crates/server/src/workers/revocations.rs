//! Tells services that connections were deleted.

use dovetail_store::{StoreError, revocations};
use futures_util::StreamExt as _;
use futures_util::stream;
use tokio_util::sync::CancellationToken;

use crate::actions::revoke_connection::tell;
use crate::best_effort::CanFail as _;
use crate::limits::{REVOCATION_BATCH, REVOCATION_CLAIM, REVOCATION_POLL};
use crate::state::AppState;

/// Tells at every interval, until `stop`. Replicas never take the same one at once.
pub(super) async fn run(app: AppState, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(REVOCATION_POLL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {
                round(&app).await.can_fail("telling services of deleted connections");
            }
        }
    }
}

async fn round(app: &AppState) -> Result<(), StoreError> {
    let mut db = app.store.read().await?;
    if !revocations::any_due(&mut db).await? {
        return Ok(());
    }
    drop(db);
    let mut tx = app.store.begin().await?;
    let due = revocations::claim_due(&mut tx, REVOCATION_BATCH as i64, REVOCATION_CLAIM).await?;
    tx.commit().await?;
    stream::iter(due)
        .for_each_concurrent(REVOCATION_BATCH, |revocation| async move {
            tell(app, revocation).await.can_fail("telling a service of a deleted connection");
        })
        .await;
    Ok(())
}
