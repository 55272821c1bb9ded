//! The activity log: operations, and the messages written while they ran.

mod list;
mod messages;
mod write;

use dovetail_model::{
    ConnectionRowId, EnvironmentId, IntegrationId, Level, OperationId, OperationKind, OperationState,
    Timestamp,
};
use serde_json::{Map, Value};
use sqlx::any::AnyRow;

pub use list::{Filter, get, list};
pub use messages::{Message, NewMessage, add_message, messages};
pub use write::{Enrichment, create, enrich, expire, finish, start};

use crate::StoreError;
use crate::row::{Columns, from_json};

use list::get_any;

const TABLE: &str = "operations";

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// Where; `None` when unknown.
    pub environment: Option<EnvironmentId>,
    /// What kind.
    pub kind: OperationKind,
    /// How it stands.
    pub state: OperationState,
    /// How loud it is.
    pub level: Level,
    /// The label people read.
    pub message: String,
    /// With which integration.
    pub integration: Option<(IntegrationId, String)>,
    /// With which provider.
    pub provider: Option<String>,
    /// With which connection: row and public id. The row is unknown while it comes to be.
    pub connection: Option<(Option<ConnectionRowId>, String)>,
    /// `actor`, `endUser…`, `error`, `request`, `response`, `meta`: in the wire's shape, redacted by the writer.
    pub details: Map<String, Value>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it counts as abandoned, unless it ended before.
    pub expires_at: Option<Timestamp>,
}

impl Operation {
    /// How long it took, in milliseconds.
    pub fn duration_ms(&self) -> Option<i64> {
        Some(self.ended_at?.0 - self.started_at?.0)
    }
}

macro_rules! columns {
    () => {
        "id, environment_id, kind, action, state, level, message, integration_id, integration_key, provider, \
         connection_row, connection_id, details, created_at, updated_at, started_at, ended_at, expires_at"
    };
}
use columns;

fn read(row: &AnyRow) -> Result<Operation, StoreError> {
    let text = row.text("id")?;
    let wrong = |what: &str| StoreError::inconsistent(TABLE, &text, what);
    let integration = match (row.opt_int("integration_id")?, row.opt_text("integration_key")?) {
        (Some(id), Some(key)) => Some((IntegrationId(id), key)),
        (None, None) => None,
        _ => return Err(wrong("integration_id without integration_key or the reverse")),
    };
    let connection_row = row.opt_int("connection_row")?.map(ConnectionRowId);
    Ok(Operation {
        id: text.parse().map_err(|_| wrong("id"))?,
        environment: row.opt_int("environment_id")?.map(EnvironmentId),
        kind: OperationKind::parse(&row.text("kind")?, &row.text("action")?).ok_or_else(|| wrong("kind"))?,
        state: OperationState::parse(&row.text("state")?).ok_or_else(|| wrong("state"))?,
        level: Level::parse(&row.text("level")?).ok_or_else(|| wrong("level"))?,
        message: row.text("message")?,
        integration,
        provider: row.opt_text("provider")?,
        connection: row.opt_text("connection_id")?.map(|id| (connection_row, id)),
        details: from_json(TABLE, 0, "details", &row.text("details")?).map_err(|_| wrong("details"))?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        started_at: row.opt_time("started_at")?,
        ended_at: row.opt_time("ended_at")?,
        expires_at: row.opt_time("expires_at")?,
    })
}
