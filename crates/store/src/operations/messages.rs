//! Messages of an operation.

use dovetail_model::{
    EnvironmentId, Level, MessageContext, MessageId, MessageSource, MessageType, OperationId, Timestamp,
};
use serde_json::{Map, Value};
use sqlx::any::AnyRow;

use super::write::exists;
use crate::row::{Columns, from_json, to_json};
use crate::{Db, StoreError, Tx};

const TABLE: &str = "operation_messages";

/// A message to write.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMessage {
    /// Whose message it is.
    pub operation: OperationId,
    /// Who wrote it.
    pub source: MessageSource,
    /// How loud it is.
    pub level: Level,
    /// What it holds.
    pub kind: MessageType,
    /// Which part wrote it.
    pub context: Option<MessageContext>,
    /// The text.
    pub message: String,
    /// `error`, `request`, `response`, `meta`, `retry`, `durationMs`: in the wire's shape, redacted by the writer.
    pub details: Map<String, Value>,
    /// When it was written, or its request began.
    pub created_at: Timestamp,
    /// When its request ended.
    pub ended_at: Option<Timestamp>,
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Row id; grows with time.
    pub id: MessageId,
    /// What was written.
    pub message: NewMessage,
}

/// Writes a message. False when its operation is not there (any more): then nothing is written.
pub async fn add_message(tx: &mut Tx, new: &NewMessage) -> Result<bool, StoreError> {
    if !exists(tx, &new.operation).await? {
        return Ok(false);
    }
    let id = tx.next_id(TABLE).await?;
    sqlx::query(
        "INSERT INTO operation_messages (id, operation_id, source, level, type, context, message, details, \
         created_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(id)
    .bind(new.operation.as_str())
    .bind(new.source.as_str())
    .bind(new.level.as_str())
    .bind(new.kind.as_str())
    .bind(new.context.map(MessageContext::as_str))
    .bind(new.message.as_str())
    .bind(to_json(&new.details))
    .bind(new.created_at.0)
    .bind(new.ended_at.map(|at| at.0))
    .execute(tx.conn())
    .await?;
    Ok(true)
}

/// Messages of an operation, oldest first, after `after`.
pub async fn messages(
    db: &mut impl Db,
    environment: EnvironmentId,
    operation: &OperationId,
    after: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    let rows = sqlx::query(
        "SELECT m.id, m.operation_id, m.source, m.level, m.type, m.context, m.message, m.details, m.created_at, \
         m.ended_at FROM operation_messages m JOIN operations o ON o.id = m.operation_id \
         WHERE o.environment_id = $1 AND o.id = $2 AND m.id > $3 ORDER BY m.id LIMIT $4",
    )
    .bind(environment.0)
    .bind(operation.as_str())
    .bind(after.map_or(0, |id| id.0))
    .bind(limit)
    .fetch_all(db.conn())
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Message, StoreError> {
    let id = row.int("id")?;
    let wrong = |what: &str| StoreError::inconsistent(TABLE, id, what);
    let context = match row.opt_text("context")? {
        None => None,
        Some(text) => Some(MessageContext::parse(&text).ok_or_else(|| wrong("context"))?),
    };
    let message = NewMessage {
        operation: row.text("operation_id")?.parse().map_err(|_| wrong("operation_id"))?,
        source: MessageSource::parse(&row.text("source")?).ok_or_else(|| wrong("source"))?,
        level: Level::parse(&row.text("level")?).ok_or_else(|| wrong("level"))?,
        kind: MessageType::parse(&row.text("type")?).ok_or_else(|| wrong("type"))?,
        context,
        message: row.text("message")?,
        details: from_json(TABLE, id, "details", &row.text("details")?)?,
        created_at: row.time("created_at")?,
        ended_at: row.opt_time("ended_at")?,
    };
    Ok(Message { id: MessageId(id), message })
}
