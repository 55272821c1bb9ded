//! The worker: takes due deliveries, keeps endpoints apart, stops without losing any.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use dovetail_egress::Client;
use dovetail_model::{Clock, Random};
use dovetail_store::outbox::{self, Delivery};
use dovetail_store::{Change, Store, StoreError};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::deliver::{Courier, Unwatched, Watch};
use crate::limits;

/// Delivers what is queued. Any number of workers, in any number of processes, share a queue.
#[derive(Debug)]
pub struct Worker {
    courier: Courier,
    running: JoinSet<String>,
    /// Deliveries under way, by target URL.
    per_endpoint: HashMap<String, usize>,
}

impl Worker {
    /// A worker on this queue.
    pub fn new(store: Store, client: Client, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let courier = Courier { store, client, clock, random, watch: Arc::new(Unwatched) };
        Self { courier, running: JoinSet::new(), per_endpoint: HashMap::new() }
    }

    /// This worker, with `watch` told of every attempt.
    pub fn watched_by(mut self, watch: Arc<dyn Watch>) -> Self {
        self.courier.watch = watch;
        self
    }

    /// Delivers until `stop`, then waits at most [`limits::DRAIN_TIME`] for what is under way.
    /// What does not end in that time is delivered again by another worker.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut changes = self.courier.store.changes();
        while !stop.is_cancelled() {
            let wait = match self.start_due().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(%error, "the webhook queue cannot be read");
                    limits::STORE_FAILURE_WAIT
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                Some(done) = self.running.join_next() => self.finished(done),
                () = woken(&mut changes) => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        if tokio::time::timeout(limits::DRAIN_TIME, self.settle()).await.is_err() {
            tracing::warn!("webhooks were still under way at shutdown; they will be sent again");
        }
    }

    /// Delivers all that is due now, and returns when all of it has been tried.
    pub async fn run_due(&mut self) -> Result<(), StoreError> {
        loop {
            self.start_due().await?;
            if self.running.is_empty() {
                return Ok(());
            }
            self.settle().await;
        }
    }

    /// Takes due deliveries up to the bounds, and says how long to sleep at most.
    async fn start_due(&mut self) -> Result<Duration, StoreError> {
        let free = limits::MAX_IN_FLIGHT.saturating_sub(self.running.len());
        let room = i64::try_from(free).unwrap_or(limits::LEASE_BATCH).min(limits::LEASE_BATCH);
        if room == 0 {
            return Ok(limits::POLL_INTERVAL);
        }
        let now = self.courier.clock.now();
        // A look with a reader first: the writer is taken only if there is something to take.
        let due = outbox::next_due(&mut self.courier.store.read().await?).await?;
        match due {
            None => return Ok(limits::POLL_INTERVAL),
            Some(due) if due > now => return Ok(due.since(now).min(limits::POLL_INTERVAL)),
            Some(_) => {}
        }
        let mut tx = self.courier.store.begin().await?;
        let leased = outbox::lease_due(&mut tx, room, limits::LEASE).await?;
        let is_full = i64::try_from(leased.len()).is_ok_and(|count| count == room);
        let mut taken = Vec::with_capacity(leased.len());
        for delivery in leased {
            let under_way = self.per_endpoint.entry(delivery.message.url.clone()).or_default();
            if *under_way < limits::MAX_IN_FLIGHT_PER_ENDPOINT {
                *under_way += 1;
                taken.push(delivery);
            } else if !outbox::postpone(&mut tx, &delivery, now.plus(limits::BUSY_WAIT)).await? {
                tracing::debug!(outbox.id = delivery.id.0, "lease lost while it was given back");
            }
        }
        if let Err(error) = tx.commit().await {
            for delivery in &taken {
                self.release(&delivery.message.url);
            }
            return Err(error);
        }
        for delivery in taken {
            self.start(delivery);
        }
        // A full batch says that more may be due behind it.
        Ok(if is_full { Duration::ZERO } else { limits::POLL_INTERVAL })
    }

    fn start(&mut self, delivery: Delivery) {
        let courier = self.courier.clone();
        self.running.spawn(async move {
            let (id, url) = (delivery.id, delivery.message.url.clone());
            if let Err(error) = courier.deliver(delivery).await {
                tracing::warn!(outbox.id = id.0, %error, "webhook attempt not recorded; it will be made again");
            }
            url
        });
    }

    async fn settle(&mut self) {
        while let Some(done) = self.running.join_next().await {
            self.finished(done);
        }
    }

    fn finished(&mut self, done: Result<String, tokio::task::JoinError>) {
        match done {
            Ok(url) => self.release(&url),
            Err(error) => {
                tracing::error!(%error, "a webhook delivery panicked");
                // Which endpoint it was is unknown: count anew as the others end.
                self.per_endpoint.clear();
            }
        }
    }

    fn release(&mut self, url: &str) {
        if let Some(under_way) = self.per_endpoint.get_mut(url) {
            *under_way = under_way.saturating_sub(1);
            if *under_way == 0 {
                self.per_endpoint.remove(url);
            }
        }
    }
}

/// Returns when something was queued, here or by another replica, or may have been.
async fn woken(changes: &mut broadcast::Receiver<Change>) {
    loop {
        match changes.recv().await {
            Ok(Change::Outbox | Change::Everything) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            // The store is closing; the caller's own waits remain.
            Err(RecvError::Closed) => std::future::pending::<()>().await,
        }
    }
}
