//! Webhooks to the product: queued with what they tell about, delivered at least once.

mod lease;
mod list;

use dovetail_model::{ConnectionRowId, DeliveryState, EnvironmentId, OperationId, OutboxId, Timestamp};
use sqlx::any::AnyRow;

pub use lease::{Outcome, complete, lease_due, next_due, postpone, reschedule};
pub use list::{AttemptRecord, Filter, attempts, get, list, replay};

use crate::row::{Columns, from_json, to_json};
use crate::{Change, Db, StoreError, Tx};

const TABLE: &str = "outbox";

macro_rules! columns {
    () => {
        "id, environment_id, event_id, kind, connection_row, operation_id, url, headers, body, attempts, \
         next_attempt_at, lease_until, lease_token, delivered_at, dead_at, dead_reason, created_at"
    };
}
pub(crate) use columns;

/// A webhook to queue: one row a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// The event's id, the same for all its targets and attempts.
    pub event_id: String,
    /// What it tells (`auth`, `forward` ...).
    pub kind: String,
    /// The connection it is about.
    pub connection: Option<ConnectionRowId>,
    /// The operation its attempts are logged under.
    pub operation: Option<OperationId>,
    /// The target.
    pub url: String,
    /// Headers beside the signatures, which are made at each attempt.
    pub headers: Vec<(String, String)>,
    /// The exact bytes to send.
    pub body: String,
}

/// A queued webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Row id.
    pub id: OutboxId,
    /// Whose.
    pub environment: EnvironmentId,
    /// What was queued.
    pub message: NewDelivery,
    /// Attempts so far.
    pub attempts: u32,
    /// How far it has come.
    pub state: DeliveryState,
    /// When it was queued.
    pub created_at: Timestamp,
}

/// Queues a webhook. It is due at once, and exists exactly if the transaction commits.
pub async fn enqueue(
    tx: &mut Tx,
    environment: EnvironmentId,
    message: &NewDelivery,
) -> Result<OutboxId, StoreError> {
    let id = tx.next_id(TABLE).await?;
    let now = tx.now();
    sqlx::query(
        "INSERT INTO outbox (id, environment_id, event_id, kind, connection_row, operation_id, url, headers, \
         body, attempts, next_attempt_at, lease_token, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, 0, $10)",
    )
    .bind(id)
    .bind(environment.0)
    .bind(message.event_id.as_str())
    .bind(message.kind.as_str())
    .bind(message.connection.map(|connection| connection.0))
    .bind(message.operation.as_ref().map(OperationId::as_str))
    .bind(message.url.as_str())
    .bind(to_json(&message.headers))
    .bind(message.body.as_str())
    .bind(now.0)
    .execute(tx.conn())
    .await?;
    tx.changed(Change::Outbox);
    Ok(OutboxId(id))
}

fn read(row: &AnyRow) -> Result<Delivery, StoreError> {
    let id = row.int("id")?;
    let operation = row.opt_text("operation_id")?.map(|text| text.parse()).transpose();
    Ok(Delivery {
        id: OutboxId(id),
        environment: EnvironmentId(row.int("environment_id")?),
        message: NewDelivery {
            event_id: row.text("event_id")?,
            kind: row.text("kind")?,
            connection: row.opt_int("connection_row")?.map(ConnectionRowId),
            operation: operation.map_err(|_| StoreError::inconsistent(TABLE, id, "operation_id"))?,
            url: row.text("url")?,
            headers: from_json(TABLE, id, "headers", &row.text("headers")?)?,
            body: row.text("body")?,
        },
        attempts: u32::try_from(row.int("attempts")?).unwrap_or(u32::MAX),
        state: state(row, id)?,
        created_at: row.time("created_at")?,
    })
}

fn state(row: &AnyRow, id: i64) -> Result<DeliveryState, StoreError> {
    let due = row.opt_time("next_attempt_at")?;
    let lease = row.opt_time("lease_until")?;
    let (delivered, dead) = (row.opt_time("delivered_at")?, row.opt_time("dead_at")?);
    match (due, lease, delivered, dead, row.opt_text("dead_reason")?) {
        (Some(next_attempt_at), None, None, None, None) => Ok(DeliveryState::Pending { next_attempt_at }),
        (Some(_), Some(until), None, None, None) => {
            Ok(DeliveryState::Leased { until, token: row.int("lease_token")? })
        }
        (None, None, Some(at), None, None) => Ok(DeliveryState::Delivered { at }),
        (None, None, None, Some(at), Some(reason)) => Ok(DeliveryState::Dead { at, reason }),
        _ => Err(StoreError::inconsistent(TABLE, id, "its times fit no state")),
    }
}
