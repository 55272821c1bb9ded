//! The audit trail as it is asked for and read: shared by the page and the file.

use std::time::Duration;

use dovetail_model::{Actor, AuditEventId, Environment};
use dovetail_store::audit_events::{AuditEvent, Filter};
use dovetail_store::{StoreError, audit_events};

use crate::dashboard::error::PageError;
use crate::dashboard::parts::Query;
use crate::dashboard::visit::Visit;

/// Things that deeds are done on, as they are offered.
pub(super) const RESOURCES: [(&str, &str); 8] = [
    ("connection", "Connections"),
    ("integration", "Integrations"),
    ("environment", "Environments"),
    ("api_key", "Keys"),
    ("member", "People"),
    ("app_auth", "Signing in"),
    ("webhook", "Webhooks"),
    ("connect_ui", "Connect page"),
];

/// Spans that are offered.
pub(super) const PERIODS: [(&str, &str, Duration); 3] = [
    ("day", "Last 24 hours", Duration::from_hours(24)),
    ("week", "Last 7 days", Duration::from_hours(7 * 24)),
    ("month", "Last 30 days", Duration::from_hours(30 * 24)),
];

/// What is asked for: `?resource=`, `?environment=` and `?period=`.
pub(super) struct Asked {
    pub(super) resource: String,
    pub(super) environment: String,
    pub(super) period: String,
    pub(super) filter: Filter,
}

impl Asked {
    /// Reads it, for people who may (observability.md 12).
    pub(super) fn of(visit: &Visit) -> Result<Self, PageError> {
        if !visit.by.person.may_audit() {
            return Err(PageError::Forbidden);
        }
        let [resource, environment, period] =
            ["resource", "environment", "period"].map(|name| visit.query(name));
        let known = RESOURCES.iter().any(|(word, _)| *word == resource);
        let span = PERIODS.iter().find(|(word, ..)| *word == period);
        let place = visit.environments().iter().find(|known| known.name == environment);
        let filter = Filter {
            resources: known.then(|| resource.clone()).into_iter().collect(),
            environment: place.map(|found| found.id),
            from: span.map(|(_, _, span)| visit.now().minus(*span)),
            ..Filter::default()
        };
        Ok(Self { resource, environment, period, filter })
    }

    /// The same in an address.
    pub(super) fn query(&self) -> Query {
        Query::default()
            .with("resource", &self.resource)
            .with("environment", &self.environment)
            .with("period", &self.period)
    }
}

/// Entries older than `before`, newest first.
pub(super) async fn page_of(
    visit: &Visit,
    asked: &Asked,
    before: Option<AuditEventId>,
    limit: i64,
) -> Result<Vec<AuditEvent>, StoreError> {
    let filter = Filter { before, ..asked.filter.clone() };
    let mut db = visit.app().store.read().await?;
    audit_events::list(&mut db, &filter, limit).await
}

/// `type`, id and name of who acted.
pub(super) fn actor(actor: &Actor) -> (&'static str, String, String) {
    match actor {
        Actor::User { id, display } => ("user", id.to_string(), display.clone()),
        Actor::ApiKey { id, display } => ("api_key", id.to_string(), display.clone()),
        Actor::ConnectSession { id, display } => ("connect_session", id.to_string(), display.clone()),
        Actor::Anonymous => ("anonymous", String::new(), "Nobody known".to_owned()),
        Actor::System => ("system", String::new(), "Dovetail".to_owned()),
    }
}

/// The name of an entry's environment, as far as it is still there.
pub(super) fn environment_of(all: &[Environment], event: &AuditEvent) -> String {
    let id = event.event.environment;
    all.iter().find(|known| Some(known.id) == id).map(|known| known.name.clone()).unwrap_or_default()
}
