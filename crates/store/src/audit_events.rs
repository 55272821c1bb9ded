//! The audit trail: who changed or saw what. Entries are only ever added.

use dovetail_model::{Actor, AuditEventId, AuditOutcome, EnvironmentId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::any::AnyRow;

use crate::row::{Columns, from_json, to_json};
use crate::sql::Statement;
use crate::{Db, StoreError, Tx};

const TABLE: &str = "audit_events";

/// A new entry.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAuditEvent {
    /// Where; `None` for deeds on the account.
    pub environment: Option<EnvironmentId>,
    /// Who.
    pub actor: Actor,
    /// On what kind of thing (`connection`, `api_key` ...).
    pub resource: String,
    /// What was done (`created`, `deleted` ...).
    pub action: String,
    /// On which things.
    pub targets: Vec<AuditTarget>,
    /// Whence: interface, IP address, user agent.
    pub context: Map<String, Value>,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// Names of changed fields and the like; never values.
    pub metadata: Map<String, Value>,
}

/// A thing that a deed was done on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditTarget {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its name to show.
    pub display: String,
}

/// An entry.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEvent {
    /// Row id.
    pub id: AuditEventId,
    /// When.
    pub occurred_at: Timestamp,
    /// What.
    pub event: NewAuditEvent,
}

/// Which entries; all conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this environment.
    pub environment: Option<EnvironmentId>,
    /// One of these kinds of things; empty = any.
    pub resources: Vec<String>,
    /// One of these deeds; empty = any.
    pub actions: Vec<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// Older than this entry: the last one of the page before.
    pub before: Option<AuditEventId>,
}

/// Adds an entry.
pub async fn record(tx: &mut Tx, event: &NewAuditEvent) -> Result<AuditEventId, StoreError> {
    let id = tx.next_id(TABLE).await?;
    sqlx::query(
        "INSERT INTO audit_events (id, occurred_at, environment_id, actor, resource, action, targets, context, \
         outcome, metadata) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(id)
    .bind(tx.now().0)
    .bind(event.environment.map(|environment| environment.0))
    .bind(to_json(&event.actor))
    .bind(event.resource.as_str())
    .bind(event.action.as_str())
    .bind(to_json(&event.targets))
    .bind(to_json(&event.context))
    .bind(event.outcome.as_str())
    .bind(to_json(&event.metadata))
    .execute(tx.conn())
    .await?;
    Ok(AuditEventId(id))
}

/// Entries, newest first.
pub async fn list(db: &mut impl Db, filter: &Filter, limit: i64) -> Result<Vec<AuditEvent>, StoreError> {
    let mut statement = Statement::new(
        "SELECT id, occurred_at, environment_id, actor, resource, action, targets, context, outcome, metadata \
         FROM audit_events WHERE 1 = 1",
    );
    if let Some(environment) = filter.environment {
        statement.and_int("environment_id =", environment.0)?;
    }
    if let Some(from) = filter.from {
        statement.and_int("occurred_at >=", from.0)?;
    }
    if let Some(to) = filter.to {
        statement.and_int("occurred_at <", to.0)?;
    }
    if let Some(before) = filter.before {
        statement.and_int("id <", before.0)?;
    }
    statement.and_any_of("resource", &filter.resources)?;
    statement.and_any_of("action", &filter.actions)?;
    let limit = statement.int(limit)?;
    statement.push(&format!(" ORDER BY id DESC LIMIT {limit}"));
    let rows = statement.query().fetch_all(db.conn()).await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<AuditEvent, StoreError> {
    let id = row.int("id")?;
    let outcome = row.text("outcome")?;
    let event = NewAuditEvent {
        environment: row.opt_int("environment_id")?.map(EnvironmentId),
        actor: from_json(TABLE, id, "actor", &row.text("actor")?)?,
        resource: row.text("resource")?,
        action: row.text("action")?,
        targets: from_json(TABLE, id, "targets", &row.text("targets")?)?,
        context: from_json(TABLE, id, "context", &row.text("context")?)?,
        outcome: AuditOutcome::parse(&outcome)
            .ok_or_else(|| StoreError::inconsistent(TABLE, id, format!("outcome `{outcome}`")))?,
        metadata: from_json(TABLE, id, "metadata", &row.text("metadata")?)?,
    };
    Ok(AuditEvent { id: AuditEventId(id), occurred_at: row.time("occurred_at")?, event })
}
