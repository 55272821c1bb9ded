//! `GET /dashboard/{environment}/account/audit`: who changed or saw what.

use askama::Template;
use axum::response::Response;
use dovetail_model::{AuditEventId, AuditOutcome};
use dovetail_store::audit_events::AuditEvent;
use serde_json::{Map, Value};

use super::Tab;
use super::trail::{Asked, PERIODS, RESOURCES, actor, environment_of, page_of};
use crate::dashboard::error::PageError;
use crate::dashboard::format::When;
use crate::dashboard::limits::PAGE_ROWS;
use crate::dashboard::page::page;
use crate::dashboard::parts::{Choice, Item, Pages, Status};
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::{AnyVisit, Visit};

struct Row {
    title: String,
    who: String,
    environment: String,
    outcome: Option<Status>,
    at: When,
    more: Vec<Item>,
}

#[derive(Template)]
#[template(path = "dashboard/account/audit.html")]
struct AuditPage {
    shell: Shell,
    tabs: Vec<Tab>,
    tab: Tab,
    resources: Vec<Choice>,
    environments: Vec<Choice>,
    periods: Vec<Choice>,
    filtered: bool,
    file: String,
    rows: Vec<Row>,
    pages: Pages,
}

/// Entries, newest first.
pub(crate) async fn list(AnyVisit(visit): AnyVisit) -> Result<Response, PageError> {
    let asked = Asked::of(&visit)?;
    let before = visit.query("before").parse().ok().map(AuditEventId);
    // One row more than shown tells whether another page follows.
    let mut found = page_of(&visit, &asked, before, i64::from(PAGE_ROWS) + 1).await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let (path, query) = (visit.path("/account/audit"), asked.query());
    let next =
        found.last().filter(|_| more).map(|last| query.with("before", &last.id.0.to_string()).of(&path));
    let names = visit.environments().iter().map(|known| (known.name.as_str(), known.name.as_str()));
    page(&AuditPage {
        shell: visit.shell(Section::Account, "Account"),
        tabs: Tab::of(&visit.by.person),
        tab: Tab::Audit,
        resources: Choice::all(RESOURCES.iter().copied(), &asked.resource),
        environments: Choice::all(names, &asked.environment),
        periods: Choice::all(PERIODS.iter().map(|(word, label, _)| (*word, *label)), &asked.period),
        filtered: query != crate::dashboard::parts::Query::default() || before.is_some(),
        file: query.of(&visit.path("/account/audit.csv")),
        pages: Pages { previous: before.map(|_| query.of(&path)), next, label: String::new() },
        rows: found.iter().map(|event| row(&visit, event)).collect(),
    })
}

fn row(visit: &Visit, entry: &AuditEvent) -> Row {
    let event = &entry.event;
    let target = event.targets.first().map(|target| target.display.as_str()).unwrap_or_default();
    let deed = match (event.resource.as_str(), event.action.as_str()) {
        ("app_auth", "login") => "Sign-in".to_owned(),
        ("app_auth", "logout") => "Sign-out".to_owned(),
        ("app_auth", "signup") => "Account set up".to_owned(),
        ("app_auth", other) => words(other),
        (resource, action) => format!("{} {}", words(resource), words(action)),
    };
    let mut more = vec![Item { name: "Exactly".to_owned(), value: entry.occurred_at.iso_z(), masked: false }];
    let text = |map: &Map<String, Value>, name: &str| match map.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Array(all) => Some(all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")),
        _ => None,
    };
    for (name, value) in [
        ("Interface", text(&event.context, "interface")),
        ("Address", text(&event.context, "ip")),
        ("Browser", text(&event.context, "userAgent")),
        ("Fields", text(&event.metadata, "fields")),
    ] {
        more.extend(value.map(|value| Item { name: name.to_owned(), value, masked: false }));
    }
    Row {
        title: if target.is_empty() { deed } else { format!("{deed}: {target}") },
        who: actor(&event.actor).2,
        environment: environment_of(visit.environments(), entry),
        outcome: match event.outcome {
            AuditOutcome::Success => None,
            AuditOutcome::Failure => Some(Status { tone: "bad", word: "Failed".to_owned(), at: None }),
            AuditOutcome::Denied => Some(Status { tone: "bad", word: "Not allowed".to_owned(), at: None }),
        },
        at: visit.when(entry.occurred_at),
        more,
    }
}

/// Names of things and deeds as people read them: `role_changed` is `role changed`.
fn words(name: &str) -> String {
    match name {
        "api_key" => "Key".to_owned(),
        "member" => "Person".to_owned(),
        other => other.replace('_', " "),
    }
}
