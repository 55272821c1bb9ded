//! What went wrong when the account was linked without keeping it from being linked: the service did not tell
//! everything that the definition asks for.

use dovetail_model::{Level, OperationKind, OperationState};
use dovetail_store::operations::{self, Operation};

use crate::dashboard::activity;
use crate::dashboard::error::PageError;
use crate::dashboard::limits::SHOWN_MESSAGES;
use crate::dashboard::visit::Visit;

/// Warnings of one operation.
pub(super) struct Warnings {
    pub(super) texts: Vec<String>,
    /// The operation that tells more.
    pub(super) href: String,
}

/// The warnings of the newest link, while it is among `operations`.
pub(super) async fn of(visit: &Visit, operations: &[Operation]) -> Result<Option<Warnings>, PageError> {
    let linked = |one: &&Operation| {
        one.kind == OperationKind::AuthCreateConnection && one.state == OperationState::Success
    };
    let Some(operation) = operations.iter().find(linked) else { return Ok(None) };
    let mut db = visit.app().store.read().await?;
    let messages = operations::messages(&mut db, visit.env(), &operation.id, None, SHOWN_MESSAGES).await?;
    let texts: Vec<String> = messages
        .into_iter()
        .filter(|message| message.message.level == Level::Warn)
        .map(|message| message.message.message)
        .collect();
    let href = activity::href(visit, operation.id.as_str());
    Ok((!texts.is_empty()).then_some(Warnings { texts, href }))
}
