//! `GET /dashboard/{environment}/activity`.

use std::time::Duration;

use askama::Template;
use axum::response::Response;
use dovetail_model::{OperationId, OperationKind, OperationState, Timestamp};
use dovetail_store::integrations;
use dovetail_store::operations::{self, Filter, Operation};

use super::{href, status};
use crate::dashboard::error::PageError;
use crate::dashboard::format::{When, duration};
use crate::dashboard::limits::PAGE_ROWS;
use crate::dashboard::page::page;
use crate::dashboard::parts::{Choice, Pages, Query, Status};
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::Visit;

struct Row {
    href: String,
    label: &'static str,
    error: String,
    status: Status,
    integration: String,
    connection: String,
    duration: String,
    created: When,
}

#[derive(Template)]
#[template(path = "dashboard/activity/list.html")]
struct ListPage {
    shell: Shell,
    query: String,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    integrations: Vec<Choice>,
    periods: Vec<Choice>,
    connection: String,
    filtered: bool,
    rows: Vec<Row>,
    pages: Pages,
}

/// What one may look at together; types without operations in this version are not offered.
const KINDS: [(&str, &str); 3] =
    [("auth", "Linking and refreshing"), ("proxy", "Proxy calls"), ("webhook", "Webhooks")];

const STATES: [(&str, &str, &[OperationState]); 3] = [
    ("success", "Done", &[OperationState::Success]),
    ("failed", "Failed", &[OperationState::Failed, OperationState::Timeout]),
    ("open", "Under way", &[OperationState::Waiting, OperationState::Running]),
];

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const PERIODS: [(&str, &str, Duration); 3] = [
    ("hour", "Last hour", HOUR),
    ("day", "Last 24 hours", DAY),
    ("week", "Last 7 days", Duration::from_hours(7 * 24)),
];

/// Operations, newest first, by `?q=`, `?type=`, `?state=`, `?integration=`, `?connection=` and `?period=`.
pub(crate) async fn list(visit: Visit) -> Result<Response, PageError> {
    let [query, kind, state, integration, connection, period] =
        ["q", "type", "state", "integration", "connection", "period"].map(|name| visit.query(name));
    let before = before(&visit.query("before"));
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let filter = Filter {
        search: some(&query),
        kinds: some(&kind).into_iter().collect(),
        states: STATES
            .iter()
            .find(|(word, ..)| *word == state)
            .map(|(_, _, states)| states.to_vec())
            .unwrap_or_default(),
        integrations: some(&integration).into_iter().collect(),
        connection_ids: some(&connection).into_iter().collect(),
        from: PERIODS.iter().find(|(word, ..)| *word == period).map(|(_, _, span)| visit.now().minus(*span)),
        before: before.clone(),
        ..Filter::default()
    };
    let mut db = visit.app().store.read().await?;
    let keys = integrations::list(&mut db, visit.env()).await?;
    // One row more than shown tells whether another page follows.
    let mut found = operations::list(&mut db, visit.env(), &filter, i64::from(PAGE_ROWS) + 1).await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let filters = Query::default()
        .with("q", &query)
        .with("type", &kind)
        .with("state", &state)
        .with("integration", &integration)
        .with("connection", &connection)
        .with("period", &period);
    let path = visit.path("/activity");
    let next = found
        .last()
        .filter(|_| more)
        .map(|last| filters.with("before", &format!("{}.{}", last.created_at.0, last.id)).of(&path));
    let pages = Pages { previous: before.as_ref().map(|_| filters.of(&path)), next, label: String::new() };
    page(&ListPage {
        shell: visit.shell(Section::Activity, "Activity"),
        kinds: Choice::all(KINDS.iter().copied(), &kind),
        states: Choice::all(STATES.iter().map(|(word, label, _)| (*word, *label)), &state),
        periods: Choice::all(PERIODS.iter().map(|(word, label, _)| (*word, *label)), &period),
        integrations: Choice::all(
            keys.iter().map(|found| (found.unique_key.as_str(), found.unique_key.as_str())),
            &integration,
        ),
        filtered: filters != Query::default() || before.is_some(),
        query,
        connection,
        rows: found.iter().map(|operation| row(&visit, operation)).collect(),
        pages,
    })
}

/// Reads `<milliseconds>.<operation>`; anything else is the first page.
fn before(text: &str) -> Option<(Timestamp, OperationId)> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp(at.parse().ok()?), id.parse().ok()?))
}

fn row(visit: &Visit, operation: &Operation) -> Row {
    let error = operation.details.get("error").and_then(|error| error.get("message"));
    Row {
        href: href(visit, operation.id.as_str()),
        label: label(operation),
        error: error.and_then(|text| text.as_str()).unwrap_or_default().to_owned(),
        status: status(operation.state),
        integration: operation.integration.as_ref().map(|(_, key)| key.clone()).unwrap_or_default(),
        connection: operation.connection.as_ref().map(|(_, id)| id.clone()).unwrap_or_default(),
        duration: duration_of(operation),
        created: visit.when(operation.created_at),
    }
}

/// What was tried; the fixed label says what is true only when it worked.
pub(super) fn label(operation: &Operation) -> &'static str {
    let worked = operation.state == OperationState::Success;
    match operation.kind {
        OperationKind::AuthCreateConnection if !worked => "Link an account",
        OperationKind::AuthRefreshToken if !worked => "Refresh a token",
        kind => kind.label(),
    }
}

pub(super) fn duration_of(operation: &Operation) -> String {
    let ms = operation.duration_ms().and_then(|ms| u64::try_from(ms).ok());
    ms.map(|ms| duration(Duration::from_millis(ms))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_page_reads_back_or_is_the_first() {
        let (at, id) = before("1767225600000.1767225600000_Ab3dE9xQ").unwrap();
        assert_eq!((at.0, id.as_str()), (1_767_225_600_000, "1767225600000_Ab3dE9xQ"));
        assert!(before("").is_none() && before("x.y").is_none());
    }
}
