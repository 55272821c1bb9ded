//! `GET /dashboard/{environment}/activity/{id}`: one operation with what was written while it ran.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use dovetail_model::{Level, OperationId};
use dovetail_store::operations::{self, Message};
use serde_json::{Map, Value};

use super::list::{duration_of, label};
use super::status;
use crate::dashboard::connections::person::href as connection_href;
use crate::dashboard::error::PageError;
use crate::dashboard::format::When;
use crate::dashboard::integrations::list::href as integration_href;
use crate::dashboard::limits::SHOWN_MESSAGES;
use crate::dashboard::page::page;
use crate::dashboard::parts::Status;
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::Visit;

struct Line {
    tone: &'static str,
    text: String,
    detail: Option<String>,
    at: When,
}

#[derive(Template)]
#[template(path = "dashboard/activity/detail.html")]
struct DetailPage {
    shell: Shell,
    id: String,
    status: Status,
    error: Option<String>,
    integration: Option<(String, String)>,
    connection: Option<(String, Option<String>)>,
    provider: Option<String>,
    actor: Option<String>,
    duration: String,
    created: When,
    ended: Option<When>,
    lines: Vec<Line>,
    cut: bool,
    details: Option<String>,
}

/// The page.
pub(crate) async fn show(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
) -> Result<Response, PageError> {
    let missing = || PageError::not_found("This operation", visit.path("/activity"));
    let id: OperationId = params.get("id").and_then(|id| id.parse().ok()).ok_or_else(missing)?;
    let mut db = visit.app().store.read().await?;
    let operation = operations::get(&mut db, visit.env(), &id).await?.ok_or_else(missing)?;
    let mut messages = operations::messages(&mut db, visit.env(), &id, None, SHOWN_MESSAGES + 1).await?;
    let cut = messages.len() > SHOWN_MESSAGES as usize;
    messages.truncate(SHOWN_MESSAGES as usize);
    let integration = operation.integration.as_ref().map(|(_, key)| key.clone());
    let connection = operation.connection.as_ref().map(|(row, id)| {
        let key = integration.as_deref().filter(|_| row.is_some());
        (id.clone(), key.map(|key| connection_href(&visit, key, id)))
    });
    let of = |name: &str, member: &str| operation.details.get(name)?.get(member)?.as_str().map(str::to_owned);
    page(&DetailPage {
        shell: visit.shell(Section::Activity, label(&operation)).crumb("Activity", "/activity"),
        id: id.to_string(),
        status: status(operation.state),
        error: of("error", "message"),
        integration: integration.map(|key| (integration_href(&visit, &key), key)),
        connection,
        provider: operation.provider.clone(),
        actor: of("actor", "display").or_else(|| of("actor", "type")),
        duration: duration_of(&operation),
        created: visit.when(operation.created_at),
        ended: operation.ended_at.map(|at| visit.when(at)),
        lines: messages.iter().map(|message| line(&visit, message)).collect(),
        cut,
        details: pretty(&operation.details),
    })
}

fn line(visit: &Visit, message: &Message) -> Line {
    let message = &message.message;
    Line {
        tone: match message.level {
            Level::Error => "bad",
            Level::Warn => "warn",
            Level::Info => "good",
            Level::Debug => "",
        },
        text: message.message.clone(),
        detail: pretty(&message.details),
        at: visit.when(message.created_at),
    }
}

/// The redacted details as JSON; nothing when there are none.
fn pretty(details: &Map<String, Value>) -> Option<String> {
    let shown = Value::Object(
        details.iter().filter(|(_, value)| !value.is_null()).map(|(n, v)| (n.clone(), v.clone())).collect(),
    );
    shown.as_object().is_some_and(|shown| !shown.is_empty()).then(|| format!("{shown:#}"))
}
