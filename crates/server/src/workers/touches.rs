//! Writes down when keys and connections were last used.

use tokio_util::sync::CancellationToken;

use crate::best_effort::CanFail as _;
use crate::limits::TOUCH_FLUSH_INTERVAL;
use crate::state::AppState;

/// Writes the uses noted so far at every interval, and once more at the end.
pub(super) async fn run(app: AppState, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(TOUCH_FLUSH_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => {}
            _ = ticks.tick() => {}
        }
        app.store.flush_touches().await.can_fail("writing down uses of keys and connections");
    }
}
