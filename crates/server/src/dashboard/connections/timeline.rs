//! What happened to a connection, newest first.

use dovetail_model::{ConnectionInfo, OperationState};
use dovetail_store::operations::{self, Filter, Operation};
use serde_json::{Map, Value};

use crate::dashboard::activity;
use crate::dashboard::error::PageError;
use crate::dashboard::limits::TIMELINE_ENTRIES;
use crate::dashboard::parts::Entry;
use crate::dashboard::visit::Visit;

/// The last operations of a connection.
pub(super) async fn of(visit: &Visit, info: &ConnectionInfo) -> Result<Vec<Operation>, PageError> {
    let filter = Filter { connection: Some(info.id), ..Filter::default() };
    let mut db = visit.app().store.read().await?;
    Ok(operations::list(&mut db, visit.env(), &filter, TIMELINE_ENTRIES).await?)
}

/// An operation as an entry of the timeline.
pub(super) fn entry(visit: &Visit, operation: &Operation) -> Entry {
    let (tone, word) = outcome(operation.state);
    Entry {
        tone,
        title: format!("{}{word}", operation.kind.label()),
        text: sentence(&operation.details),
        href: Some(activity::href(visit, operation.id.as_str())),
        at: visit.when(operation.created_at),
    }
}

fn outcome(state: OperationState) -> (&'static str, &'static str) {
    match state {
        OperationState::Success => ("good", ""),
        OperationState::Failed => ("bad", ": failed"),
        OperationState::Timeout => ("bad", ": did not end in time"),
        OperationState::Cancelled => ("", ": given up"),
        OperationState::Running => ("", ": under way"),
        OperationState::Waiting => ("", ": waiting"),
    }
}

/// What was asked and answered, or what went wrong.
pub(super) fn sentence(details: &Map<String, Value>) -> String {
    let text = |pointer: &[&str]| {
        let mut at = details.get(*pointer.first()?)?;
        for key in &pointer[1..] {
            at = at.get(key)?;
        }
        at.as_str().map(str::to_owned).or_else(|| at.as_u64().map(|number| number.to_string()))
    };
    if let Some(message) = text(&["error", "message"]) {
        return message;
    }
    match (text(&["request", "method"]), text(&["request", "url"]), text(&["response", "code"])) {
        (Some(method), Some(url), Some(code)) => format!("{method} {url} answered {code}."),
        (Some(method), Some(url), None) => format!("{method} {url}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_tells_the_error_or_the_exchange() {
        let sentence = |details: Value| sentence(details.as_object().unwrap());
        let exchange = json!({ "request": { "method": "GET", "url": "https://coda.io/x" }, "response": { "code": 200 } });
        assert_eq!(sentence(exchange), "GET https://coda.io/x answered 200.");
        assert_eq!(sentence(json!({ "error": { "message": "Coda answered 401." } })), "Coda answered 401.");
        assert_eq!(sentence(json!({})), "");
    }
}
