//! Things most tests need.

use dovetail_model::{
    CredentialState, Credentials, EnvironmentId, Integration, IntegrationSecrets, Tags, UrlOverride,
};
use dovetail_store::connections::{ConfigUpdate, TagsUpdate, Upsert};
use dovetail_store::integrations::NewIntegration;
use dovetail_store::{Store, Tx, integrations};

pub(crate) async fn integration(tx: &mut Tx, environment: EnvironmentId, key: &str) -> Integration {
    let new = NewIntegration {
        unique_key: key.to_owned(),
        provider: "coda".to_owned(),
        display_name: None,
        forward_webhooks: true,
        secrets: IntegrationSecrets::default(),
    };
    integrations::create(tx, environment, new).await.unwrap().unwrap()
}

pub(crate) async fn committed_integration(
    store: &Store,
    environment: EnvironmentId,
    key: &str,
) -> Integration {
    let mut tx = store.begin().await.unwrap();
    let made = integration(&mut tx, environment, key).await;
    tx.commit().await.unwrap();
    made
}

pub(crate) fn upsert<'a>(
    integration: &'a Integration,
    connection_id: &str,
    credentials: &'a Credentials,
) -> Upsert<'a> {
    Upsert {
        integration,
        connection_id: connection_id.to_owned(),
        credentials,
        state: CredentialState::Unverified,
        config: ConfigUpdate::default(),
        metadata: None,
        tags: TagsUpdate::Merge(Tags::default()),
        end_user: None,
        webhook_url: UrlOverride::Keep,
    }
}
