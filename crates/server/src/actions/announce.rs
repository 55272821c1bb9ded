//! The webhooks that tell a product about its connections.

use dovetail_connect::link::{Announce, News};
use dovetail_model::WebhookSettings;
use dovetail_store::connections::UpsertKind;
use dovetail_webhooks::{AuthEvent, AuthOperation};

/// Writes `auth` webhooks (spec: webhooks.md A2.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Announcer;

impl Announce for Announcer {
    fn linked(&self, settings: &WebhookSettings, news: &News<'_>) -> Option<String> {
        let info = &news.connection.info;
        let event = AuthEvent {
            operation: match news.kind {
                UpsertKind::Created => AuthOperation::Creation,
                UpsertKind::Overridden => AuthOperation::Override,
            },
            connection_id: &info.connection_id,
            provider_config_key: &info.provider_config_key,
            provider: &info.provider,
            auth_mode: news.provider.auth_mode(),
            environment: &news.environment.name,
            failure: None,
            tags: Some(&info.tags),
            end_user: news.end_user,
        };
        event.is_wanted(settings).then(|| event.body())
    }
}
