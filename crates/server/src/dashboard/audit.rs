//! What the dashboard writes into the audit trail (observability.md 9). Actions record themselves; this is for acts
//! that only the dashboard has.

use std::net::IpAddr;

use dovetail_model::{Actor, AuditOutcome, EnvironmentId};
use dovetail_store::audit_events::{self, AuditTarget, NewAuditEvent};
use http::HeaderMap;
use http::header::USER_AGENT;
use serde_json::{Map, Value};

use super::error::PageError;
use super::limits::USER_AGENT_CHARS;
use super::visit::Visit;
use crate::state::AppState;

/// One act.
#[derive(Debug)]
pub(crate) struct Deed {
    /// What kind of thing.
    pub resource: &'static str,
    /// What was done to it.
    pub action: &'static str,
    /// Type, id and name of the thing.
    pub target: (&'static str, String, String),
    /// How it ended.
    pub outcome: AuditOutcome,
}

impl Deed {
    /// Somebody tried to sign in.
    pub(crate) fn sign_in(email: &str, succeeded: bool) -> Self {
        let outcome = if succeeded { AuditOutcome::Success } else { AuditOutcome::Failure };
        let target = ("user", String::new(), email.chars().take(MAX_NAME_CHARS).collect());
        Self { resource: "app_auth", action: "login", target, outcome }
    }

    /// The owner account was made.
    pub(crate) fn signed_up(email: &str) -> Self {
        let target = ("user", String::new(), email.to_owned());
        Self { resource: "app_auth", action: "signup", target, outcome: AuditOutcome::Success }
    }

    /// A secret was shown.
    pub(crate) fn revealed(
        resource: &'static str,
        action: &'static str,
        target: (&'static str, String, String),
    ) -> Self {
        Self { resource, action, target, outcome: AuditOutcome::Success }
    }
}

/// Characters kept of a name that somebody typed.
const MAX_NAME_CHARS: usize = 255;

/// Records an act of the person who visits.
pub(crate) async fn record(visit: &Visit, headers: &HeaderMap, deed: Deed) -> Result<(), PageError> {
    write(visit.app(), Some(visit.env()), visit.actor(), headers, visit.by.address, deed).await
}

/// Records an act outside of any environment.
pub(crate) async fn record_as(
    app: &AppState,
    actor: Actor,
    headers: &HeaderMap,
    address: Option<IpAddr>,
    deed: Deed,
) -> Result<(), PageError> {
    write(app, None, actor, headers, address, deed).await
}

async fn write(
    app: &AppState,
    environment: Option<EnvironmentId>,
    actor: Actor,
    headers: &HeaderMap,
    address: Option<IpAddr>,
    deed: Deed,
) -> Result<(), PageError> {
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (kind, id, display) = deed.target;
    let mut context = Map::new();
    context.insert("interface".to_owned(), Value::from("dashboard"));
    context.insert("ip".to_owned(), Value::from(address.map(|address| address.to_string())));
    context.insert(
        "userAgent".to_owned(),
        Value::from(agent.chars().take(USER_AGENT_CHARS).collect::<String>()),
    );
    let event = NewAuditEvent {
        environment,
        actor,
        resource: deed.resource.to_owned(),
        action: deed.action.to_owned(),
        targets: vec![AuditTarget { kind: kind.to_owned(), id, display }],
        context,
        outcome: deed.outcome,
        metadata: Map::new(),
    };
    let mut tx = app.store.begin().await?;
    audit_events::record(&mut tx, &event).await?;
    Ok(tx.commit().await?)
}
