//! What happened to a connection, newest first.

use dovetail_model::{ConnectionInfo, OperationState};
use dovetail_store::operations::{self, Filter, Operation};

use crate::dashboard::error::PageError;
use crate::dashboard::limits::TIMELINE_ENTRIES;
use crate::dashboard::parts::Entry;
use crate::dashboard::visit::Visit;

/// The last operations of a connection.
pub(super) async fn of(visit: &Visit, info: &ConnectionInfo) -> Result<Vec<Entry>, PageError> {
    let filter = Filter { connection: Some(info.id), ..Filter::default() };
    let mut db = visit.app().store.read().await?;
    let all = operations::list(&mut db, visit.env(), &filter, TIMELINE_ENTRIES).await?;
    Ok(all.iter().map(|operation| entry(visit, operation)).collect())
}

fn entry(visit: &Visit, operation: &Operation) -> Entry {
    let (tone, word) = outcome(operation.state);
    Entry {
        tone,
        title: format!("{}: {word}", operation.kind.label()),
        text: operation
            .details
            .get("error")
            .and_then(|error| error.get("message")?.as_str())
            .unwrap_or_default()
            .to_owned(),
        at: visit.when(operation.created_at),
    }
}

fn outcome(state: OperationState) -> (&'static str, &'static str) {
    match state {
        OperationState::Success => ("good", "done"),
        OperationState::Failed => ("bad", "failed"),
        OperationState::Timeout => ("bad", "did not end in time"),
        OperationState::Cancelled => ("", "given up"),
        OperationState::Running => ("", "under way"),
        OperationState::Waiting => ("", "waiting"),
    }
}
