//! Queueing: inside of the transaction that makes the news, so that both exist or neither.

use dovetail_model::{ConnectionRowId, Environment, OperationId};
use dovetail_store::outbox::{self, NewDelivery};
use dovetail_store::{Db as _, StoreError, Tx};

use crate::auth_event::AuthEvent;

/// What a webhook is about, beside its body.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    /// The connection, if there is one.
    pub connection: Option<ConnectionRowId>,
    /// The connection's own target, which replaces those of the environment.
    pub webhook_url: Option<&'a str>,
    /// The operation that its attempts belong to.
    pub operation: Option<&'a OperationId>,
}

/// Queues an `auth` webhook, one row a target, if the environment wants to hear of it. Gives
/// the number of targets. Due as soon as the transaction commits.
pub async fn enqueue_auth(
    tx: &mut Tx,
    environment: &Environment,
    event: &AuthEvent<'_>,
    subject: Subject<'_>,
) -> Result<usize, StoreError> {
    let targets = environment.webhooks.targets(subject.webhook_url);
    if targets.is_empty() || !event.is_wanted(&environment.webhooks) {
        return Ok(0);
    }
    let body = event.body();
    let event_id = format!("evt_{}", tx.store().random().uuid_v4().simple());
    for target in &targets {
        let delivery = NewDelivery {
            event_id: event_id.clone(),
            kind: "auth".to_owned(),
            connection: subject.connection,
            operation: subject.operation.cloned(),
            url: (*target).to_owned(),
            headers: Vec::new(),
            body: body.clone(),
        };
        outbox::enqueue(tx, environment.id, &delivery).await?;
    }
    Ok(targets.len())
}
