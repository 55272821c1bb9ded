//! The audit trail of the dashboard (observability.md 9). Actions write their own deeds; here are the acts that only
//! the dashboard has, with the address and browser they came from.

use std::net::IpAddr;

use dovetail_model::{Actor, AuditOutcome};
use dovetail_store::audit_events::{self, AuditTarget, NewAuditEvent};
use dovetail_store::users::User;
use dovetail_store::{StoreError, Tx};
use serde_json::{Map, Value};

use super::error::PageError;
use super::visit::Visit;
use crate::actions::audit::Deed;
use crate::state::AppState;

/// Characters kept of a name that somebody typed.
const NAME_CHARS: usize = 255;

/// Where a request came from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// The caller's address; `None` in memory (tests).
    pub(crate) address: Option<IpAddr>,
    /// What the browser calls itself, cut to a bound.
    pub(crate) agent: String,
}

impl Origin {
    fn write(&self, context: &mut Map<String, Value>) {
        context.insert("ip".to_owned(), Value::from(self.address.map(|address| address.to_string())));
        context.insert("userAgent".to_owned(), Value::from(self.agent.as_str()));
    }
}

/// Notes a deed on a thing of the environment, in the transaction that does it.
pub(crate) async fn note(
    tx: &mut Tx,
    visit: &Visit,
    resource: &'static str,
    action: &'static str,
    (id, display): (String, String),
    fields: Vec<&'static str>,
) -> Result<(), StoreError> {
    let by = visit.actor();
    let deed = Deed { by: &by, environment: Some(visit.env()), resource, action, id, display, fields };
    let mut event = deed.event();
    visit.by.origin.write(&mut event.context);
    audit_events::record(tx, &event).await?;
    Ok(())
}

/// Notes a deed on the environment itself.
pub(crate) async fn note_environment(
    tx: &mut Tx,
    visit: &Visit,
    action: &'static str,
    fields: Vec<&'static str>,
) -> Result<(), StoreError> {
    let thing = (visit.env().to_string(), visit.environment.name.clone());
    note(tx, visit, "environment", action, thing, fields).await
}

/// Notes that a secret is shown: written before it is, so that no reveal goes unnoticed. In a sealed environment none
/// is.
pub(crate) async fn note_reveal(
    visit: &Visit,
    resource: &'static str,
    action: &'static str,
    thing: (String, String),
) -> Result<(), PageError> {
    visit.unsealed()?;
    let mut tx = visit.app().store.begin().await?;
    note(&mut tx, visit, resource, action, thing, Vec::new()).await?;
    Ok(tx.commit().await?)
}

/// Notes a deed on somebody's account. It belongs to no environment.
pub(crate) async fn note_member(
    tx: &mut Tx,
    visit: &Visit,
    action: &'static str,
    user: &User,
) -> Result<(), StoreError> {
    let (by, display) = (visit.actor(), user.email.clone());
    let id = user.id.0.to_string();
    let deed =
        Deed { by: &by, environment: None, resource: "member", action, id, display, fields: Vec::new() };
    let mut event = deed.event();
    visit.by.origin.write(&mut event.context);
    audit_events::record(tx, &event).await?;
    Ok(())
}

/// Notes an act on an account: somebody signs in or up, or tries to.
pub(crate) async fn note_account(
    app: &AppState,
    actor: Actor,
    origin: &Origin,
    action: &'static str,
    email: &str,
    outcome: AuditOutcome,
) -> Result<(), PageError> {
    let mut context = Map::new();
    context.insert("interface".to_owned(), Value::from("dashboard"));
    origin.write(&mut context);
    let display = email.chars().take(NAME_CHARS).collect();
    let event = NewAuditEvent {
        environment: None,
        actor,
        resource: "app_auth".to_owned(),
        action: action.to_owned(),
        targets: vec![AuditTarget { kind: "user".to_owned(), id: String::new(), display }],
        context,
        outcome,
        metadata: Map::new(),
    };
    let mut tx = app.store.begin().await?;
    audit_events::record(&mut tx, &event).await?;
    Ok(tx.commit().await?)
}
