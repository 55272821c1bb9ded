//! Delivers queued webhooks to the product.

use std::sync::Arc;

use dovetail_webhooks::Worker;
use tokio_util::sync::CancellationToken;

use crate::state::AppState;

/// Delivers until `stop`, and finishes what is under way.
pub(super) async fn run(app: AppState, stop: CancellationToken) {
    let (clock, random) = (Arc::clone(&app.clock), Arc::clone(&app.random));
    Worker::new(app.store.clone(), app.egress.clone(), clock, random).run(stop).await;
}
