//! Storing a linked account: all of it or nothing.

use std::sync::Arc;

use dovetail_catalog::CatalogHandle;
use dovetail_connect::link::{Announce, Existing, Link, LinkError, News, link};
use dovetail_connect::verify::Verdict;
use dovetail_model::{
    CredentialState, Credentials, EndUser, Environment, Integration, IntegrationSecrets, ManualClock,
    OperationId, OperationKind, OperationState, SeededRandom, SystemRandom, Tags, UrlOverride,
};
use dovetail_store::connections::{self, TagsUpdate, UpsertKind};
use dovetail_store::integrations::{self, NewIntegration};
use dovetail_store::operations::{self, Operation};
use dovetail_store::outbox::{self, NewDelivery};
use dovetail_store::{Db as _, Store, StoreConfig, StoreError, Tx, bootstrap, environments};
use dovetail_vault::{KeyRing, RootKey};
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Map, json};
use tempfile::TempDir;

struct World {
    store: Store,
    environment: Environment,
    integration: Integration,
    catalog: CatalogHandle,
    _folder: TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let config = StoreConfig::sqlite(&folder.path().join("test.db"));
        let ring = KeyRing::new(&RootKey::generate(&SystemRandom));
        let (clock, random) = (Arc::new(ManualClock::default()), Arc::new(SeededRandom::new(1)));
        let store = Store::open(&config, ring, clock, random).await.unwrap();
        let made = bootstrap::run(&store, None).await.unwrap().unwrap();
        let mut tx = store.begin().await.unwrap();
        let environment = environments::get(&mut tx, made.environments[0].0).await.unwrap().unwrap();
        let new = NewIntegration {
            unique_key: "dixa".to_owned(),
            provider: "dixa".to_owned(),
            display_name: None,
            forward_webhooks: true,
            secrets: IntegrationSecrets::default(),
        };
        let integration = integrations::create(&mut tx, environment.id, new).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        Self { store, environment, integration, catalog: CatalogHandle::embedded(), _folder: folder }
    }

    fn operation(&self) -> Operation {
        let now = self.store.clock().now();
        Operation {
            id: OperationId::generate(now, self.store.random()),
            environment: Some(self.environment.id),
            kind: OperationKind::AuthCreateConnection,
            state: OperationState::Running,
            level: dovetail_model::Level::Info,
            message: "Connection created".to_owned(),
            integration: None,
            provider: None,
            connection: None,
            details: Map::new(),
            created_at: now,
            updated_at: now,
            started_at: Some(now),
            ended_at: None,
            expires_at: None,
        }
    }

    async fn link(
        &self,
        announce: &dyn Announce,
        existing: Existing,
        operation: &Operation,
    ) -> Result<UpsertKind, LinkError> {
        let provider = self.catalog.current().shared("dixa").unwrap();
        let user =
            EndUser { id: "u".to_owned(), display_name: None, email: None, tags: None, organization: None };
        let stored = link(
            &self.store,
            announce,
            Link {
                environment: &self.environment,
                integration: &self.integration,
                provider: &provider,
                connection_id: "conn-42".to_owned(),
                existing,
                credentials: &Credentials::api_key("k_live_1"),
                verdict: Verdict::Accepted { status: 200 },
                config: Map::from_iter([("apiType".to_owned(), json!("dev"))]),
                metadata: None,
                tags: TagsUpdate::Merge(Tags::parse([("team", "ops")]).unwrap()),
                end_user: Some(user),
                webhook_url: UrlOverride::Keep,
                operation,
            },
        )
        .await?;
        Ok(stored.kind)
    }

    /// How many connections, webhooks and operations there are.
    async fn counts(&self) -> (i64, usize, usize) {
        let mut db = self.store.read().await.unwrap();
        let environment = self.environment.id;
        let connections =
            connections::count(&mut db, environment, &connections::Filter::default()).await.unwrap();
        let webhooks = outbox::list(&mut db, environment, outbox::Filter::All, None, 10).await.unwrap();
        let operations =
            operations::list(&mut db, environment, &operations::Filter::default(), 10).await.unwrap();
        (connections, webhooks.len(), operations.len())
    }
}

/// Queues a webhook and, if told so, fails after it.
struct Telling {
    then_fail: bool,
}

impl Announce for Telling {
    fn linked<'a>(&'a self, tx: &'a mut Tx, news: News<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let delivery = NewDelivery {
                event_id: "evt_1".to_owned(),
                kind: "auth".to_owned(),
                connection: Some(news.connection.info.id),
                operation: Some(news.operation.id.clone()),
                url: "https://hooks.acme.test".to_owned(),
                headers: Vec::new(),
                body: "{}".to_owned(),
            };
            outbox::enqueue(tx, news.environment.id, &delivery).await?;
            if self.then_fail {
                // Ending into a state that is no end is refused.
                let at = tx.now();
                operations::finish(tx, &news.operation.id, OperationState::Running, at).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

#[tokio::test]
async fn everything_is_there_when_the_call_returns() {
    let world = World::new().await;
    let operation = world.operation();
    let kind = world.link(&Telling { then_fail: false }, Existing::Either, &operation).await.unwrap();
    assert_eq!(kind, UpsertKind::Created);
    assert_eq!(world.counts().await, (1, 1, 1));
    let mut db = world.store.read().await.unwrap();
    let found = connections::by_key(&mut db, world.environment.id, "dixa", "conn-42").await.unwrap().unwrap();
    assert_eq!(found.info.state, CredentialState::Verified { at: db.now() });
    assert_eq!(found.info.end_user.as_ref().unwrap().id, "u");
    assert_eq!(found.info.tags.get("team"), Some("ops"));
    assert_eq!(found.open_credentials().unwrap(), Credentials::api_key("k_live_1"));
    let logged = operations::get(&mut db, world.environment.id, &operation.id).await.unwrap().unwrap();
    assert_eq!(logged.state, OperationState::Success);
    assert_eq!(logged.connection, Some((Some(found.info.id), "conn-42".to_owned())));
}

#[tokio::test]
async fn nothing_is_there_when_a_late_step_fails() {
    let world = World::new().await;
    let failed = world.link(&Telling { then_fail: true }, Existing::Either, &world.operation()).await;
    assert!(matches!(failed, Err(LinkError::Store(_))));
    assert_eq!(world.counts().await, (0, 0, 0));
}

#[tokio::test]
async fn linking_again_never_makes_a_new_connection() {
    let world = World::new().await;
    let telling = Telling { then_fail: false };
    let gone = world.link(&telling, Existing::Required, &world.operation()).await;
    assert!(matches!(gone, Err(LinkError::Gone)));
    assert_eq!(world.counts().await, (0, 0, 0));
    world.link(&telling, Existing::Either, &world.operation()).await.unwrap();
    let kind = world.link(&telling, Existing::Required, &world.operation()).await.unwrap();
    assert_eq!(kind, UpsertKind::Overridden);
    assert_eq!(world.counts().await, (1, 2, 2));
}

#[tokio::test]
async fn a_session_that_links_twice_leaves_an_operation_with_each_connection() {
    let world = World::new().await;
    let operation = world.operation();
    let telling = Telling { then_fail: false };
    world.link(&telling, Existing::Either, &operation).await.unwrap();
    world.link(&telling, Existing::Either, &operation).await.unwrap();
    assert_eq!(world.counts().await, (1, 2, 2));
}
