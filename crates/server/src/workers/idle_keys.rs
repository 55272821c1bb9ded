//! Tests keys and passwords that nobody uses, once a day, so that a product hears of one that died before it needs it
//! (spec: auth-modes.md 21.7). What is in use is not tested: its calls tell.

use std::collections::HashMap;

use dovetail_connect::limits::IDLE_CHECK;
use dovetail_connect::link::next_check;
use dovetail_model::{Actor, CredentialState, Timestamp};
use dovetail_store::connections::{self, IdleDue};
use dovetail_store::{Db as _, StoreError};
use futures_util::StreamExt as _;
use futures_util::stream;
use tokio_util::sync::CancellationToken;

use crate::actions::check_connection::check_connection;
use crate::best_effort::CanFail as _;
use crate::limits::{IDLE_CHECK_BATCH, IDLE_CHECK_CLAIM, IDLE_CHECK_POLL, IDLE_CHECK_PROVIDERS};
use crate::state::AppState;

/// Tests at every interval, until `stop`. Replicas never take the same one at once.
pub(super) async fn run(app: AppState, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(IDLE_CHECK_POLL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {
                round(&app, &stop).await.can_fail("testing idle keys");
            }
        }
    }
}

/// Takes batch after batch until nothing is due.
async fn round(app: &AppState, stop: &CancellationToken) -> Result<(), StoreError> {
    while !stop.is_cancelled() {
        let mut db = app.store.read().await?;
        if !connections::any_check_due(&mut db).await? {
            return Ok(());
        }
        drop(db);
        let mut tx = app.store.begin().await?;
        let claimed = connections::claim_checks(&mut tx, IDLE_CHECK_BATCH, IDLE_CHECK_CLAIM).await?;
        tx.commit().await?;
        if claimed.is_empty() {
            return Ok(());
        }
        let mut providers: HashMap<String, Vec<IdleDue>> = HashMap::new();
        for due in claimed {
            providers.entry(due.provider.clone()).or_default().push(due);
        }
        stream::iter(providers.into_values())
            .for_each_concurrent(IDLE_CHECK_PROVIDERS, |dues| one_provider(app, stop, dues))
            .await;
    }
    Ok(())
}

/// One test after another. What is left when the server stops is due again.
async fn one_provider(app: &AppState, stop: &CancellationToken, dues: Vec<IdleDue>) {
    for due in dues {
        if stop.is_cancelled() {
            return;
        }
        one(app, &due).await.can_fail("testing an idle key");
    }
}

async fn one(app: &AppState, due: &IdleDue) -> Result<(), StoreError> {
    let next = match due.last_fetched_at.filter(|used| app.now().since(*used) < IDLE_CHECK) {
        Some(used) => Some(next_check(used, &*app.random)),
        None => test(app, due).await?,
    };
    let mut tx = app.store.begin().await?;
    connections::plan_check(&mut tx, due.environment, due.id, next).await?;
    tx.commit().await
}

/// Tests one, and says when the next test is. A refusal is confirmed once, on the next day: a service that sees the
/// same wrong password every day locks the account.
async fn test(app: &AppState, due: &IdleDue) -> Result<Option<Timestamp>, StoreError> {
    let mut db = app.store.read().await?;
    let Some(connection) = connections::by_row(&mut db, due.environment, due.id).await? else {
        return Ok(None);
    };
    drop(db);
    let was_refused = matches!(connection.info.state, CredentialState::Refused { .. });
    check_connection(app, due.environment, Actor::System, &connection).await?;
    let mut db = app.store.read().await?;
    let after = connections::by_row(&mut db, due.environment, due.id).await?;
    let is_refused = after.is_some_and(|row| matches!(row.info.state, CredentialState::Refused { .. }));
    Ok((!(was_refused && is_refused)).then(|| next_check(db.now(), &*app.random)))
}
