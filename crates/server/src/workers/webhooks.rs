//! Delivers queued webhooks to the product.

use std::sync::Arc;

use dovetail_activity::HttpNote;
use dovetail_model::MessageContext;
use dovetail_store::outbox::{AttemptRecord, Delivery, Outcome};
use dovetail_webhooks::{Watch, Worker};
use tokio_util::sync::CancellationToken;

use crate::state::AppState;

/// Delivers until `stop`, and finishes what is under way.
pub(super) async fn run(app: AppState, stop: CancellationToken) {
    let (clock, random) = (Arc::clone(&app.clock), Arc::clone(&app.random));
    let worker = Worker::new(app.store.clone(), app.egress.clone(), clock, random);
    worker.watched_by(Arc::new(Witness { app })).run(stop).await;
}

/// Tells the activity log and the metrics.
#[derive(Debug)]
struct Witness {
    app: AppState,
}

impl Watch for Witness {
    fn attempted(&self, delivery: &Delivery, attempt: &AttemptRecord, outcome: &Outcome) {
        let word = match outcome {
            Outcome::Delivered => "delivered",
            Outcome::Retry { .. } => "retry",
            Outcome::Dead { .. } => "dead",
        };
        self.app.metrics.webhook_deliveries.increment([word]);
        let Some(operation) = &delivery.message.operation else { return };
        // A product may keep a token in the query of its address.
        let url = delivery.message.url.split('?').next().unwrap_or_default();
        let note = HttpNote {
            method: "POST",
            url,
            status: attempt.status,
            problem: attempt.error.as_deref(),
            took: attempt.took,
            ..HttpNote::default()
        };
        self.app.activity.http(operation, MessageContext::Webhook, note);
    }
}
