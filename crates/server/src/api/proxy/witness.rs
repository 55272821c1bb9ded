//! What the activity log and the metrics learn of a proxied call (spec: proxy.md 17).

use dovetail_activity::metrics::status_class;
use dovetail_activity::{Beginning, HttpNote, error_details};
use dovetail_model::{Level, MessageContext, OperationId, OperationKind, OperationState};
use dovetail_proxy::{AttemptRecord, CallerHeaders, Observe, ProxyError};
use dovetail_store::connections::SealedConnection;
use dovetail_store::operations;
use http::StatusCode;
use serde_json::{Map, json};
use tokio::time::Instant;

use crate::auth::Caller;
use crate::state::AppState;
use crate::wire::ApiResult;

/// Follows one call to its last byte.
#[derive(Debug)]
pub(super) struct Witness {
    app: AppState,
    /// None: the caller wants nothing kept.
    operation: Option<Watched>,
    provider: String,
    started: Instant,
}

#[derive(Debug)]
struct Watched {
    id: OperationId,
    /// Somebody else's operation, which this call only adds to.
    is_joined: bool,
}

impl Witness {
    /// Opens the operation of a call, or joins the one that the caller names. One of another environment is not
    /// found, and then the call has its own.
    pub(super) async fn begin(
        app: &AppState,
        caller: &Caller,
        headers: &CallerHeaders,
        sealed: &SealedConnection,
    ) -> ApiResult<Self> {
        let info = &sealed.info;
        let joined = match headers.activity_log_id.as_ref().and_then(|id| id.parse().ok()) {
            Some(id) => operations::get(&mut app.store.read().await?, caller.environment_id(), &id).await?,
            None => None,
        };
        let operation = match joined {
            _ if headers.is_dry_run => None,
            Some(operation) => Some(Watched { id: operation.id, is_joined: true }),
            None => {
                let beginning = Beginning {
                    integration: Some((info.integration, info.provider_config_key.clone())),
                    provider: Some(info.provider.clone()),
                    connection: Some((Some(info.id), info.connection_id.clone())),
                    actor: Some(caller.actor.clone()),
                    ..Beginning::new(OperationKind::ProxyCall, caller.environment_id())
                };
                let operation = beginning.operation(app.now(), &*app.random);
                app.activity.open(&operation);
                Some(Watched { id: operation.id, is_joined: false })
            }
        };
        Ok(Self { app: app.clone(), operation, provider: info.provider.clone(), started: Instant::now() })
    }

    /// The call got no answer.
    pub(super) fn failed(self, error: &ProxyError) {
        if let Some(operation) = &self.operation {
            let details = error_details(error.wire().1, &error.to_string());
            let sentence = "The call was not answered by the provider";
            self.app.activity.note(&operation.id, Level::Error, MessageContext::Proxy, sentence, details);
        }
        self.end(None, OperationState::Failed);
    }

    /// The answer's last byte was passed on, or it broke off in the state given.
    pub(super) fn answered(self, status: StatusCode, broken: Option<OperationState>) {
        let outcome = if status.is_success() { OperationState::Success } else { OperationState::Failed };
        self.end(Some(status), broken.unwrap_or(outcome));
    }

    fn end(self, status: Option<StatusCode>, state: OperationState) {
        if let Some(operation) = self.operation.as_ref().filter(|operation| !operation.is_joined) {
            self.app.activity.close(&operation.id, state);
        }
        let class = status.map_or("none", |status| status_class(status.as_u16()));
        self.app.metrics.proxy_requests.increment([&self.provider, class]);
        self.app.metrics.proxy_seconds.observe([&self.provider], self.started.elapsed().as_secs_f64());
    }
}

impl Observe for Witness {
    fn attempt(&self, record: AttemptRecord) {
        let Some(operation) = &self.operation else { return };
        let activity = &self.app.activity;
        let note = HttpNote {
            method: record.method.as_str(),
            url: &record.url,
            status: record.status.map(|status| status.as_u16()),
            problem: record.error,
            took: record.took,
        };
        activity.http(&operation.id, MessageContext::Proxy, note);
        if let Some((wait, reason)) = record.retry {
            let retry =
                json!({ "attempt": record.number, "waitMs": wait.as_millis() as u64, "reason": reason });
            let details = Map::from_iter([("retry".to_owned(), retry)]);
            let sentence = format!("Trying again in {} ms: {reason}", wait.as_millis());
            activity.note(&operation.id, Level::Warn, MessageContext::Proxy, &sentence, details);
        }
    }
}
