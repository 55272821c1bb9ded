//! Plug-ins that an end user installs (auth-modes.md section 11), with the definition that is shipped.

use std::sync::Arc;

use dovetail_catalog::{CatalogHandle, Provider};
use dovetail_connect::flow::{
    Arrival, Arrived, Departed, Departure, FlowError, FlowErrorKind, arrive, depart,
};
use dovetail_connect::modes::install_plugin::{APP_LINK, PASSWORD, USERNAME};
use dovetail_connect::obtain::Party;
use dovetail_model::{Integration, IntegrationClient, IntegrationSecrets, Secret, SeededRandom, Timestamp};
use serde_json::{Map, Value, json};

use crate::mcp::Book;
use crate::overlay::integration;
use crate::service::{Reply, Service};

/// 2026-01-01T00:00:00Z.
const NOW: Timestamp = Timestamp(1_767_225_600_000);
const SITE: &str = "8c842203-7ed8-4e29-a608-7cf78a7d2fcc";
const CALLBACK: &[(&str, &str)] = &[("website_id", SITE), ("token", "site-token-1")];
const ACCOUNT: Reply = Reply(200, "", r#"{"error":false,"data":{"plugin_id":"p-1"}}"#);
const SETTINGS: Reply = Reply(200, "", r#"{"data":{"website_id":"w","token":"site-token-1","settings":{}}}"#);
const YOUNG: Reply = Reply(200, "", r#"{"data":{"active":true,"since":"2026-01-01T00:00:30Z"}}"#);
const OLD: Reply = Reply(200, "", r#"{"data":{"active":true,"since":"2025-01-01T00:00:30Z"}}"#);

struct Kit {
    provider: Arc<Provider>,
    integration: Integration,
    random: SeededRandom,
}

impl Kit {
    fn new() -> Self {
        Self::linked_to("https://app.crisp.chat/initiate/plugin/p-1/?lang=en")
    }

    fn linked_to(link: &str) -> Self {
        let values = [(APP_LINK, link), (USERNAME, "plug"), (PASSWORD, "hush")];
        let custom = values.into_iter().map(|(name, value)| (name.to_owned(), Secret::new(value))).collect();
        let secrets = IntegrationSecrets { client: IntegrationClient::None, custom };
        Self {
            provider: CatalogHandle::embedded().current().shared("crisp-plugin-install").unwrap(),
            integration: Integration { secrets, ..integration("chat", "crisp-plugin-install") },
            random: SeededRandom::new(3),
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

    async fn depart(&self, service: &Service, config: &Map<String, Value>) -> Result<Departed, FlowError> {
        let departure = Departure {
            party: self.party(service, config),
            state: "st-1",
            redirect_uri: "https://auth.dove.test/oauth/callback",
            sent: &[],
            owner_config: &Map::new(),
            authorization_params: &[],
            scopes: None,
            user_scopes: None,
        };
        depart(departure, &Book::default()).await
    }

    async fn round(&self, service: &Service, params: &[(&str, &str)]) -> Result<Arrived, FlowError> {
        let config = json!({"website_id": "an-earlier-one"}).as_object().cloned().unwrap();
        let progress = self.depart(service, &config).await?.progress;
        let params: Vec<(String, String)> =
            params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let party = self.party(service, &progress.config);
        arrive(Arrival { party, progress: &progress, params: &params }).await
    }
}

async fn refused(replies: &[Reply], params: &[(&str, &str)]) -> (FlowErrorKind, usize) {
    let service = Service::answering(replies).await;
    let error = Kit::new().round(&service, params).await.unwrap_err();
    (error.kind, service.heads().len())
}

#[tokio::test]
async fn a_website_is_linked_by_the_token_that_only_its_operators_see() {
    let service = Service::answering(&[ACCOUNT, SETTINGS]).await;
    let kit = Kit::new();
    let url = kit.depart(&service, &Map::new()).await.unwrap().url;
    assert_eq!(url.as_str(), "https://app.crisp.chat/initiate/plugin/p-1/?lang=en&payload=st-1");

    let arrived = kit.round(&service, CALLBACK).await.unwrap();
    let asked: Vec<String> = service.requests().into_iter().map(|(line, _)| line).collect();
    assert_eq!(
        asked,
        [
            "GET https://api.crisp.chat/v1/plugin/connect/account".to_owned(),
            format!("GET https://api.crisp.chat/v1/plugins/subscription/{SITE}/p-1/settings"),
        ]
    );
    let heads = service.heads();
    assert!(heads[0].contains("authorization: basic cgx1zzpodxno"), "{}", heads[0]);
    assert!(heads[0].contains("x-crisp-tier: plugin"), "{}", heads[0]);
    let stored = arrived.obtained.credentials.to_stored();
    assert_eq!(stored, json!({"type": "BASIC", "username": "plug", "password": "hush"}));
    assert_eq!(Value::Object(arrived.obtained.config), json!({"website_id": SITE}));
    assert!(!arrived.pending);
}

#[tokio::test]
async fn a_website_of_somebody_else_is_not_linked() {
    let other = [("website_id", SITE), ("token", "guessed")];
    assert_eq!(refused(&[ACCOUNT, SETTINGS], &other).await, (FlowErrorKind::State, 2));
    let none = Reply(200, "", r#"{"data":{"token":"","settings":{}}}"#);
    assert_eq!(refused(&[ACCOUNT, none], CALLBACK).await, (FlowErrorKind::State, 2));
    let unknown = Reply(404, "", r#"{"error":true,"reason":"subscription_not_found"}"#);
    assert_eq!(refused(&[ACCOUNT, unknown], CALLBACK).await, (FlowErrorKind::State, 2));
}

#[tokio::test]
async fn without_a_token_the_subscription_is_as_young_as_the_attempt() {
    let service = Service::answering(&[ACCOUNT, YOUNG]).await;
    assert!(Kit::new().round(&service, &CALLBACK[..1]).await.is_ok());
    assert_eq!(refused(&[ACCOUNT, OLD], &CALLBACK[..1]).await, (FlowErrorKind::State, 2));
    let ended = Reply(200, "", r#"{"data":{"active":false,"since":"2026-01-01T00:00:30Z"}}"#);
    assert_eq!(refused(&[ACCOUNT, ended], &CALLBACK[..1]).await, (FlowErrorKind::State, 2));
}

#[tokio::test]
async fn what_is_no_place_never_reaches_a_path() {
    for site in ["", "..", "a/b", "a?b", "a%2fb", &"a".repeat(65)] {
        let params = [("website_id", site), ("token", "site-token-1")];
        assert_eq!(refused(&[], &params).await, (FlowErrorKind::Callback, 0), "{site}");
    }
    assert_eq!(refused(&[], &[("token", "site-token-1")]).await, (FlowErrorKind::Callback, 0));
}

#[tokio::test]
async fn a_service_that_refuses_the_plug_in_and_one_that_is_down_are_told_apart() {
    assert_eq!(refused(&[Reply(401, "", "")], CALLBACK).await, (FlowErrorKind::Test, 1));
    assert_eq!(refused(&[Reply(503, "", "")], CALLBACK).await, (FlowErrorKind::Exchange, 1));
    assert_eq!(refused(&[Reply(200, "", "{}")], CALLBACK).await, (FlowErrorKind::Exchange, 1));
}

#[tokio::test]
async fn a_link_that_is_no_https_url_sends_nobody_away() {
    for link in ["", "http://app.crisp.chat/x", "javascript:alert(1)", "crisp"] {
        let service = Service::answering(&[]).await;
        let error = Kit::linked_to(link).depart(&service, &Map::new()).await.unwrap_err();
        assert_eq!(error.kind, FlowErrorKind::Integration, "{link}");
    }
}
