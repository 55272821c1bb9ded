//! Telling a service that a connection was deleted (spec: auth-modes.md 24): queued with the deletion, told afterwards.

use dovetail_activity::{Beginning, error_details};
use dovetail_connect::obtain::ObtainError;
use dovetail_connect::revoke::{has_revocation, is_revocable, revoke};
use dovetail_model::{
    Actor, ConnectionRowId, Credentials, Integration, IntegrationSecrets, Level, MessageContext, OperationId,
    OperationKind, OperationState,
};
use dovetail_store::connections::{self, SealedConnection};
use dovetail_store::revocations::{self, NewRevocation, Outcome, Revocation};
use dovetail_store::{StoreError, Tx, integrations, operations};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::limits::{REVOCATION_ATTEMPTS, REVOCATION_PAGE, REVOCATION_RETRY_FIRST, REVOCATION_RETRY_MOST};
use crate::state::AppState;

/// What is kept, sealed, of a deleted connection until its service knows.
#[derive(Serialize, Deserialize)]
struct Material {
    provider: String,
    connection_id: String,
    credentials: Value,
    config: Map<String, Value>,
    metadata: Map<String, Value>,
    /// The client, for when the integration is deleted before the service knows.
    #[serde(default)]
    integration: Option<Client>,
}

/// What is kept of an integration.
#[derive(Serialize, Deserialize)]
struct Client {
    unique_key: String,
    secrets: IntegrationSecrets,
}

/// Queues the news for the service of every connection of an integration that is being deleted. Returns how many.
pub(crate) async fn enqueue_all(
    app: &AppState,
    tx: &mut Tx,
    by: &Actor,
    integration: &Integration,
) -> Result<usize, StoreError> {
    let catalog = app.catalog.current();
    if !catalog.get(&integration.provider).is_some_and(has_revocation) {
        return Ok(0);
    }
    let (mut count, mut after) = (0, ConnectionRowId(0));
    loop {
        let page =
            connections::page_of(tx, integration.environment, integration.id, after, REVOCATION_PAGE).await?;
        let Some(last) = page.last() else { return Ok(count) };
        after = last.info.id;
        for connection in &page {
            count += usize::from(enqueue(app, tx, by, integration, connection).await?.is_some());
        }
    }
}

/// Queues the news for the service of a connection that is being deleted; `None` when there is nothing to tell.
/// Credentials that do not open cannot be revoked, and keep nobody from deleting the connection.
pub(crate) async fn enqueue(
    app: &AppState,
    tx: &mut Tx,
    by: &Actor,
    integration: &Integration,
    connection: &SealedConnection,
) -> Result<Option<OperationId>, StoreError> {
    let info = &connection.info;
    let catalog = app.catalog.current();
    let (Some(provider), Ok(opened)) = (catalog.get(&info.provider), connection.open()) else {
        return Ok(None);
    };
    let metadata = info.metadata.clone().unwrap_or_default();
    if !is_revocable(provider, &opened.credentials, &metadata) {
        return Ok(None);
    }
    let beginning = Beginning {
        integration: Some((info.integration, info.provider_config_key.clone())),
        provider: Some(info.provider.clone()),
        connection: Some((Some(info.id), info.connection_id.clone())),
        actor: Some(by.clone()),
        ..Beginning::new(OperationKind::EventsPreConnectionDeletion, info.environment)
    };
    let mut operation = beginning.operation(app.now(), &*app.random);
    // It ends when the service knows, which may take days.
    operation.expires_at = None;
    operations::create(tx, &operation).await?;
    let material = Material {
        provider: info.provider.clone(),
        connection_id: info.connection_id.clone(),
        credentials: opened.credentials.to_stored(),
        config: opened.config,
        metadata,
        integration: Some(Client {
            unique_key: integration.unique_key.clone(),
            secrets: integration.secrets.clone(),
        }),
    };
    let Ok(material) = serde_json::to_vec(&material).map(zeroize::Zeroizing::new) else { return Ok(None) };
    let new = NewRevocation {
        integration: info.integration,
        connection: info.id,
        operation: &operation.id,
        material: &material,
    };
    revocations::enqueue(tx, info.environment, new).await?;
    Ok(Some(operation.id))
}

/// Tells the service, once, and writes down what came of it.
pub(crate) async fn tell(app: &AppState, revocation: Revocation) -> Result<(), StoreError> {
    let told = ask(app, &revocation).await?;
    let outcome = match &told {
        Ok(()) => Outcome::Done,
        Err(error) if error.is_temporary() && revocation.attempts + 1 < REVOCATION_ATTEMPTS => {
            let doublings = u32::try_from(revocation.attempts).unwrap_or(u32::MAX).min(16);
            let wait = REVOCATION_RETRY_FIRST.saturating_mul(1 << doublings).min(REVOCATION_RETRY_MOST);
            Outcome::Retry { at: app.now().plus(wait) }
        }
        Err(_) => Outcome::GivenUp,
    };
    let mut tx = app.store.begin().await?;
    revocations::finish(&mut tx, revocation.environment, revocation.id, outcome).await?;
    let state = match outcome {
        Outcome::Done => Some(OperationState::Success),
        Outcome::GivenUp => Some(OperationState::Failed),
        Outcome::Retry { .. } => None,
    };
    if let Some(state) = state {
        operations::finish(&mut tx, &revocation.operation, state, app.now()).await?;
    }
    tx.commit().await?;
    let (level, sentence, details) = match &told {
        Ok(()) => (Level::Info, "The service revoked the tokens".to_owned(), Map::new()),
        Err(error) => {
            let sentence = format!("The tokens were not revoked: {error}");
            (Level::Warn, sentence, error_details("revocation_failed", &error.to_string()))
        }
    };
    app.activity.note(&revocation.operation, level, MessageContext::Auth, &sentence, details);
    Ok(())
}

async fn ask(app: &AppState, revocation: &Revocation) -> Result<Result<(), ObtainError>, StoreError> {
    let lacks = |what: &str| Ok(Err(ObtainError::Unbuildable(what.to_owned())));
    let Ok(material) = serde_json::from_slice::<Material>(&revocation.material) else {
        return lacks("what was kept of the connection does not read");
    };
    let Ok(credentials) = serde_json::from_value::<Credentials>(material.credentials) else {
        return lacks("the credentials that were kept do not read");
    };
    let catalog = app.catalog.current();
    let Some(provider) = catalog.get(&material.provider) else {
        return lacks("the catalogue has no definition of the service");
    };
    let mut db = app.store.read().await?;
    let live = integrations::get(&mut db, revocation.environment, revocation.integration).await?;
    drop(db);
    // The client may have got another secret meanwhile; the kept one serves when the integration is gone as well.
    let kept = material.integration.map(|client| Integration {
        id: revocation.integration,
        environment: revocation.environment,
        unique_key: client.unique_key,
        provider: material.provider.clone(),
        display_name: None,
        forward_webhooks: false,
        secrets: client.secrets,
        created_at: app.now(),
        updated_at: app.now(),
    });
    let Some(integration) = live.or(kept) else { return lacks("the integration is gone") };
    let party = app.party(provider, &integration, &material.connection_id, &material.config);
    Ok(revoke(&party, &credentials, &material.metadata).await)
}
