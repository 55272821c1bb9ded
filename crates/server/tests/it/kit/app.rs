//! The server under test.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use dovetail_catalog::CatalogHandle;
use dovetail_egress::{Client, EgressConfig};
use dovetail_model::{
    CredentialState, Credentials, EnvironmentId, KeyLimits, ManualClock, Scope, Scopes, SeededRandom,
    SessionPurpose, SystemRandom, Tags, UrlOverride,
};
use dovetail_server::{AppState, Foundations, ServerConfig, router};
use dovetail_store::connect_sessions::{self, NewConnectSession};
use dovetail_store::connections::{self, ConfigUpdate, TagsUpdate, Upsert};
use dovetail_store::{
    Store, StoreConfig, api_keys, bootstrap, environment_variables, environments, integrations,
};
use dovetail_testkit::Database;
use dovetail_vault::{KeyRing, RootKey};
use http::Method;
use tempfile::TempDir;

use super::request::RequestBuilder;
use super::service::Service;

/// A server in memory with its own database (SQLite unless [`Database::asked`] says otherwise), the environments `dev` and `prod`, and a clock that stands.
pub(crate) struct TestApp {
    /// The server's parts, for arranging and looking below the wire.
    pub(crate) state: AppState,
    /// Push it to let time pass.
    pub(crate) clock: Arc<ManualClock>,
    /// Full-access key of `dev`.
    pub(crate) key: String,
    /// Full-access key of `prod`.
    pub(crate) prod_key: String,
    /// The environment `dev`.
    pub(crate) dev: EnvironmentId,
    /// The environment `prod`.
    pub(crate) prod: EnvironmentId,
    router: Router,
    again: Again,
    _folders: (TempDir, Option<TempDir>),
}

/// What another server on the same database is made from.
#[derive(Clone)]
struct Again {
    database: StoreConfig,
    root_key: RootKey,
    egress: EgressConfig,
    server: ServerConfig,
    overlay: PathBuf,
    clock: Arc<ManualClock>,
}

impl Again {
    async fn state(self, seed: u64) -> AppState {
        let Self { database, root_key, egress, server, overlay, clock } = self;
        let random = Arc::new(SeededRandom::new(seed));
        let ring = KeyRing::new(&root_key);
        let store = Store::open(&database, ring, clock.clone(), random.clone()).await.unwrap();
        let catalog = CatalogHandle::open(Some(overlay));
        assert!(catalog.problems().is_empty(), "{:?}", catalog.problems());
        let egress = Client::new(egress).unwrap();
        AppState::new(Foundations { config: server, store, catalog, egress, clock, random })
    }
}

impl TestApp {
    /// A server with default settings and no rate limit.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A server with changed settings.
    pub(crate) async fn with(change: impl FnOnce(&mut ServerConfig)) -> Self {
        Self::build(change, EgressConfig::default()).await
    }

    /// A server that may call services on loopback.
    pub(crate) async fn with_loopback(change: impl FnOnce(&mut ServerConfig)) -> Self {
        let allow = vec!["127.0.0.0/8".parse().unwrap()];
        Self::build(change, EgressConfig { allow, ..EgressConfig::default() }).await
    }

    /// A server whose outbound requests all go to `service`.
    pub(crate) async fn calling(service: &Service) -> Self {
        Self::simulating(service.url()).await
    }

    /// A server whose outbound requests all go to this address.
    pub(crate) async fn simulating(url: url::Url) -> Self {
        Self::build(|_| {}, EgressConfig { simulate: Some(url), ..EgressConfig::default() }).await
    }

    /// A server on PostgreSQL whose outbound requests all go to this address; `None` when PostgreSQL is switched off.
    pub(crate) async fn on_postgres(url: url::Url) -> Option<Self> {
        let egress = EgressConfig { simulate: Some(url), ..EgressConfig::default() };
        Self::build_on(Database::Postgres, |_| {}, egress).await
    }

    /// A server that calls out as told.
    pub(crate) async fn with_egress(egress: EgressConfig) -> Self {
        Self::build(|_| {}, egress).await
    }

    async fn build(change: impl FnOnce(&mut ServerConfig), egress: EgressConfig) -> Self {
        Self::build_on(Database::asked(), change, egress).await.expect("a database to test on")
    }

    async fn build_on(
        kind: Database,
        change: impl FnOnce(&mut ServerConfig),
        egress: EgressConfig,
    ) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let (config, database) = dovetail_testkit::empty(kind)?;
        let mut server = ServerConfig::new("https://dovetail.test".parse().unwrap());
        server.rate_limit_per_min = 0;
        change(&mut server);
        let again = Again {
            database: config,
            root_key: RootKey::generate(&SystemRandom),
            egress,
            server,
            overlay: overlay(folder.path()),
            clock: Arc::new(ManualClock::default()),
        };
        let state = again.clone().state(1).await;
        let made = bootstrap::run(&state.store, None).await.unwrap().unwrap();
        let [dev, prod] = &made.environments[..] else { panic!("two environments") };
        Some(Self {
            router: router(state.clone()),
            state,
            clock: again.clock.clone(),
            again,
            key: dev.2.expose().to_owned(),
            prod_key: prod.2.expose().to_owned(),
            dev: dev.0,
            prod: prod.0,
            _folders: (folder, database),
        })
    }

    /// The router of another server on the same database, made where the future runs.
    pub(crate) fn replica(&self, seed: u64) -> impl Future<Output = Router> + Send + 'static {
        let again = self.again.clone();
        async move { router(again.state(seed).await) }
    }

    /// A key of `dev` with these scopes alone.
    pub(crate) async fn key_with(&self, scopes: &[Scope]) -> String {
        self.make_key(Some(self.dev), scopes).await
    }

    /// A key of the account.
    pub(crate) async fn account_key(&self, scopes: &[Scope]) -> String {
        self.make_key(None, scopes).await
    }

    /// A key of `dev` with every scope, within limits as callers write them.
    pub(crate) async fn limited_key(&self, limits: serde_json::Value) -> String {
        self.limited_key_of(Some(self.dev), Scopes::full_environment(), limits).await
    }

    /// A key of an environment or the account, within limits.
    pub(crate) async fn limited_key_of(
        &self,
        environment: Option<EnvironmentId>,
        scopes: Scopes,
        limits: serde_json::Value,
    ) -> String {
        let name = format!("{scopes:?} {limits}").chars().take(200).collect::<String>();
        let limits: KeyLimits = serde_json::from_value(limits).unwrap();
        let mut tx = self.state.store.begin().await.unwrap();
        let made = api_keys::create(&mut tx, environment, &name, &scopes, &limits).await.unwrap();
        tx.commit().await.unwrap();
        made.secret.expose().to_owned()
    }

    /// Seals `dev`.
    pub(crate) async fn seal(&self) {
        let mut tx = self.state.store.begin().await.unwrap();
        assert!(environments::set_sealed(&mut tx, self.dev, true).await.unwrap());
        tx.commit().await.unwrap();
    }

    async fn make_key(&self, environment: Option<EnvironmentId>, scopes: &[Scope]) -> String {
        let name = format!("{scopes:?}").chars().take(200).collect::<String>();
        let mut tx = self.state.store.begin().await.unwrap();
        let scopes = Scopes::new(scopes.iter().copied());
        let made =
            api_keys::create(&mut tx, environment, &name, &scopes, &KeyLimits::default()).await.unwrap();
        tx.commit().await.unwrap();
        made.secret.expose().to_owned()
    }

    /// An integration of `dev` with what its provider needs and no more.
    pub(crate) async fn integration(&self, unique_key: &str, provider: &str) {
        let mut body = serde_json::json!({ "provider": provider, "unique_key": unique_key });
        if provider == "kit-oauth2" {
            body["credentials"] =
                serde_json::json!({ "type": "OAUTH2", "client_id": "c", "client_secret": "s" });
        }
        let answer = self.post("/integrations").bearer(&self.key).json(body).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// A connect session of `dev` for anybody; `allowed` limits it to these integrations.
    pub(crate) async fn session(&self, allowed: Option<&[&str]>) -> String {
        let mut tx = self.state.store.begin().await.unwrap();
        let new = NewConnectSession {
            purpose: SessionPurpose::Connect,
            end_user: None,
            tags: Tags::default(),
            allowed_integrations: allowed.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect()),
            defaults: None,
            overrides: None,
            webhook_url: UrlOverride::Keep,
            operation: None,
        };
        let made = connect_sessions::create(&mut tx, self.dev, new).await.unwrap();
        tx.commit().await.unwrap();
        made.token.expose().to_owned()
    }

    /// A connection of an integration of `dev`, with an API key.
    pub(crate) async fn connection(&self, integration: &str, connection_id: &str) {
        self.connection_with_key(integration, connection_id, "k").await;
    }

    /// The same with this key.
    pub(crate) async fn connection_with_key(&self, integration: &str, connection_id: &str, key: &str) {
        let mut tx = self.state.store.begin().await.unwrap();
        let integration = integrations::by_key(&mut tx, self.dev, integration).await.unwrap().unwrap();
        let new = Upsert {
            integration: &integration,
            connection_id: connection_id.to_owned(),
            credentials: &Credentials::api_key(key),
            state: CredentialState::Unverified,
            config: ConfigUpdate::default(),
            metadata: None,
            tags: TagsUpdate::Keep,
            end_user: None,
            webhook_url: UrlOverride::Keep,
        };
        connections::upsert(&mut tx, self.dev, new).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The one environment variable of `dev`.
    pub(crate) async fn set_variable(&self, name: &str, value: &str) {
        let mut tx = self.state.store.begin().await.unwrap();
        let variables = [(name.to_owned(), value.into())];
        environment_variables::replace(&mut tx, self.dev, &variables).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The whole server, for tests that need a real socket.
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    /// A request with any method.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        RequestBuilder::new(self.router.clone(), method, path)
    }

    /// `GET path`.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// `POST path`.
    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// `PATCH path`.
    pub(crate) fn patch(&self, path: &str) -> RequestBuilder {
        self.request(Method::PATCH, path)
    }

    /// `DELETE path`.
    pub(crate) fn delete(&self, path: &str) -> RequestBuilder {
        self.request(Method::DELETE, path)
    }
}

/// Definitions that only tests have, beside the embedded ones.
fn overlay(folder: &Path) -> PathBuf {
    let overlay = folder.join("overlay");
    for (name, definition) in PROVIDERS {
        let folder = overlay.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("provider.yaml"), definition).unwrap();
    }
    overlay
}

const PROVIDERS: [(&str, &str); 11] = [
    (
        "kit-oauth2",
        "display_name: Kit OAuth 2
auth_mode: OAUTH2
authorization_url: https://kit.test/authorize
token_url: https://kit.test/token
default_scopes: [read, write]
docs: /guides/kit-oauth2
proxy:
  base_url: https://kit.test/api
",
    ),
    (
        "kit-apollo",
        "display_name: Kit Apollo
auth_mode: API_KEY
docs: /guides/kit-apollo
credentials_verification_script: apolloCredentialsVerification
proxy:
  base_url: https://kit.test
  headers:
    x-api-key: ${apiKey}
credentials:
  apiKey:
    type: string
    title: API key
    description: The key.
    secret: true
",
    ),
    (
        "kit-expensify",
        "display_name: Kit Expensify
auth_mode: BASIC
docs: /guides/kit-expensify
credentials_verification_script: expensifyCredentialsVerification
proxy:
  base_url: https://kit.test
credentials:
  username:
    type: string
    title: User
    description: The user.
  password:
    type: string
    title: Secret
    description: The secret.
    secret: true
",
    ),
    (
        "kit-workable",
        "display_name: Kit Workable
auth_mode: API_KEY
docs: /guides/kit-workable
post_connection_script: workablePostConnection
proxy:
  base_url: https://${connectionConfig.subdomain}.workable.com
  headers:
    authorization: Bearer ${apiKey}
connection_config:
  subdomain:
    type: string
    title: Subdomain
    optional: true
credentials:
  apiKey:
    type: string
    title: API key
    description: The key.
    secret: true
",
    ),
    (
        "kit-settings",
        "display_name: Kit settings
auth_mode: API_KEY
docs: /guides/kit-settings
proxy:
  base_url: https://kit.test
  headers:
    authorization: Bearer ${apiKey}
integration_config:
  keyLabel:
    type: string
    title: Label
    order: 1
  note:
    type: string
    title: Note
    optional: true
    order: 2
credentials:
  apiKey:
    type: string
    title: API key
    description: The key.
    secret: true
",
    ),
    (
        "kit-webhooks",
        "display_name: Kit webhooks
auth_mode: API_KEY
docs: /guides/kit-webhooks
webhook_routing_script: kitWebhookRouting
proxy:
  base_url: https://kit.test
  headers:
    authorization: Bearer ${apiKey}
credentials:
  apiKey:
    type: string
    title: API key
    description: The key.
    secret: true
",
    ),
    (
        "kit-role",
        "display_name: Kit role
auth_mode: AWS_SIGV4
docs: /guides/kit-role
integration_config:
  service:
    type: string
    title: Service
    pattern: ^[a-z0-9-]+$
    order: 1
  stsMode:
    type: string
    title: Who assumes the role
    enum: [builtin, custom]
    default_value: builtin
    optional: true
    order: 2
  stsApiKey:
    type: string
    title: Key of the endpoint
    secret: true
    visible_when: { field: stsMode, equals: custom }
    order: 3
credentials:
  role_arn:
    type: string
    title: Role
    description: The role.
",
    ),
    (
        "kit-app",
        "display_name: Kit app
auth_mode: APP
token_url: https://kit.test/token
docs: /guides/kit-app
",
    ),
    (
        "kit-client",
        "display_name: Kit client
auth_mode: OAUTH2_CC
token_url: https://kit.test/token
docs: /guides/kit-client
",
    ),
    (
        "kit-mcp",
        "display_name: Kit MCP
auth_mode: MCP_OAUTH2_GENERIC
docs: /guides/kit-mcp
",
    ),
    (
        "kit-plugin",
        "display_name: Kit plug-in
auth_mode: INSTALL_PLUGIN
auth_type: BASIC
docs: /guides/kit-plugin
",
    ),
];
