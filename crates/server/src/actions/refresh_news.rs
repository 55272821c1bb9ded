//! What the product, the activity log and the metrics learn of a refresh.

use std::sync::Arc;

use dovetail_activity::Journal;
use dovetail_activity::metrics::Metrics;
use dovetail_connect::refresh::{News, Report, Tell, Turn, problem_of};
use dovetail_store::{StoreError, Tx};
use dovetail_webhooks::{AuthEvent, AuthFailure, AuthOperation, Subject, enqueue_auth};
use futures_util::future::{BoxFuture, FutureExt as _};

/// Queues `auth` webhooks of refreshes (spec: webhooks.md A2.1), and counts.
#[derive(Clone, Debug)]
pub(crate) struct RefreshNews {
    /// Takes the operations of refreshes that made no turn.
    pub(crate) activity: Journal,
    /// Counts them.
    pub(crate) metrics: Arc<Metrics>,
}

impl Tell for RefreshNews {
    fn turned<'a>(&'a self, tx: &'a mut Tx, news: News<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            // Without its definition nobody knows how the account is linked, and the receiver needs that.
            let Some(provider) = news.provider else { return Ok(()) };
            let failure = match news.turn {
                Turn::Failing { problem, sentence } | Turn::GivenUp { problem, sentence } => {
                    Some(AuthFailure { kind: problem_of(*problem).to_owned(), description: sentence.clone() })
                }
                Turn::Recovered => None,
            };
            let event = AuthEvent {
                operation: AuthOperation::Refresh,
                connection_id: &news.info.connection_id,
                provider_config_key: &news.info.provider_config_key,
                provider: &news.info.provider,
                auth_mode: provider.auth_mode(),
                environment: &news.environment.name,
                failure,
                tags: Some(&news.info.tags),
                end_user: news.info.end_user.as_ref(),
            };
            let subject = Subject {
                connection: Some(news.info.id),
                webhook_url: news.info.webhook_url.as_deref(),
                operation: Some(&news.operation.id),
            };
            enqueue_auth(tx, news.environment, &event, subject).await.map(|_| ())
        }
        .boxed()
    }

    fn ended(&self, report: Report<'_>) {
        self.metrics.credential_refreshes.increment([&report.info.provider, report.outcome]);
        self.metrics.refresh_seconds.observe([&report.info.provider], report.took.as_secs_f64());
        if report.unwritten {
            self.activity.open(report.operation);
        }
    }
}
