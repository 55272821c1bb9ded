//! The webhooks that tell a product about its connections.

use dovetail_connect::limits::ROUTINE_TOTAL;
use dovetail_connect::link::{Announce, News};
use dovetail_connect::pending::is_pending;
use dovetail_model::{AuthMode, ConnectSession};
use dovetail_store::connections::UpsertKind;
use dovetail_store::{Db as _, StoreError, Tx, outbox, pairings};
use dovetail_webhooks::{AuthEvent, AuthOperation, Subject, enqueue_auth};
use futures_util::future::{BoxFuture, FutureExt as _};

use crate::limits::ROUTINE_MARGIN;
use crate::popup::Outcome;

/// Queues `auth` webhooks (spec: webhooks.md A2.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Announcer;

impl Announce for Announcer {
    fn linked<'a>(&'a self, tx: &'a mut Tx, news: News<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let info = &news.connection.info;
            // What waits for somebody at the provider cannot be used yet: it is told of when it can.
            if is_pending(&news.connection.public_config) {
                return Ok(());
            }
            let mode = news.provider.auth_mode();
            let event = AuthEvent {
                operation: match news.kind {
                    UpsertKind::Overridden if !news.completes => AuthOperation::Override,
                    UpsertKind::Created | UpsertKind::Overridden => AuthOperation::Creation,
                },
                connection_id: &info.connection_id,
                provider_config_key: &info.provider_config_key,
                provider: &info.provider,
                // An approval is the app's (webhooks.md A2.1).
                auth_mode: if news.completes && mode == AuthMode::Custom { AuthMode::App } else { mode },
                environment: &news.environment.name,
                failure: None,
                tags: Some(&info.tags),
                end_user: news.end_user,
            };
            let subject = Subject {
                connection: Some(info.id),
                webhook_url: info.webhook_url.as_deref(),
                operation: Some(&news.operation.id),
            };
            enqueue_auth(tx, news.environment, &event, subject).await?;
            if news.provider.post_connection().is_some() {
                // The product reads the connection when it hears of it: it hears once the routine has ended.
                let latest = tx.now().plus(ROUTINE_TOTAL + ROUTINE_MARGIN);
                outbox::reschedule(tx, info.id, &news.operation.id, latest).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

/// As [`Announcer`], for what a session links: a device that waits for the session's browser hears of it in the same
/// transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionAnnouncer<'s> {
    pub(crate) session: &'s ConnectSession,
    pub(crate) outcome: &'s Outcome,
}

impl Announce for SessionAnnouncer<'_> {
    fn linked<'a>(&'a self, tx: &'a mut Tx, news: News<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            Announcer.linked(tx, news).await?;
            let Self { session, outcome } = self;
            pairings::linked(tx, session.environment, session.id, &outcome.to_stored()).await
        }
        .boxed()
    }
}
