//! Renews credentials before they are needed: what the plan says is due, spread over time and providers.

use std::collections::HashMap;

use dovetail_connect::limits::BACKGROUND_BUDGET;
use dovetail_store::connections::{self, Due};
use dovetail_store::{Db as _, StoreError};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::limits::{REFRESH_BATCH, REFRESH_CLAIM, REFRESH_POLL, REFRESHES_AT_ONCE};
use crate::state::AppState;

/// Renews until `stop`; then waits for the refreshes that have asked a provider, of readers as well.
pub(super) async fn run(app: AppState, stop: CancellationToken) {
    let mut running = Running::default();
    let mut next = Instant::now();
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = running.tasks.join_next(), if !running.tasks.is_empty() => {
                // The plan is looked at when there is room that was missing before, not after every refresh.
                if !running.ended(ended) {
                    continue;
                }
            }
            () = tokio::time::sleep_until(next) => {}
        }
        app.metrics.refreshes_under_way.set(running.tasks.len() as i64);
        next = match running.fill(&app).await {
            // A full batch: there is more.
            Ok(REFRESH_BATCH) => Instant::now(),
            Ok(_) => Instant::now() + REFRESH_POLL,
            Err(error) => {
                tracing::warn!(%error, "due refreshes could not be read; the next round tries again");
                Instant::now() + REFRESH_POLL
            }
        };
        if !running.has_room() {
            next = Instant::now() + REFRESH_POLL;
        }
    }
    app.refresher.settle().await;
}

/// Planned refreshes under way.
#[derive(Default)]
struct Running {
    tasks: JoinSet<String>,
    /// How many of each provider.
    providers: HashMap<String, usize>,
}

impl Running {
    /// Takes due connections as long as there is room. A provider whose share is used up is passed over, so that one
    /// that answers slowly does not hold up the others.
    async fn fill(&mut self, app: &AppState) -> Result<usize, StoreError> {
        if !self.has_room() {
            return Ok(0);
        }
        let busy: Vec<&str> = self
            .providers
            .iter()
            .filter(|(_, count)| **count >= BACKGROUND_BUDGET)
            .map(|(provider, _)| provider.as_str())
            .collect();
        let mut db = app.store.read().await?;
        let now = db.now();
        if !connections::any_due(&mut db, now, &busy).await? {
            return Ok(0);
        }
        drop(db);
        let mut tx = app.store.begin().await?;
        let due = connections::claim_due(&mut tx, REFRESH_BATCH as i64, REFRESH_CLAIM, &busy).await?;
        tx.commit().await?;
        let claimed = due.len();
        for due in due {
            self.begin(app, due);
        }
        Ok(claimed)
    }

    fn begin(&mut self, app: &AppState, due: Due) {
        *self.providers.entry(due.provider.clone()).or_default() += 1;
        let refresher = app.refresher.clone();
        self.tasks.spawn(async move {
            let Due { environment, id, version, provider } = due;
            if let Err(error) = refresher.renew_planned(&provider, environment, id, version).await {
                tracing::debug!(connection.row = %id, %error, "a planned refresh came to nothing");
            }
            provider
        });
    }

    /// Whether a whole batch fits.
    fn has_room(&self) -> bool {
        self.tasks.len() + REFRESH_BATCH <= REFRESHES_AT_ONCE
    }

    /// Counts one less. True when that makes room which was missing: for its provider, or for a batch.
    fn ended(&mut self, ended: Result<String, tokio::task::JoinError>) -> bool {
        let room_again = self.tasks.len() + REFRESH_BATCH == REFRESHES_AT_ONCE;
        match ended {
            Ok(provider) => {
                let Some(count) = self.providers.get_mut(&provider) else { return true };
                *count -= 1;
                let left = *count;
                if left == 0 {
                    self.providers.remove(&provider);
                }
                room_again || left + 1 == BACKGROUND_BUDGET
            }
            Err(error) => {
                // Its provider is unknown now: count anew from what is left is not possible, so forget the counts.
                tracing::error!(%error, "a planned refresh broke off");
                self.providers.clear();
                true
            }
        }
    }
}
