//! One leased delivery: sign, send, write down what came of it.

use std::fmt;
use std::sync::Arc;

use dovetail_egress::Client;
use dovetail_model::{Clock, EnvironmentId, Random, SigningKeyState};
use dovetail_store::outbox::{self, AttemptRecord, Delivery};
use dovetail_store::{Store, StoreError, signing_keys};
use thiserror::Error;

use crate::attempt::{Attempt, Parcel, attempt};
use crate::schedule::{Outcome, Verdict, verdict};
use crate::signature::SigningKeys;

/// Why a delivery was neither made nor given up. Its lease ends by itself, and then it is tried
/// again.
#[derive(Debug, Error)]
pub enum DeliverError {
    /// The environment has no signing key.
    #[error("the environment has no signing key")]
    NoSigningKey,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Watches attempts, for logs and metrics.
pub trait Watch: fmt::Debug + Send + Sync {
    /// An attempt was made and written down.
    fn attempted(&self, delivery: &Delivery, attempt: &AttemptRecord, outcome: &outbox::Outcome);
}

/// Watches nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unwatched;

impl Watch for Unwatched {
    fn attempted(&self, _: &Delivery, _: &AttemptRecord, _: &outbox::Outcome) {}
}

/// What delivering needs. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Courier {
    pub(crate) store: Store,
    pub(crate) client: Client,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) watch: Arc<dyn Watch>,
}

impl Courier {
    /// Makes one attempt and records it.
    pub(crate) async fn deliver(&self, delivery: Delivery) -> Result<(), DeliverError> {
        let keys = self.keys(delivery.environment).await?;
        let message = &delivery.message;
        let parcel = Parcel {
            event_id: message.event_id.clone(),
            url: message.url.clone(),
            headers: message.headers.clone(),
            body: message.body.clone().into(),
        };
        let made = attempt(&self.client, &keys, &parcel, &*self.clock).await;
        let number = delivery.attempts.saturating_add(1);
        let verdict = verdict(&made.outcome, number, &*self.random);
        self.record(&delivery, made, &verdict).await?;
        log(&delivery, number, &verdict);
        Ok(())
    }

    async fn keys(&self, environment: EnvironmentId) -> Result<SigningKeys, DeliverError> {
        let mut db = self.store.read().await?;
        let mut active = None;
        let mut previous = None;
        for key in signing_keys::current(&mut db, environment).await? {
            match key.state {
                SigningKeyState::Active => active = Some(key.key),
                SigningKeyState::Retiring { .. } => previous = Some(key.key),
            }
        }
        let current = active.ok_or(DeliverError::NoSigningKey)?;
        Ok(SigningKeys { current, previous })
    }

    async fn record(
        &self,
        delivery: &Delivery,
        made: Attempt,
        verdict: &Verdict,
    ) -> Result<(), DeliverError> {
        let (status, error) = match made.outcome {
            Outcome::Answered { status, .. } => (Some(status.as_u16()), None),
            Outcome::Failed(error) => (None, Some(error.to_string())),
        };
        let record = AttemptRecord {
            started_at: made.started_at,
            took: made.took,
            status,
            error,
            answer: Some(made.answer).filter(|answer| !answer.is_empty()),
        };
        let outcome = match verdict {
            Verdict::Delivered => outbox::Outcome::Delivered,
            Verdict::Retry(wait) => outbox::Outcome::Retry { at: self.clock.now().plus(*wait) },
            Verdict::Dead(reason) => outbox::Outcome::Dead { reason: reason.clone() },
        };
        let mut tx = self.store.begin().await?;
        if !outbox::complete(&mut tx, delivery, &record, &outcome).await? {
            tracing::warn!(
                outbox.id = delivery.id.0,
                "a webhook took longer than its lease; another worker has it"
            );
        }
        tx.commit().await?;
        self.watch.attempted(delivery, &record, &outcome);
        Ok(())
    }
}

fn log(delivery: &Delivery, attempt: u32, verdict: &Verdict) {
    let (id, kind) = (delivery.id.0, delivery.message.kind.as_str());
    match verdict {
        Verdict::Delivered => {
            tracing::debug!(outbox.id = id, webhook.kind = kind, attempt, "webhook delivered");
        }
        Verdict::Retry(wait) => {
            tracing::info!(
                outbox.id = id,
                webhook.kind = kind,
                attempt,
                wait.secs = wait.as_secs(),
                "webhook not taken, will try again"
            );
        }
        Verdict::Dead(_) => {
            tracing::warn!(
                outbox.id = id,
                webhook.kind = kind,
                attempt,
                "webhook given up; it can be replayed"
            );
        }
    }
}
