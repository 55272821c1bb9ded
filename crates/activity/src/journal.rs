//! Writing the activity log and the audit trail without ever making a request wait.
//!
//! Entries go into a bounded queue; one task writes them in batches. When the queue is full or the database fails,
//! entries are dropped and counted: the log is a witness, not a part of the work (observability.md section 3). What
//! belongs to the work, such as the operation of a linked account, is written in the work's own transaction.

use std::sync::Arc;

use dovetail_model::{
    Clock, Level, MessageContext, MessageSource, MessageType, OperationId, OperationState, Timestamp,
};
use dovetail_store::audit_events::{self, NewAuditEvent};
use dovetail_store::operations::{self, Enrichment, NewMessage, Operation};
use dovetail_store::{Store, StoreError, Tx};
use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::allowance::Allowance;
use crate::limits::{BATCH_ENTRIES, DRAIN_WAIT, QUEUE_ENTRIES};
use crate::metrics::Metrics;
use crate::redact;

/// Takes entries. Cheap to clone; the writer ends when the last clone is gone and the queue is empty.
#[derive(Clone, Debug)]
pub struct Journal {
    queue: mpsc::Sender<Entry>,
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    routine: Arc<Allowance>,
}

#[derive(Debug)]
enum Entry {
    Open(Box<Operation>),
    Enrich(OperationId, Box<Enrichment>, Timestamp),
    Message(Box<NewMessage>),
    Close(OperationId, OperationState, Timestamp),
    Audit(Box<NewAuditEvent>),
    Flush(oneshot::Sender<()>),
}

/// A request that an operation made; texts are redacted when it is written.
#[derive(Clone, Debug, Default)]
pub struct HttpNote<'a> {
    /// Method.
    pub method: &'a str,
    /// URL without secrets.
    pub url: &'a str,
    /// Status of the answer, when there was one.
    pub status: Option<u16>,
    /// What was wrong, when something was.
    pub problem: Option<&'a str>,
    /// From sending to the end of the answer.
    pub took: std::time::Duration,
    /// Fields of the request, where they are of interest.
    pub request_headers: Option<&'a Map<String, Value>>,
    /// Fields of the answer, where they are of interest.
    pub response_headers: Option<&'a Map<String, Value>>,
}

impl Journal {
    /// Starts the writer. Needs a running tokio runtime.
    pub fn start(store: Store, clock: Arc<dyn Clock>, metrics: Arc<Metrics>) -> Self {
        let (queue, entries) = mpsc::channel(QUEUE_ENTRIES);
        tokio::spawn(write(store, entries, Arc::clone(&metrics)));
        Self { queue, metrics, clock, routine: Arc::default() }
    }

    /// Whether one more operation may be written down in this second if it goes well. Asked before it runs, because
    /// keeping what would be written has its price; whoever then leaves it out says so to [`Self::left_out`].
    pub fn takes_routine(&self, now: Timestamp) -> bool {
        self.routine.take(now)
    }

    /// Counts an operation that went well and was not written down.
    pub fn left_out(&self) {
        self.metrics.log_entries_dropped.increment(["routine"]);
    }

    /// Writes an operation down. One that is there already stays as it is.
    pub fn open(&self, operation: &Operation) {
        let mut operation = operation.clone();
        operation.details = document(operation.details);
        self.push(Entry::Open(Box::new(operation)));
    }

    /// Adds facts to an operation.
    pub fn enrich(&self, operation: &OperationId, mut more: Enrichment) {
        more.details = document(more.details);
        self.push(Entry::Enrich(operation.clone(), Box::new(more), self.clock.now()));
    }

    /// Ends an operation. An operation ends once: a later word changes nothing.
    pub fn close(&self, operation: &OperationId, state: OperationState) {
        self.push(Entry::Close(operation.clone(), state, self.clock.now()));
    }

    /// Writes a sentence to an operation, with details in the wire's shape (`error`, `meta`).
    pub fn note(
        &self,
        operation: &OperationId,
        level: Level,
        context: MessageContext,
        sentence: &str,
        details: Map<String, Value>,
    ) {
        self.note_at(self.clock.now(), operation, level, context, sentence, details);
    }

    /// As [`Self::note`], for something that happened at another time.
    pub fn note_at(
        &self,
        at: Timestamp,
        operation: &OperationId,
        level: Level,
        context: MessageContext,
        sentence: &str,
        details: Map<String, Value>,
    ) {
        self.push(Entry::Message(Box::new(NewMessage {
            operation: operation.clone(),
            source: MessageSource::Internal,
            level,
            kind: MessageType::Log,
            context: Some(context),
            message: redact::sentence(sentence),
            details: document(details),
            created_at: at,
            ended_at: None,
        })));
    }

    /// Writes a request to an operation.
    pub fn http(&self, operation: &OperationId, context: MessageContext, note: HttpNote<'_>) {
        let ended_at = self.clock.now();
        let failed = note.problem.is_some() || note.status.is_none_or(|status| status >= 400);
        let sentence = match note.status {
            Some(status) => format!("{} {} answered {status}", note.method, note.url),
            None => format!("{} {} was not answered", note.method, note.url),
        };
        let mut details = Map::new();
        let mut request = json!({ "method": note.method, "url": note.url });
        if let Some(headers) = note.request_headers {
            request["headers"] = json!(headers);
        }
        details.insert("request".to_owned(), request);
        if let Some(status) = note.status {
            let mut response = json!({ "code": status });
            if let Some(headers) = note.response_headers {
                response["headers"] = json!(headers);
            }
            details.insert("response".to_owned(), response);
        }
        if let Some(problem) = note.problem {
            details.insert("error".to_owned(), json!({ "name": "request_failed", "message": problem }));
        }
        let took = u64::try_from(note.took.as_millis()).unwrap_or(u64::MAX);
        details.insert("durationMs".to_owned(), json!(took));
        self.push(Entry::Message(Box::new(NewMessage {
            operation: operation.clone(),
            source: MessageSource::Internal,
            level: if failed { Level::Error } else { Level::Info },
            kind: MessageType::Http,
            context: Some(context),
            message: redact::sentence(&sentence),
            details: document(details),
            created_at: ended_at.minus(note.took),
            ended_at: Some(ended_at),
        })));
    }

    /// Adds an entry to the audit trail.
    pub fn audit(&self, event: NewAuditEvent) {
        self.push(Entry::Audit(Box::new(event)));
    }

    /// Waits until everything taken so far is written, at most [`DRAIN_WAIT`]. For shutdown and tests.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        let drained = async {
            if self.queue.send(Entry::Flush(done)).await.is_ok() {
                // The writer answers, or it is gone and there is nothing to wait for.
                written.await.ok();
            }
        };
        if timeout(DRAIN_WAIT, drained).await.is_err() {
            tracing::warn!("the activity log could not be written in time; the last entries may be missing");
        }
    }

    fn push(&self, entry: Entry) {
        if self.queue.try_send(entry).is_err() {
            self.metrics.log_entries_dropped.increment(["queue_full"]);
        }
        self.metrics.log_queue_entries.set((QUEUE_ENTRIES - self.queue.capacity()) as i64);
    }
}

/// Details without secrets.
fn document(details: Map<String, Value>) -> Map<String, Value> {
    match redact::document(&Value::Object(details)) {
        Value::Object(details) => details,
        cut => Map::from_iter([("meta".to_owned(), cut)]),
    }
}

async fn write(store: Store, mut entries: mpsc::Receiver<Entry>, metrics: Arc<Metrics>) {
    let mut batch = Vec::with_capacity(BATCH_ENTRIES);
    while entries.recv_many(&mut batch, BATCH_ENTRIES).await > 0 {
        let mut waiting = Vec::new();
        let mut taken = Vec::with_capacity(batch.len());
        for entry in batch.drain(..) {
            match entry {
                Entry::Flush(done) => waiting.push(done),
                other => taken.push(other),
            }
        }
        if let Err(error) = write_batch(&store, &taken).await {
            metrics.log_entries_dropped.add(["database"], taken.len() as u64);
            tracing::warn!(%error, entries = taken.len(), "the activity log could not be written");
        }
        metrics.log_queue_entries.set(entries.len() as i64);
        for done in waiting {
            // Whoever waited may have given up.
            done.send(()).ok();
        }
    }
}

async fn write_batch(store: &Store, entries: &[Entry]) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    for entry in entries {
        write_entry(&mut tx, entry).await?;
    }
    tx.commit().await
}

async fn write_entry(tx: &mut Tx, entry: &Entry) -> Result<(), StoreError> {
    match entry {
        Entry::Open(operation) => operations::create(tx, operation).await?,
        Entry::Enrich(id, more, at) => {
            operations::enrich(tx, id, more, *at).await?;
        }
        Entry::Message(message) => {
            operations::add_message(tx, message).await?;
        }
        Entry::Close(id, state, at) => {
            operations::finish(tx, id, *state, *at).await?;
        }
        Entry::Audit(event) => {
            audit_events::record(tx, event).await?;
        }
        Entry::Flush(_) => {}
    }
    Ok(())
}
