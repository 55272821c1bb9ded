//! Storing a linked account: everything that belongs to it in one transaction.
//!
//! When the caller is told that the account is linked, all of it is there: the sealed connection, its end user and
//! tags, the webhooks to be sent, and the closed operation. When anything fails, none of it is.

use dovetail_catalog::Provider;
use dovetail_model::{
    CredentialState, Credentials, EndUser, Environment, Integration, OperationId, OperationState, Random,
    Timestamp, UrlOverride,
};
use dovetail_store::connections::{
    self, ConfigUpdate, RefreshPlan, SealedConnection, TagsUpdate, Upsert, UpsertKind, Upserted,
};
use dovetail_store::operations::{self, Enrichment, Operation};
use dovetail_store::{Db as _, Store, StoreError, Tx};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

use crate::config;
use crate::limits::{IDLE_CHECK, IDLE_CHECK_SPREAD};
use crate::pending::{self, PENDING, PENDING_LOG};
use crate::refresh::{chance, plan_for};
use crate::renew::is_renewable;
use crate::verify::Verdict;

/// A linked account that is to be stored.
#[derive(Clone, Debug)]
pub struct Link<'a> {
    /// Where.
    pub environment: &'a Environment,
    /// Of which integration.
    pub integration: &'a Integration,
    /// Its definition.
    pub provider: &'a Provider,
    /// Under which public id.
    pub connection_id: String,
    /// Whether a connection with this id has to be there already.
    pub existing: Existing,
    /// The credentials.
    pub credentials: &'a Credentials,
    /// What their test found out.
    pub verdict: Verdict,
    /// Configuration: laid over what a reconnected connection has.
    pub config: Map<String, Value>,
    /// The product's data; `None` keeps what is there.
    pub metadata: Option<Map<String, Value>>,
    /// What becomes of the tags.
    pub tags: TagsUpdate,
    /// Who linked it; `None` keeps who is there.
    pub end_user: Option<EndUser>,
    /// Its own webhook target.
    pub webhook_url: UrlOverride,
    /// The operation that this attempt is written to; it is made when it is not there yet.
    pub operation: &'a Operation,
}

/// Whether the connection has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It may be new or there.
    Either,
    /// It is linked again: a new one must not come to be in its place.
    Required,
}

/// A stored connection.
#[derive(Debug)]
pub struct Linked {
    /// As it is now.
    pub connection: SealedConnection,
    /// Whether it is new.
    pub kind: UpsertKind,
    /// The operation that tells of it: the given one, or one of its own when that had ended before.
    pub operation: OperationId,
}

/// Why nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The connection to be linked again was deleted meanwhile.
    #[error("the connection to be linked again is gone")]
    Gone,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Queues the webhook that tells the product. Whoever assembles the server says how: this room knows what happened,
/// not how it is told.
pub trait Announce: Send + Sync {
    /// Queues the news within the transaction that makes it.
    fn linked<'a>(&'a self, tx: &'a mut Tx, news: News<'a>) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// What is to be told of a stored connection.
#[derive(Clone, Copy, Debug)]
pub struct News<'a> {
    /// Where.
    pub environment: &'a Environment,
    /// The definition.
    pub provider: &'a Provider,
    /// The connection as it is now.
    pub connection: &'a SealedConnection,
    /// Whether it is new.
    pub kind: UpsertKind,
    /// Whether it has waited for somebody at the provider until now.
    pub completes: bool,
    /// The end user, when one linked it.
    pub end_user: Option<&'a EndUser>,
    /// The operation it belongs to.
    pub operation: &'a Operation,
}

/// Stores a linked account.
pub async fn link(store: &Store, announce: &dyn Announce, link: Link<'_>) -> Result<Linked, LinkError> {
    let now = store.clock().now();
    let state = match link.verdict {
        Verdict::Accepted { .. } => CredentialState::Verified { at: now },
        Verdict::Untested => CredentialState::Unverified,
    };
    let mut tx = store.begin().await?;
    let end_user = link.end_user.clone();
    let waits = pending::is_pending(&link.config);
    let upserted = connections::upsert(
        &mut tx,
        link.environment.id,
        Upsert {
            integration: link.integration,
            connection_id: link.connection_id,
            credentials: link.credentials,
            state,
            config: config::split(link.provider, link.config),
            metadata: link.metadata,
            tags: link.tags,
            end_user: link.end_user,
            webhook_url: link.webhook_url,
        },
    )
    .await?;
    if link.existing == Existing::Required && upserted.kind == UpsertKind::Created {
        tx.rollback().await?;
        return Err(LinkError::Gone);
    }
    // What is linked waits no more, unless it says so.
    let completes = !waits && pending::is_pending(&upserted.connection.public_config);
    let upserted = if completes { awake(&mut tx, upserted).await? } else { upserted };
    let plan = plan_for(Some(link.provider), link.credentials, now, None, store.random());
    if plan != RefreshPlan::default() {
        let (id, version) = (upserted.connection.info.id, upserted.connection.version);
        connections::set_refresh_plan(&mut tx, link.environment.id, id, version, plan).await?;
    }
    // What was tested and cannot be renewed is tested again when nobody uses it.
    let tested = matches!(state, CredentialState::Verified { .. })
        && !is_renewable(Some(link.provider), link.credentials);
    let check_at = tested.then(|| next_check(now, store.random()));
    connections::plan_check(&mut tx, link.environment.id, upserted.connection.info.id, check_at).await?;
    let operation = own_operation(&mut tx, link.operation).await?;
    let linked =
        Linked { connection: upserted.connection, kind: upserted.kind, operation: operation.id.clone() };
    let news = News {
        environment: link.environment,
        provider: link.provider,
        connection: &linked.connection,
        kind: linked.kind,
        completes,
        end_user: end_user.as_ref(),
        operation: &operation,
    };
    // The operation first: the webhook's attempts are logged under it.
    finish(&mut tx, &operation, &linked.connection).await?;
    announce.linked(&mut tx, news).await?;
    tx.commit().await?;
    Ok(linked)
}

/// The connection without the marks of one that waits.
async fn awake(tx: &mut Tx, upserted: Upserted) -> Result<Upserted, StoreError> {
    let Upserted { connection, kind } = upserted;
    let (environment, id) = (connection.info.environment, connection.info.id);
    let marks = [PENDING, PENDING_LOG].map(str::to_owned);
    let nothing = ConfigUpdate::default();
    connections::amend_config(tx, environment, id, connection.version, &nothing, &marks).await?;
    let connection = connections::by_row(tx, environment, id).await?.unwrap_or(connection);
    Ok(Upserted { connection, kind })
}

/// When credentials that were just tested, or used, are tested again: a day later, and up to an hour more, so that what
/// was linked together is not tested together (auth-modes.md 21.7).
pub fn next_check(now: Timestamp, random: &dyn Random) -> Timestamp {
    now.plus(IDLE_CHECK + IDLE_CHECK_SPREAD * u32::from(chance(random)) / 1000)
}

/// A session may link several accounts with one operation. The first success ends it; each later one gets an
/// operation of its own, so that every connection keeps the operation that made it.
async fn own_operation(tx: &mut Tx, given: &Operation) -> Result<Operation, StoreError> {
    let mut operation = given.clone();
    if let Some(environment) = given.environment
        && let Some(stored) = operations::get(tx, environment, &given.id).await?
        && stored.ended_at.is_some()
    {
        operation.id = OperationId::generate(tx.now(), tx.store().random());
    }
    Ok(operation)
}

/// Closes the operation, which now knows its connection.
async fn finish(tx: &mut Tx, operation: &Operation, connection: &SealedConnection) -> Result<(), StoreError> {
    let info = &connection.info;
    let now = tx.now();
    operations::create(tx, operation).await?;
    let more = Enrichment {
        environment: Some(info.environment),
        integration: Some((info.integration, info.provider_config_key.clone())),
        provider: Some(info.provider.clone()),
        connection: Some((Some(info.id), info.connection_id.clone())),
        details: Map::new(),
    };
    operations::enrich(tx, &operation.id, &more, now).await?;
    operations::finish(tx, &operation.id, OperationState::Success, now).await?;
    Ok(())
}
