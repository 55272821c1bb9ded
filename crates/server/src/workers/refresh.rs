//! Renews credentials before they are needed: what the plan says is due, spread over time and providers.

use std::collections::HashMap;
use std::time::Duration;

use dovetail_connect::limits::BACKGROUND_BUDGET;
use dovetail_store::connections::{self, Due};
use dovetail_store::{Db as _, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::limits::{REFRESH_BATCH, REFRESH_CLAIM, REFRESH_POLL, REFRESHES_AT_ONCE};
use crate::state::AppState;

/// Renews until `stop`; then waits for the refreshes that have asked a provider, of readers as well.
pub(super) async fn run(app: AppState, stop: CancellationToken) {
    let mut running = Running::default();
    let mut wait = Duration::ZERO;
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = running.tasks.join_next(), if !running.tasks.is_empty() => running.ended(ended),
            () = tokio::time::sleep(wait) => {}
        }
        app.metrics.refreshes_under_way.set(running.tasks.len() as i64);
        wait = match running.fill(&app).await {
            // A full batch: there is more.
            Ok(claimed) if claimed == REFRESH_BATCH => Duration::ZERO,
            Ok(_) => REFRESH_POLL,
            Err(error) => {
                tracing::warn!(%error, "due refreshes could not be read; the next round tries again");
                REFRESH_POLL
            }
        };
        if running.tasks.len() >= REFRESHES_AT_ONCE {
            wait = REFRESH_POLL;
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
        let room = REFRESHES_AT_ONCE.saturating_sub(self.tasks.len()).min(REFRESH_BATCH);
        if room < REFRESH_BATCH {
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
        let due = connections::claim_due(&mut tx, room as i64, REFRESH_CLAIM, &busy).await?;
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

    fn ended(&mut self, ended: Result<String, tokio::task::JoinError>) {
        match ended {
            Ok(provider) => {
                if let Some(count) = self.providers.get_mut(&provider) {
                    *count -= 1;
                    if *count == 0 {
                        self.providers.remove(&provider);
                    }
                }
            }
            Err(error) => {
                // Its provider is unknown now: count anew from what is left is not possible, so forget the counts.
                tracing::error!(%error, "a planned refresh broke off");
                self.providers.clear();
            }
        }
    }
}
