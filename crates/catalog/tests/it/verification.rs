//! Requests that prove credentials, for the definitions that ship.

use dovetail_catalog::outgoing::{
    self, ConnectionFacts, CredentialKind, CredentialView, IntegrationFacts, OutgoingError, Request,
};
use dovetail_model::Credentials;
use serde_json::{Map, Value, json};

use crate::support::{embedded, moment};

fn requests(id: &str, credentials: &CredentialView, config: Value) -> Result<Vec<Request>, OutgoingError> {
    let catalog = embedded();
    let custom = Map::new();
    outgoing::verification(
        catalog.get(id).unwrap(),
        ConnectionFacts {
            connection_id: "c",
            connection_config: config.as_object().unwrap(),
            metadata: &Map::new(),
            credentials,
        },
        IntegrationFacts { client_id: None, client_secret: None, custom: &custom },
        &moment(),
        "n",
    )
}

#[test]
fn coda_is_asked_who_the_key_belongs_to() {
    let credentials = CredentialView::from(&Credentials::api_key("k-1"));
    assert_eq!(credentials.kind, CredentialKind::ApiKey);
    let request = requests("coda", &credentials, json!({})).unwrap().remove(0);
    assert_eq!((request.method.as_str(), request.url.as_str()), ("GET", "https://coda.io/apis/v1/whoami"));
    assert!(request.headers.contains(&("authorization".to_owned(), "Bearer k-1".to_owned())));
    assert!(!format!("{request:?}").contains("k-1"));
}

#[test]
fn mandrill_carries_the_key_in_the_body() {
    let request = requests("mandrill", &CredentialView::from(&Credentials::api_key("md-1")), json!({}))
        .unwrap()
        .remove(0);
    assert_eq!(request.method, "POST");
    assert_eq!(request.body.as_deref(), Some(br#"{"key":"md-1"}"#.as_slice()));
}

#[test]
fn twilio_names_the_account_in_the_path() {
    let credentials = CredentialView::from(&Credentials::basic("AC1", "t"));
    let request = requests("twilio", &credentials, json!({})).unwrap().remove(0);
    assert_eq!(request.url.path(), "/2010-04-01/Accounts/AC1/Messages.json");
}

#[test]
fn a_provider_without_verification_asks_nothing() {
    assert_eq!(requests("unauthenticated", &CredentialView::none(), json!({})), Ok(Vec::new()));
}

#[test]
fn a_missing_host_is_named() {
    let credentials = CredentialView::from(&Credentials::basic("u", "p"));
    let outcome = requests("zendesk-api-key", &credentials, json!({}));
    assert_eq!(outcome, Err(OutgoingError::MissingConnectionConfig { name: "subdomain".to_owned() }));
}
