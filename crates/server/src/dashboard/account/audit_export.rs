//! `GET /dashboard/{environment}/account/audit.csv`: the audit trail as a file (observability.md 9).

use std::fmt::Write as _;

use axum::response::{IntoResponse, Response};
use dovetail_store::audit_events::AuditEvent;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use serde_json::Value;

use super::trail::{Asked, actor, environment_of, page_of};
use crate::dashboard::error::PageError;
use crate::dashboard::limits::{EXPORT_BATCH, EXPORT_ROWS};
use crate::dashboard::visit::{AnyVisit, Visit};

const COLUMNS: &str = "occurred_at,event_id,resource,action,outcome,actor_type,actor_id,actor_display,environment,\
    targets,ip,user_agent,interface,metadata\r\n";

/// The entries that the page with the same query lists, up to a bound.
pub(crate) async fn export(AnyVisit(visit): AnyVisit) -> Result<Response, PageError> {
    let asked = Asked::of(&visit)?;
    let mut file = COLUMNS.to_owned();
    let (mut before, mut rows, mut cut) = (None, 0, false);
    loop {
        let batch = page_of(&visit, &asked, before, EXPORT_BATCH).await?;
        let full = batch.len() as i64 == EXPORT_BATCH;
        for entry in &batch {
            rows += 1;
            line(&mut file, &visit, entry);
        }
        before = batch.last().map(|last| last.id);
        if !full {
            break;
        }
        if rows >= EXPORT_ROWS {
            cut = true;
            break;
        }
    }
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"audit-trail.csv\"")),
        (
            HeaderName::from_static("x-nango-audit-export-truncated"),
            HeaderValue::from_static(if cut { "true" } else { "false" }),
        ),
    ];
    Ok((headers, file).into_response())
}

fn line(file: &mut String, visit: &Visit, entry: &AuditEvent) {
    let event = &entry.event;
    let (kind, id, display) = actor(&event.actor);
    let context = |name: &str| event.context.get(name).and_then(Value::as_str).unwrap_or_default();
    let targets: Vec<String> = event
        .targets
        .iter()
        .map(|target| format!("{}:{} {}", target.kind, target.id, target.display))
        .collect();
    let cells = [
        &entry.occurred_at.iso_z(),
        &entry.id.0.to_string(),
        &event.resource,
        &event.action,
        event.outcome.as_str(),
        kind,
        &id,
        &display,
        &environment_of(visit.environments(), entry),
        &targets.join("; "),
        context("ip"),
        context("userAgent"),
        context("interface"),
        &Value::Object(event.metadata.clone()).to_string(),
    ];
    for (at, text) in cells.into_iter().enumerate() {
        if at > 0 {
            file.push(',');
        }
        cell(file, text);
    }
    file.push_str("\r\n");
}

/// One cell (RFC 4180). What a spreadsheet would run as a formula gets an apostrophe before it.
fn cell(file: &mut String, text: &str) {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let mark = if formula { "'" } else { "" };
    let quoted = text.contains([',', '"', '\r', '\n']);
    // Writing to a String does not fail.
    let written = if quoted {
        write!(file, "\"{mark}{}\"", text.replace('"', "\"\""))
    } else {
        write!(file, "{mark}{text}")
    };
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let of = |text| {
            let mut file = String::new();
            cell(&mut file, text);
            file
        };
        assert_eq!(of("plain"), "plain");
        assert_eq!(of("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(of("=1+1"), "'=1+1");
        assert_eq!(of("\n@x"), "\"'\n@x\"");
        assert_eq!(of(""), "");
    }
}
