//! What the activity log and the metrics learn of a proxied call (spec: proxy.md 17).
//!
//! The log is written when the call has ended, and a call that went well at once is one row: at thousands of calls a
//! second every further row would cost more than the call.

use std::sync::{Arc, Mutex, PoisonError};

use dovetail_activity::metrics::status_class;
use dovetail_activity::{Beginning, HttpNote, error_details};
use dovetail_catalog::outgoing::CredentialView;
use dovetail_model::{
    EnvironmentId, Level, MessageContext, OperationId, OperationKind, OperationState, Redaction, Timestamp,
};
use dovetail_proxy::{AttemptRecord, CallerHeaders, Observe, ProxyError};
use dovetail_store::connections::SealedConnection;
use dovetail_store::operations::{self, Operation};
use http::StatusCode;
use serde_json::{Map, json};
use tokio::time::Instant;

use super::error_body::ErrorBody;
use crate::auth::Caller;
use crate::state::AppState;
use crate::wire::ApiResult;

/// Follows one call to its last byte.
#[derive(Debug)]
pub(super) struct Witness {
    app: AppState,
    caller: Caller,
    sealed: Arc<SealedConnection>,
    log: Log,
    /// Whether the call is written down even if it goes well.
    is_written: bool,
    attempts: Mutex<Vec<AttemptRecord>>,
    began: Timestamp,
    started: Instant,
}

/// Where a call is logged.
#[derive(Debug)]
enum Log {
    /// Nowhere: the caller wants nothing kept.
    Nowhere,
    /// In an operation of its own, written at the end.
    Own,
    /// In an operation of the same environment that the caller named.
    Joined(OperationId),
}

impl Witness {
    /// Begins to follow a call. An operation of another environment is not found, and then the call has its own.
    pub(super) async fn begin(
        app: &AppState,
        caller: Caller,
        headers: &CallerHeaders,
        sealed: Arc<SealedConnection>,
    ) -> ApiResult<Self> {
        let joined = match headers.activity_log_id.as_ref().and_then(|id| id.parse().ok()) {
            Some(id) => Box::pin(joined(app, caller.environment_id(), id)).await?,
            None => None,
        };
        let log = match joined {
            _ if headers.is_dry_run => Log::Nowhere,
            Some(operation) => Log::Joined(operation.id),
            None => Log::Own,
        };
        let began = app.now();
        let is_written = match log {
            Log::Nowhere => false,
            Log::Own => app.activity.takes_routine(began),
            Log::Joined(_) => true,
        };
        let (attempts, started) = (Mutex::default(), Instant::now());
        Ok(Self { app: app.clone(), caller, sealed, log, is_written, attempts, began, started })
    }

    /// The call got no answer.
    pub(super) fn failed(self, error: &ProxyError) {
        self.end(None, OperationState::Failed, Some(error), None);
    }

    /// The answer's last byte was passed on, or it broke off in the state given. `said` is what a refusal said.
    pub(super) fn answered(
        self,
        status: StatusCode,
        broken: Option<OperationState>,
        said: Option<ErrorBody>,
    ) {
        let is_success = status.is_success() || status == StatusCode::SWITCHING_PROTOCOLS;
        let outcome = if is_success { OperationState::Success } else { OperationState::Failed };
        self.end(Some(status), broken.unwrap_or(outcome), None, said);
    }

    fn end(
        mut self,
        status: Option<StatusCode>,
        state: OperationState,
        error: Option<&ProxyError>,
        said: Option<ErrorBody>,
    ) {
        let class = status.map_or("none", |status| status_class(status.as_u16()));
        let provider = self.sealed.info.provider.as_str();
        self.app.metrics.proxy_requests.increment([provider, class]);
        self.app.metrics.proxy_seconds.observe([provider], self.started.elapsed().as_secs_f64());
        let attempts = std::mem::take(self.attempts.get_mut().unwrap_or_else(PoisonError::into_inner));
        let went_well_at_once = state == OperationState::Success && attempts.len() == 1;
        let id = match &self.log {
            Log::Nowhere => return,
            Log::Joined(id) => id.clone(),
            Log::Own if went_well_at_once && !self.is_written => return self.app.activity.left_out(),
            Log::Own => {
                let id = self.write(state, &attempts);
                if went_well_at_once {
                    return;
                }
                id
            }
        };
        for attempt in &attempts {
            note_attempt(&self.app, &id, attempt);
        }
        if let Some(said) = said {
            self.note_said(&id, &said);
        }
        if let Some(error) = error {
            let details = error_details(error.wire().1, &error.to_string());
            let sentence = "The call was not answered by the provider";
            self.app.activity.note(&id, Level::Error, MessageContext::Proxy, sentence, details);
        }
    }

    /// Writes what a refusal said to the operation.
    fn note_said(&self, id: &OperationId, said: &ErrorBody) {
        let credentials = match self.sealed.open_credentials() {
            Ok(credentials) => CredentialView::from(&credentials),
            Err(error) => {
                tracing::warn!(%error, "an answer was not logged: the secrets to take out of it are not known");
                return;
            }
        };
        if let Some(body) = said.shown(&Redaction::knowing(credentials.fields.values())) {
            let details = Map::from_iter([("meta".to_owned(), json!({ "body": body }))]);
            let sentence = "The provider refused the call and said this";
            self.app.activity.note(id, Level::Error, MessageContext::Proxy, sentence, details);
        }
    }

    /// Writes the operation down as it stands at its end, with the request that was sent last.
    fn write(&self, state: OperationState, attempts: &[AttemptRecord]) -> OperationId {
        let info = &self.sealed.info;
        let beginning = Beginning {
            integration: Some((info.integration, info.provider_config_key.clone())),
            provider: Some(info.provider.clone()),
            connection: Some((Some(info.id), info.connection_id.clone())),
            actor: Some(self.caller.actor.clone()),
            ..Beginning::new(OperationKind::ProxyCall, self.caller.environment_id())
        };
        let mut operation = beginning.operation(self.began, &*self.app.random);
        let now = self.app.now();
        operation.state = state;
        operation.level = if state == OperationState::Failed { Level::Error } else { Level::Info };
        (operation.updated_at, operation.ended_at) = (now, Some(now));
        if let Some(last) = attempts.last() {
            let mut request = json!({ "method": last.method.as_str() });
            if !last.url.is_empty() {
                request["url"] = json!(last.url);
            }
            operation.details.insert("request".to_owned(), request);
            if let Some(status) = last.status {
                operation.details.insert("response".to_owned(), json!({ "code": status.as_u16() }));
            }
        }
        self.app.activity.open(&operation);
        operation.id
    }
}

async fn joined(app: &AppState, environment: EnvironmentId, id: OperationId) -> ApiResult<Option<Operation>> {
    Ok(operations::get(&mut app.store.read().await?, environment, &id).await?)
}

fn note_attempt(app: &AppState, operation: &OperationId, attempt: &AttemptRecord) {
    let note = HttpNote {
        method: attempt.method.as_str(),
        url: &attempt.url,
        status: attempt.status.map(|status| status.as_u16()),
        problem: attempt.error,
        took: attempt.took,
        request_headers: Some(&attempt.request_headers).filter(|headers| !headers.is_empty()),
        response_headers: Some(&attempt.response_headers).filter(|headers| !headers.is_empty()),
    };
    app.activity.http(operation, MessageContext::Proxy, note);
    if let Some((wait, reason)) = &attempt.retry {
        let wait = wait.as_millis() as u64;
        let retry = json!({ "attempt": attempt.number, "waitMs": wait, "reason": reason });
        let details = Map::from_iter([("retry".to_owned(), retry)]);
        let sentence = format!("Trying again in {wait} ms: {reason}");
        app.activity.note(operation, Level::Warn, MessageContext::Proxy, &sentence, details);
    }
}

impl Observe for Witness {
    fn wants_routine(&self) -> bool {
        self.is_written
    }

    fn attempt(&self, record: AttemptRecord) {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).push(record);
    }
}
