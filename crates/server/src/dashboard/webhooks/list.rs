//! `GET /dashboard/{environment}/webhooks`: what was sent to the backend, and what could not be.

use askama::Template;
use axum::response::Response;
use dovetail_model::{DeliveryState, OutboxId};
use dovetail_store::outbox::{self, Delivery, Filter};

use crate::dashboard::error::PageError;
use crate::dashboard::format::When;
use crate::dashboard::limits::PAGE_ROWS;
use crate::dashboard::page::page;
use crate::dashboard::parts::{Pages, Query, Status};
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::Visit;

struct Row {
    href: String,
    event: String,
    url: String,
    status: Status,
    attempts: u32,
    next: Option<When>,
    created: When,
}

struct StateTab {
    label: &'static str,
    href: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "dashboard/webhooks/list.html")]
struct ListPage {
    shell: Shell,
    no_url: bool,
    filtered: bool,
    tabs: Vec<StateTab>,
    rows: Vec<Row>,
    pages: Pages,
}

const STATES: [(&str, &str, Filter); 4] = [
    ("", "All", Filter::All),
    ("waiting", "Waiting", Filter::Open),
    ("delivered", "Delivered", Filter::Delivered),
    ("dead", "Given up", Filter::Dead),
];

/// Deliveries, newest first, by `?state=`.
pub(crate) async fn list(visit: Visit) -> Result<Response, PageError> {
    let asked = visit.query("state");
    let (word, _, filter) = STATES.into_iter().find(|(word, ..)| *word == asked).unwrap_or(STATES[0]);
    let before = visit.query("before").parse().ok().map(OutboxId);
    let path = visit.path("/webhooks");
    let mut db = visit.app().store.read().await?;
    // One row more than shown tells whether another page follows.
    let limit = i64::from(PAGE_ROWS);
    let mut found = outbox::list(&mut db, visit.env(), filter, before, limit + 1).await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let by_state = Query::default().with("state", word);
    let pages = Pages {
        previous: before.map(|_| by_state.of(&path)),
        next: found
            .last()
            .filter(|_| more)
            .map(|last| by_state.with("before", &last.id.to_string()).of(&path)),
        label: String::new(),
    };
    let tab = |(word, label, _): (&'static str, &'static str, _)| StateTab {
        label,
        href: Query::default().with("state", word).of(&path),
        current: word == asked,
    };
    page(&ListPage {
        shell: visit.shell(Section::Webhooks, "Webhooks"),
        no_url: visit.environment.webhooks.targets(None).is_empty(),
        filtered: filter != Filter::All || before.is_some(),
        tabs: STATES.map(tab).into(),
        pages,
        rows: found.into_iter().map(|delivery| row(&visit, delivery)).collect(),
    })
}

fn row(visit: &Visit, delivery: Delivery) -> Row {
    Row {
        href: visit.path(&format!("/webhooks/{}", delivery.id)),
        event: delivery.message.kind,
        url: delivery.message.url,
        status: status(&delivery.state),
        attempts: delivery.attempts,
        next: next(visit, &delivery.state),
        created: visit.when(delivery.created_at),
    }
}

/// A state as read.
pub(super) fn status(state: &DeliveryState) -> Status {
    let (tone, word) = match state {
        DeliveryState::Pending { .. } => ("busy", "Waiting"),
        DeliveryState::Leased { .. } => ("busy", "Being sent"),
        DeliveryState::Delivered { .. } => ("good", "Delivered"),
        DeliveryState::Dead { .. } => ("bad", "Given up"),
    };
    Status { tone, word: word.to_owned(), at: None }
}

/// When it is tried again.
pub(super) fn next(visit: &Visit, state: &DeliveryState) -> Option<When> {
    match state {
        DeliveryState::Pending { next_attempt_at } => Some(visit.when(*next_attempt_at)),
        _ => None,
    }
}
