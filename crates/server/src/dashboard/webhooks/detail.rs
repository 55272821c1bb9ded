//! `GET /dashboard/{environment}/webhooks/{id}`: one delivery and its attempts.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use dovetail_model::{DeliveryState, OutboxId};
use dovetail_store::outbox::{self, AttemptRecord, Delivery};
use serde_json::Value;

use super::list::{next, status};
use crate::dashboard::audit;
use crate::dashboard::error::PageError;
use crate::dashboard::form::Fields;
use crate::dashboard::format::{When, duration};
use crate::dashboard::limits::SHOWN_BODY_BYTES;
use crate::dashboard::page::{page, see_other};
use crate::dashboard::parts::{Entry, Status};
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::Visit;

#[derive(Template)]
#[template(path = "dashboard/webhooks/detail.html")]
struct DetailPage {
    shell: Shell,
    href: String,
    id: String,
    url: String,
    status: Status,
    reason: Option<String>,
    attempt_count: u32,
    attempts: Vec<Entry>,
    next: Option<When>,
    created: When,
    body: String,
    can_replay: bool,
}

/// The page.
pub(crate) async fn show(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
) -> Result<Response, PageError> {
    let delivery = load(&visit, &params).await?;
    let mut db = visit.app().store.read().await?;
    let attempts = outbox::attempts(&mut db, visit.env(), delivery.id).await?;
    let reason = match &delivery.state {
        DeliveryState::Dead { reason, .. } => Some(reason.clone()),
        _ => None,
    };
    page(&DetailPage {
        shell: visit.shell(Section::Webhooks, delivery.message.kind.clone()).crumb("Webhooks", "/webhooks"),
        href: visit.path(&format!("/webhooks/{}", delivery.id)),
        status: status(&delivery.state),
        can_replay: reason.is_some(),
        reason,
        attempt_count: delivery.attempts,
        attempts: attempts.iter().rev().map(|attempt| entry(&visit, attempt)).collect(),
        next: next(&visit, &delivery.state),
        created: visit.when(delivery.created_at),
        body: pretty(&delivery.message.body),
        id: delivery.message.event_id,
        url: delivery.message.url,
    })
}

/// `POST …/replay`: a delivery that was given up is tried again now.
pub(crate) async fn replay(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    _: Fields,
) -> Result<Response, PageError> {
    let delivery = load(&visit, &params).await?;
    let mut tx = visit.app().store.begin().await?;
    if outbox::replay(&mut tx, visit.env(), delivery.id).await? {
        let thing = (delivery.id.to_string(), delivery.message.event_id.clone());
        audit::note(&mut tx, &visit, "webhook", "replayed", thing, Vec::new()).await?;
    }
    tx.commit().await?;
    Ok(see_other(&visit.path(&format!("/webhooks/{}?done=queued", delivery.id))))
}

async fn load(visit: &Visit, params: &HashMap<String, String>) -> Result<Delivery, PageError> {
    let missing = || PageError::not_found("This delivery", visit.path("/webhooks"));
    let id: i64 = params.get("id").and_then(|id| id.parse().ok()).ok_or_else(missing)?;
    let mut db = visit.app().store.read().await?;
    outbox::get(&mut db, visit.env(), OutboxId(id)).await?.ok_or_else(missing)
}

fn entry(visit: &Visit, attempt: &AttemptRecord) -> Entry {
    let took = duration(attempt.took);
    let good = attempt.status.is_some_and(|status| (200..300).contains(&status));
    Entry {
        tone: if good { "good" } else { "bad" },
        title: match attempt.status {
            Some(status) => format!("Answered {status} after {took}"),
            None => format!("No answer after {took}"),
        },
        text: attempt.error.clone().or_else(|| attempt.answer.clone()).unwrap_or_default(),
        href: None,
        at: visit.when(attempt.started_at),
    }
}

/// The body as read by people. What was sent is the same JSON on one line.
fn pretty(body: &str) -> String {
    let shown =
        serde_json::from_str::<Value>(body).ok().and_then(|value| serde_json::to_string_pretty(&value).ok());
    let mut text = shown.unwrap_or_else(|| body.to_owned());
    if text.len() > SHOWN_BODY_BYTES {
        let mut end = SHOWN_BODY_BYTES;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str("\n…");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_body_is_cut_between_characters() {
        assert_eq!(pretty(r#"{"a":1}"#), "{\n  \"a\": 1\n}");
        let long = pretty(&"é".repeat(SHOWN_BODY_BYTES));
        assert!(long.len() <= SHOWN_BODY_BYTES + 8 && long.ends_with('…'));
    }
}
