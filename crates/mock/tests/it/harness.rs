//! A simulator of the embedded catalogue, and requests as the product makes them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use axum::body::Body;
use dovetail_catalog::outgoing::{
    self, Call, CallBody, ConnectionFacts, CredentialKind, CredentialView, IntegrationFacts,
};
use dovetail_catalog::template::{Moment, Template};
use dovetail_catalog::{CatalogHandle, Provider};
use dovetail_mock::{DemoCredential, MockConfig, SIMULATED_URL, Simulator};
use dovetail_model::{AuthMode, Clock as _, ManualClock, SeededRandom};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// The token that the simulator takes where one is granted.
const ACCESS_TOKEN: &str = "demo-access-token";

pub(crate) struct World {
    pub(crate) catalog: CatalogHandle,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) simulator: Simulator,
    /// The demo values by provider.
    demo: HashMap<String, Vec<DemoCredential>>,
    _folder: Option<TempDir>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// One provider's connection with the demo values, as the product would store it.
pub(crate) struct Linked {
    pub(crate) credentials: CredentialView,
    pub(crate) config: Map<String, Value>,
    pub(crate) custom: Map<String, Value>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::of(CatalogHandle::embedded(), None)
    }

    /// A world with definitions of the test's own beside the embedded ones.
    pub(crate) fn with(definitions: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        for (name, definition) in definitions {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("provider.yaml"), definition).unwrap();
        }
        let catalog = CatalogHandle::open(Some(folder.path().to_owned()));
        assert!(catalog.problems().is_empty(), "{:?}", catalog.problems());
        Self::of(catalog, Some(folder))
    }

    fn of(catalog: CatalogHandle, folder: Option<TempDir>) -> Self {
        let clock = Arc::new(ManualClock::default());
        let config = MockConfig { clock: clock.clone(), random: Arc::new(SeededRandom::new(1)) };
        let simulator = Simulator::new(catalog.clone(), config);
        let mut demo: HashMap<String, Vec<DemoCredential>> = HashMap::new();
        for value in simulator.credentials() {
            demo.entry(value.provider.clone()).or_default().push(value);
        }
        Self { catalog, clock, simulator, demo, _folder: folder }
    }

    /// One world for tests that change nothing in it: a thousand definitions are read once.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: LazyLock<World> = LazyLock::new(World::new);
        &SHARED
    }

    /// The demo values of a provider.
    pub(crate) fn demo(&self, provider: &str) -> &[DemoCredential] {
        self.demo.get(provider).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment::new(self.clock.now().millis(), "8d3f0a2e-5d4b-4c3a-9f21-000000000001")
    }

    /// The demo connection of a provider.
    pub(crate) fn linked(&self, provider: &Provider) -> Linked {
        let (mut credentials, mut config) = (Map::new(), Map::new());
        for demo in self.demo(provider.id()) {
            match demo.field.split_once('.') {
                Some(("connection_config", name)) => {
                    config.insert(name.to_owned(), demo.value.as_str().into())
                }
                Some((_, name)) => credentials.insert(name.to_owned(), demo.value.as_str().into()),
                None => None,
            };
        }
        // What a callback, a token answer, a script or the integrator would have written.
        let base = provider.proxy.base_url.as_ref().map(|base| base.source()).unwrap_or_default();
        let last = Template::parse(base.split("||").last().unwrap_or_default().trim());
        for name in last.names().iter().filter_map(|name| name.strip_prefix("connectionConfig.")) {
            let option = provider.connection_config.get(name).and_then(|rule| rule.options.first().cloned());
            let is_whole = last.source().starts_with("${");
            let value = option
                .unwrap_or_else(|| if is_whole { "https://demo.example.com" } else { "demo" }.to_owned());
            if config.get(name).is_none_or(|known| known == "") {
                config.insert(name.to_owned(), value.into());
            }
        }
        // What a token endpoint answered, in the modes that ask one.
        let (kind, token) = match provider.auth_mode() {
            AuthMode::ApiKey => (CredentialKind::ApiKey, None),
            AuthMode::Basic | AuthMode::InstallPlugin => (CredentialKind::Basic, None),
            AuthMode::None => (CredentialKind::None, None),
            AuthMode::Oauth2 | AuthMode::McpOauth2 | AuthMode::McpOauth2Generic => {
                (CredentialKind::Oauth2, Some("access_token"))
            }
            AuthMode::App => (CredentialKind::App, Some("access_token")),
            AuthMode::Oauth2Cc => (CredentialKind::Oauth2Cc, Some("token")),
            AuthMode::TwoStep => (CredentialKind::TwoStep, Some("token")),
            AuthMode::Jwt => (CredentialKind::Jwt, Some("token")),
            AuthMode::Signature => (CredentialKind::Signature, Some("token")),
            AuthMode::Custom => (CredentialKind::Custom, None),
            AuthMode::Bill => (CredentialKind::Bill, None),
            AuthMode::Oauth1 => (CredentialKind::Oauth1, None),
            AuthMode::Tba => (CredentialKind::Tba, None),
            AuthMode::AwsSigv4 => (CredentialKind::AwsSigv4, None),
        };
        if let Some(name) = token {
            credentials.insert(name.to_owned(), ACCESS_TOKEN.into());
        }
        let granted: &[(&str, Value)] = match provider.auth_mode() {
            AuthMode::Custom => &[("app", json!({"access_token": ACCESS_TOKEN})), ("user", Value::Null)],
            AuthMode::Bill => &[("session_id", json!("demo-session"))],
            AuthMode::Oauth1 => &[
                ("oauth_token", json!("demo-oauth-token")),
                ("oauth_token_secret", json!("demo-oauth-token-secret")),
            ],
            AuthMode::AwsSigv4 => &[
                ("access_key_id", json!("ASIADEMODEMODEMODEMO")),
                ("secret_access_key", json!("demo-secret-access-key")),
                ("session_token", json!("demo-session-token")),
                ("region", json!("demo")),
                ("service", json!("demo")),
            ],
            _ => &[],
        };
        credentials.extend(granted.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        if provider.token_response_headers.iter().any(|name| name == "set-cookie") {
            credentials.insert("_cookies".to_owned(), "session=demo".into());
        }
        let credentials = CredentialView { kind, fields: credentials };
        let custom = match json!({"keyPlacement": "header", "keyName": "X-Key", "valueTemplate": "Key ${apiKey}", "baseUrl": "https://private.example"})
        {
            Value::Object(custom) if provider.integration_config.contains("keyName") => custom,
            _ => Map::new(),
        };
        Linked { credentials, config, custom }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.simulator.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into());
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A call through the proxy, as far as the simulator sees it.
    pub(crate) async fn call(
        &self,
        provider: &Provider,
        linked: &Linked,
        method: &str,
        endpoint: &str,
        headers: &[(String, String)],
        body: CallBody<'_>,
    ) -> Answer {
        let moment = self.moment();
        let metadata = Map::new();
        let call = Call {
            provider: Some(provider),
            connection: linked.facts(&metadata),
            integration: linked.integration(),
            method,
            endpoint,
            base_override: None,
            headers,
            body,
            moment: &moment,
            nonce: "nonce",
        };
        let request = outgoing::build(&call).unwrap_or_else(|e| panic!("{}: {e}", provider.id()));
        self.send(simulated(request)).await
    }

    /// The provider's verification requests.
    pub(crate) async fn verify(&self, provider: &Provider, linked: &Linked) -> Vec<Answer> {
        let metadata = Map::new();
        let requests = outgoing::verification(
            provider,
            linked.facts(&metadata),
            linked.integration(),
            &self.moment(),
            "nonce",
        )
        .unwrap_or_else(|e| panic!("{}: {e}", provider.id()));
        let mut answers = Vec::new();
        for request in requests {
            answers.push(self.send(simulated(request)).await);
        }
        answers
    }
}

impl Linked {
    pub(crate) fn facts<'a>(&'a self, metadata: &'a Map<String, Value>) -> ConnectionFacts<'a> {
        ConnectionFacts {
            connection_id: "demo",
            connection_config: &self.config,
            metadata,
            credentials: &self.credentials,
        }
    }

    pub(crate) fn integration(&self) -> IntegrationFacts<'_> {
        // The consumer whose signatures the simulator judges.
        IntegrationFacts {
            client_id: Some("demo-consumer-key"),
            client_secret: Some("demo-consumer-secret"),
            custom: &self.custom,
        }
    }

    /// The same connection with every credential changed.
    pub(crate) fn with_wrong_credentials(mut self) -> Self {
        fn spoil(value: &mut Value) {
            match value {
                Value::String(text) => text.push('x'),
                Value::Object(members) => members.values_mut().for_each(spoil),
                _ => {}
            }
        }
        self.credentials.fields.values_mut().for_each(spoil);
        self
    }
}

/// The request as it arrives in a simulation.
pub(crate) fn simulated(request: outgoing::Request) -> Request<Body> {
    let path = &request.url[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &request.url[url::Position::BeforeHost..url::Position::AfterPort];
    let mut out = Request::builder()
        .method(request.method.as_str())
        .uri(path)
        .header("host", host)
        .header(SIMULATED_URL, request.url.as_str());
    for (name, value) in &request.headers {
        out = out.header(name.as_str(), value.as_str());
    }
    out.body(request.body.map_or_else(Body::empty, Body::from)).unwrap()
}

/// A request for `url` with these headers.
pub(crate) fn get(url: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut out = Request::builder().uri("/").header(SIMULATED_URL, url);
    for (name, value) in headers {
        out = out.header(*name, *value);
    }
    out.body(Body::empty()).unwrap()
}
