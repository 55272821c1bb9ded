//! A service to call, and a proxy to call it with.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use dovetail_catalog::CatalogHandle;
use dovetail_catalog::outgoing::{CredentialView, IntegrationFacts};
use dovetail_egress::{Body, Client, EgressConfig, ResponseBody, collect};
use dovetail_model::{Credentials, KeyLimits, SeededRandom, SystemClock};
use dovetail_proxy::{
    AttemptRecord, CallerHeaders, Observe, Proxy, ProxyCall, ProxyError, ProxyPolicy, Renew, Target,
};
use http::{HeaderMap, HeaderName, Method, Response};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value, json};

pub(crate) use dovetail_testkit::http::{Answer, answer, head, serve};

/// A service that answers with what it was asked: method, target, fields, body.
pub(crate) async fn echo() -> SocketAddr {
    serve(|request| async move {
        let head = head(&request);
        let body = request.into_body().collect().await.unwrap().to_bytes();
        answer(200, format!("{head}\n\n{}", String::from_utf8_lossy(&body)))
    })
    .await
}

/// A definition as an overlay writes it, in the catalogue.
pub(crate) fn catalog(provider: &str) -> CatalogHandle {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("acme")).unwrap();
    std::fs::write(folder.path().join("acme/provider.yaml"), provider).unwrap();
    let catalog = CatalogHandle::open(Some(folder.path().to_owned()));
    assert!(catalog.problems().is_empty(), "{:?}", catalog.problems());
    catalog
}

/// A key in a header of its own.
pub(crate) fn keyed(base: SocketAddr) -> String {
    format!(
        "display_name: Acme\nauth_mode: API_KEY\ndocs: https://docs.test\nproxy:\n  base_url: http://{base}/v1\n  \
         headers:\n    x-acme-key: ${{apiKey}}\n"
    )
}

/// One call in the making.
pub(crate) struct Caller {
    pub(crate) catalog: CatalogHandle,
    pub(crate) policy: ProxyPolicy,
    pub(crate) method: Method,
    pub(crate) endpoint: String,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) body: Body,
    pub(crate) content_length: Option<u64>,
    pub(crate) credentials: Credentials,
    pub(crate) config: Value,
    pub(crate) custom: Map<String, Value>,
    pub(crate) renew: Option<Box<dyn Renew>>,
    pub(crate) limits: Option<KeyLimits>,
    pub(crate) log: Log,
}

impl Caller {
    pub(crate) fn get(provider: &str, endpoint: &str) -> Self {
        Self {
            catalog: catalog(provider),
            policy: ProxyPolicy::default(),
            method: Method::GET,
            endpoint: endpoint.to_owned(),
            fields: Vec::new(),
            body: Body::empty(),
            content_length: None,
            credentials: Credentials::api_key("k-live-12345".to_owned()),
            config: json!({}),
            custom: Map::new(),
            renew: None,
            limits: None,
            log: Log::default(),
        }
    }

    pub(crate) fn post(provider: &str, endpoint: &str, body: Body) -> Self {
        Self { method: Method::POST, body, ..Self::get(provider, endpoint) }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// A custom field of the integration.
    pub(crate) fn with_custom(mut self, name: &str, value: String) -> Self {
        self.custom.insert(name.to_owned(), Value::String(value));
        self
    }

    pub(crate) async fn call(self) -> Result<Response<ResponseBody>, ProxyError> {
        let allow = vec!["127.0.0.0/8".parse().unwrap()];
        let client = Client::new(EgressConfig { allow, ..EgressConfig::default() }).unwrap();
        let proxy = Proxy::new(client, Arc::new(SystemClock), Arc::new(SeededRandom::new(1)), self.policy);
        let mut headers: HeaderMap =
            [("provider-config-key", "acme"), ("connection-id", "c-1")].map(field).into_iter().collect();
        headers.extend(self.fields.iter().map(|(name, value)| field((name, value))));
        let catalog = self.catalog.current();
        let empty = Map::new();
        let target = Target {
            provider: catalog.get("acme"),
            integration: IntegrationFacts { client_id: None, client_secret: None, custom: &self.custom },
            connection_id: "c-1",
            connection_config: self.config.as_object().unwrap(),
            metadata: &empty,
            credentials: CredentialView::from(&self.credentials),
            renew: self.renew.as_deref(),
        };
        let call = ProxyCall {
            method: self.method,
            endpoint: &self.endpoint,
            headers: CallerHeaders::parse(&headers).map_err(ProxyError::InvalidHeaders)?,
            body: self.body,
            content_length: self.content_length,
            target,
            limits: self.limits.as_ref(),
        };
        proxy.forward(call, &self.log).await
    }

    /// The answer's body as text.
    pub(crate) async fn text(self) -> String {
        text(self.call().await.unwrap()).await
    }
}

fn field((name, value): (&str, &str)) -> (HeaderName, http::HeaderValue) {
    (name.parse().unwrap(), value.parse().unwrap())
}

pub(crate) async fn text(response: Response<ResponseBody>) -> String {
    String::from_utf8(collect(response.into_body(), 1 << 22).await.unwrap().to_vec()).unwrap()
}

/// Keeps what the proxy reports.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<AttemptRecord>>>);

impl Log {
    pub(crate) fn records(&self) -> Vec<AttemptRecord> {
        self.0.lock().unwrap().clone()
    }
}

impl Observe for Log {
    fn attempt(&self, record: AttemptRecord) {
        self.0.lock().unwrap().push(record);
    }
}
