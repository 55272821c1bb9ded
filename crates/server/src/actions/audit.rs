//! The audit trail of actions (spec: observability.md 9): written in the transaction that does the deed, so that
//! neither exists without the other.

use dovetail_model::{Actor, AuditOutcome, EnvironmentId};
use dovetail_store::audit_events::{self, AuditTarget, NewAuditEvent};
use dovetail_store::{StoreError, Tx};
use serde_json::{Map, Value};

/// Most field names one entry tells.
const MAX_FIELDS: usize = 30;

/// A deed that succeeded.
pub(crate) struct Deed<'a> {
    /// Who did it.
    pub(crate) by: &'a Actor,
    /// Where; `None` for deeds on the account.
    pub(crate) environment: Option<EnvironmentId>,
    /// On what kind of thing.
    pub(crate) resource: &'static str,
    /// What was done.
    pub(crate) action: &'static str,
    /// Id of the thing.
    pub(crate) id: String,
    /// Its name to show.
    pub(crate) display: String,
    /// Names of the fields that changed; never their values.
    pub(crate) fields: Vec<&'static str>,
}

impl Deed<'_> {
    /// The entry of the audit trail.
    pub(crate) fn event(self) -> NewAuditEvent {
        let Deed { by, environment, resource, action, id, display, fields } = self;
        let mut context = Map::new();
        context.insert("interface".to_owned(), interface(by).into());
        let mut metadata = Map::new();
        if !fields.is_empty() {
            let fields: Vec<Value> = fields.into_iter().take(MAX_FIELDS).map(Value::from).collect();
            metadata.insert("fields".to_owned(), fields.into());
        }
        NewAuditEvent {
            environment,
            actor: by.clone(),
            resource: resource.to_owned(),
            action: action.to_owned(),
            targets: vec![AuditTarget { kind: resource.to_owned(), id, display }],
            context,
            outcome: AuditOutcome::Success,
            metadata,
        }
    }
}

/// Writes a deed down.
pub(crate) async fn record(tx: &mut Tx, deed: Deed<'_>) -> Result<(), StoreError> {
    audit_events::record(tx, &deed.event()).await?;
    Ok(())
}

/// Through which door an actor comes.
fn interface(by: &Actor) -> &'static str {
    match by {
        Actor::User { .. } => "dashboard",
        Actor::ApiKey { .. } => "api",
        Actor::ConnectSession { .. } => "connect",
        Actor::Anonymous => "unknown",
        Actor::System => "system",
    }
}
