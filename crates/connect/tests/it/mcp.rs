//! MCP servers: discovery, registration, resource indicators (auth-modes.md sections 7 and 8).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use dovetail_catalog::{CatalogHandle, Provider};
use dovetail_connect::flow::{
    Arrival, Arrived, Departed, Departure, FlowError, FlowErrorKind, arrive, depart,
};
use dovetail_connect::mcp::ClientBook;
use dovetail_connect::obtain::{ObtainError, Party};
use dovetail_connect::renew::renew;
use dovetail_model::{
    EnvironmentId, Integration, IntegrationId, IntegrationSecrets, RegisteredClient, SeededRandom, Timestamp,
};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};

use crate::service::{Reply, Service};

const NOW: Timestamp = Timestamp(1_767_225_600_000);
const REDIRECT: &str = "https://auth.dove.test/oauth/callback";

const CHALLENGE: Reply = Reply(
    401,
    "www-authenticate: Bearer resource_metadata=\"https://mcp.dove.test/.well-known/oauth-protected-resource/mcp\", scope=\"notes:read\"\r\n",
    "",
);
const RESOURCE: Reply = Reply(
    200,
    "",
    r#"{"resource":"https://mcp.dove.test/mcp","authorization_servers":["https://id.dove.test/tenant"],"scopes_supported":["notes:read","notes:write"]}"#,
);
const SERVER: Reply = Reply(
    200,
    "",
    r#"{"issuer":"https://id.dove.test/tenant","authorization_endpoint":"https://id.dove.test/authorize?v=2","token_endpoint":"https://id.dove.test/token","registration_endpoint":"https://id.dove.test/register","response_types_supported":["code"],"code_challenge_methods_supported":["S256"],"authorization_response_iss_parameter_supported":true}"#,
);
const CLIENT: Reply = Reply(201, "", r#"{"client_id":"dcr-1","token_endpoint_auth_method":"none"}"#);
const TOKENS: Reply = Reply(
    200,
    "",
    r#"{"access_token":"at-1","token_type":"Bearer","expires_in":"3600","refresh_token":"rt-1","id_token":"secret-id"}"#,
);

/// A book in memory.
#[derive(Default)]
pub(crate) struct Book {
    kept: Mutex<HashMap<(String, String), RegisteredClient>>,
    document: Option<String>,
}

impl ClientBook for Book {
    fn find<'a>(
        &'a self,
        issuer: &'a str,
        redirect_uri: &'a str,
    ) -> BoxFuture<'a, Result<Option<RegisteredClient>, ObtainError>> {
        let found = self.kept.lock().unwrap().get(&(issuer.to_owned(), redirect_uri.to_owned())).cloned();
        Box::pin(async move { Ok(found) })
    }

    fn keep<'a>(
        &'a self,
        issuer: &'a str,
        redirect_uri: &'a str,
        client: &'a RegisteredClient,
    ) -> BoxFuture<'a, Result<(), ObtainError>> {
        self.kept.lock().unwrap().insert((issuer.to_owned(), redirect_uri.to_owned()), client.clone());
        Box::pin(async { Ok(()) })
    }

    fn document(&self) -> Option<&str> {
        self.document.as_deref()
    }
}

struct Kit {
    provider: Arc<Provider>,
    integration: Integration,
    random: SeededRandom,
    config: Map<String, Value>,
    book: Book,
}

impl Kit {
    fn new(id: &str, config: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("providers.yaml"), include_str!("mcp.yaml")).unwrap();
        let catalog = CatalogHandle::open(Some(folder.path().to_owned()));
        assert!(catalog.problems().is_empty(), "{:?}", catalog.problems());
        Self {
            provider: catalog.current().shared(id).unwrap(),
            integration: Integration {
                id: IntegrationId(1),
                environment: EnvironmentId(1),
                unique_key: id.to_owned(),
                provider: id.to_owned(),
                display_name: Some("Acme".to_owned()),
                forward_webhooks: true,
                secrets: IntegrationSecrets::default(),
                created_at: NOW,
                updated_at: NOW,
            },
            random: SeededRandom::new(3),
            config: config.as_object().cloned().unwrap(),
            book: Book::default(),
        }
    }

    fn party<'a>(&'a self, service: &'a Service, config: &'a Map<String, Value>) -> Party<'a> {
        Party {
            egress: &service.egress,
            now: NOW,
            random: &self.random,
            provider: &self.provider,
            integration: &self.integration,
            connection_id: "conn-42",
            connection_config: config,
        }
    }

    async fn depart(&self, service: &Service) -> Result<Departed, FlowError> {
        let departure = Departure {
            party: self.party(service, &self.config),
            state: "st-1",
            redirect_uri: REDIRECT,
            sent: &[],
            owner_config: &Map::new(),
            authorization_params: &[],
            scopes: None,
            user_scopes: None,
        };
        depart(departure, &self.book).await
    }

    async fn arrive(
        &self,
        service: &Service,
        departed: &Departed,
        params: &[(&str, &str)],
    ) -> Result<Arrived, FlowError> {
        let params: Vec<(String, String)> =
            params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let progress = &departed.progress;
        arrive(Arrival { party: self.party(service, &progress.config), progress, params: &params }).await
    }
}

fn generic() -> Kit {
    Kit::new("generic", json!({"mcp_server_url": "https://mcp.dove.test/mcp"}))
}

const BACK: &[(&str, &str)] = &[("code", "c-1"), ("state", "st-1"), ("iss", "https://id.dove.test/tenant")];

#[tokio::test]
async fn a_server_is_discovered_registered_with_and_its_tokens_are_for_it() {
    let service = Service::answering(&[CHALLENGE, RESOURCE, SERVER, CLIENT, TOKENS, TOKENS]).await;
    let kit = generic();
    let departed = kit.depart(&service).await.unwrap();
    let query: HashMap<String, String> = departed.url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("v", "2"),
        ("response_type", "code"),
        ("client_id", "dcr-1"),
        ("scope", "notes:read"),
        ("resource", "https://mcp.dove.test/mcp"),
        ("state", "st-1"),
        ("redirect_uri", REDIRECT),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(query.get(name).map(String::as_str), Some(value), "{name}");
    }
    let arrived = kit.arrive(&service, &departed, BACK).await.unwrap();
    let heads = service.heads();
    for (at, target) in [
        "https://mcp.dove.test/mcp",
        "https://mcp.dove.test/.well-known/oauth-protected-resource/mcp",
        "https://id.dove.test/.well-known/oauth-authorization-server/tenant",
        "https://id.dove.test/register",
        "https://id.dove.test/token",
    ]
    .into_iter()
    .enumerate()
    {
        assert!(
            heads[at].contains(&format!("dovetail-simulated-url: {target}\r\n")),
            "{target}: {}",
            heads[at]
        );
    }
    assert!(
        heads[3].contains(r#""client_name":"acme""#) && heads[3].contains(r#""scope":"notes:read""#),
        "{}",
        heads[3]
    );
    for part in [
        "grant_type=authorization_code",
        "code=c-1",
        "code_verifier=",
        "resource=https%3a%2f%2fmcp.dove.test%2fmcp",
        "client_id=dcr-1",
    ] {
        assert!(heads[4].contains(part), "{part}: {}", heads[4]);
    }
    assert!(!heads[4].contains("client_secret"), "{}", heads[4]);
    let stored = arrived.obtained.credentials.to_stored();
    assert_eq!(stored["type"], "OAUTH2");
    assert_eq!(stored["config_override"]["client_id"], "dcr-1");
    assert!(stored["raw"].get("id_token").is_none(), "{stored}");
    assert_eq!(arrived.obtained.credentials.expires_at(), Some(Timestamp(NOW.0 + 3_600_000)));
    assert!(!Value::Object(arrived.obtained.config.clone()).to_string().contains("verifier"));

    let config = arrived.obtained.config.clone();
    let renewed = renew(&kit.party(&service, &config), &arrived.obtained.credentials).await.unwrap();
    let last = service.heads()[5].clone();
    for part in ["grant_type=refresh_token", "refresh_token=rt-1", "resource=", "client_id=dcr-1"] {
        assert!(last.contains(part), "{part}: {last}");
    }
    assert_eq!(renewed.credentials.to_stored()["config_override"]["client_id"], "dcr-1");
}

#[tokio::test]
async fn a_client_is_registered_once() {
    let service =
        Service::answering(&[CHALLENGE, RESOURCE, SERVER, CLIENT, CHALLENGE, RESOURCE, SERVER]).await;
    let kit = generic();
    kit.depart(&service).await.unwrap();
    kit.depart(&service).await.unwrap();
    let registrations = service.heads().iter().filter(|head| head.starts_with("post /register")).count();
    assert_eq!(registrations, 1);
}

#[tokio::test]
async fn a_document_of_ours_stands_in_for_a_registration() {
    const KNOWS: Reply = Reply(
        200,
        "",
        r#"{"issuer":"https://mcp.dove.test","authorization_endpoint":"https://id.dove.test/a","token_endpoint":"https://id.dove.test/t","response_types_supported":["code"],"client_id_metadata_document_supported":true}"#,
    );
    // No resource metadata at either place: the server is its own authorization server.
    const NONE: Reply = Reply(404, "", "");
    let service = Service::answering(&[NONE, NONE, NONE, KNOWS]).await;
    let mut kit = generic();
    kit.book.document = Some("https://auth.dove.test/oauth/client-metadata/e/k".to_owned());
    let departed = kit.depart(&service).await.unwrap();
    assert!(
        departed.url.query_pairs().any(|(name, value)| name == "client_id"
            && value == "https://auth.dove.test/oauth/client-metadata/e/k"),
        "{}",
        departed.url
    );
}

#[tokio::test]
async fn answers_of_another_issuer_end_the_attempt() {
    let service = Service::answering(&[CHALLENGE, RESOURCE, SERVER, CLIENT, TOKENS]).await;
    let kit = generic();
    let departed = kit.depart(&service).await.unwrap();
    for params in [
        &[("code", "c-1"), ("iss", "https://id.evil.test")][..],
        // It announced that it always says who it is.
        &[("code", "c-1")],
    ] {
        let error = kit.arrive(&service, &departed, params).await.unwrap_err();
        assert_eq!(error.kind, FlowErrorKind::State);
    }
    assert_eq!(service.heads().len(), 4, "no code was redeemed");
}

#[tokio::test]
async fn unsafe_and_broken_servers_are_refused_before_anybody_is_sent_away() {
    for url in ["http://mcp.dove.test/mcp", "https://u:p@mcp.dove.test/", "ftp://mcp.dove.test", ""] {
        let service = Service::answering(&[]).await;
        let kit = Kit::new("generic", json!({ "mcp_server_url": url }));
        let error = kit.depart(&service).await.unwrap_err();
        assert_eq!(error.kind, FlowErrorKind::UrlParam, "{url}");
        assert!(service.heads().is_empty(), "{url}");
    }
    const STRANGER: Reply = Reply(200, "", r#"{"resource":"https://other.test/mcp"}"#);
    let service = Service::answering(&[CHALLENGE, STRANGER]).await;
    assert!(generic().depart(&service).await.unwrap_err().message.contains("another resource"));
    const BROKEN: Reply = Reply(503, "", "");
    let service = Service::answering(&[CHALLENGE, RESOURCE, BROKEN]).await;
    assert!(generic().depart(&service).await.unwrap_err().message.contains("Try again"));
    const NO_PKCE: Reply = Reply(
        200,
        "",
        r#"{"issuer":"https://id.dove.test/tenant","authorization_endpoint":"https://id.dove.test/a","token_endpoint":"https://id.dove.test/t","response_types_supported":["code"],"code_challenge_methods_supported":["plain"]}"#,
    );
    let service = Service::answering(&[CHALLENGE, RESOURCE, NO_PKCE]).await;
    assert!(generic().depart(&service).await.unwrap_err().message.contains("PKCE"));
}

#[tokio::test]
async fn a_server_of_the_catalogue_names_its_resource_in_every_request() {
    let service = Service::answering(&[CLIENT, TOKENS, TOKENS]).await;
    let kit = Kit::new("dynamic", json!({}));
    let departed = kit.depart(&service).await.unwrap();
    let query: HashMap<String, String> = departed.url.query_pairs().into_owned().collect();
    assert_eq!(query["client_id"], "dcr-1");
    assert_eq!(query["resource"], "https://mcp.dove.test/mcp");
    let arrived = kit.arrive(&service, &departed, &[("code", "c-1")]).await.unwrap();
    let heads = service.heads();
    assert!(
        heads[0].contains(r#""redirect_uris":["https://auth.dove.test/oauth/callback"]"#),
        "{}",
        heads[0]
    );
    assert!(heads[1].contains("resource=https%3a%2f%2fmcp.dove.test%2fmcp"), "{}", heads[1]);
    assert!(heads[1].contains("client_id=dcr-1") && !heads[1].contains("client_secret"), "{}", heads[1]);
    let config = arrived.obtained.config.clone();
    renew(&kit.party(&service, &config), &arrived.obtained.credentials).await.unwrap();
    let last = service.heads()[2].clone();
    assert!(last.contains("grant_type=refresh_token") && last.contains("resource="), "{last}");
    assert!(last.contains("client_id=dcr-1") && !last.contains("client_secret"), "{last}");
}
