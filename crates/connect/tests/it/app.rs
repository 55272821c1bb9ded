//! Installations of apps (auth-modes.md sections 9 and 10).

use std::sync::Arc;

use dovetail_catalog::{CatalogHandle, Provider};
use dovetail_connect::flow::{
    Arrival, Arrived, Departed, Departure, FlowError, FlowErrorKind, arrive, depart,
};
use dovetail_connect::obtain::Party;
use dovetail_connect::renew::renew;
use dovetail_model::{
    EnvironmentId, Integration, IntegrationClient, IntegrationId, IntegrationSecrets, SeededRandom, Timestamp,
};
use serde_json::{Map, json};

use crate::mcp::Book;
use crate::service::{Reply, Service};

/// 2026-01-01T00:00:00Z.
const NOW: Timestamp = Timestamp(1_767_225_600_000);
const KEY: &str = include_str!("test_key.pem");

const FRESH: Reply = Reply(
    200,
    "",
    r#"{"id":77,"app_id":9,"created_at":"2026-01-01T00:00:30Z","updated_at":"2026-01-01T00:00:30Z"}"#,
);
const OLD: Reply = Reply(
    200,
    "",
    r#"{"id":77,"app_id":9,"created_at":"2025-06-01T00:00:00Z","updated_at":"2025-06-01T00:00:00Z"}"#,
);
const TOKEN: Reply =
    Reply(201, "", r#"{"token":"ghs_x","expires_at":"2026-01-01T01:00:00Z","permissions":{}}"#);
const USER: Reply = Reply(200, "", r#"{"access_token":"ghu_x","refresh_token":"ghr_x","expires_in":28800}"#);
const USER_2: Reply =
    Reply(200, "", r#"{"access_token":"ghu_y","refresh_token":"ghr_y","expires_in":28800}"#);
const THEIRS: Reply = Reply(200, "", r#"{"total_count":1,"installations":[{"id":77}]}"#);
const OTHERS: Reply = Reply(200, "", r#"{"total_count":1,"installations":[{"id":78}]}"#);
const DOWN: Reply = Reply(503, "", "");

struct Kit {
    provider: Arc<Provider>,
    integration: Integration,
    random: SeededRandom,
}

impl Kit {
    fn new(mode: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let definition = "app:
  display_name: Forge
  auth_mode: APP
  docs: /guides/app
  token_url: https://api.forge.test/app/installations/${connectionConfig.installation_id}/access_tokens
custom:
  display_name: Forge
  auth_mode: CUSTOM
  docs: /guides/custom
  token_url:
    OAUTH2: https://forge.test/login/oauth/access_token
    APP: https://api.forge.test/app/installations/${connectionConfig.installation_id}/access_tokens
";
        std::fs::write(folder.path().join("providers.yaml"), definition).unwrap();
        let catalog = CatalogHandle::open(Some(folder.path().to_owned()));
        assert!(catalog.problems().is_empty(), "{:?}", catalog.problems());
        let (app_id, app_link, private_key) =
            ("9".to_owned(), "https://forge.test/apps/dove".to_owned(), KEY.into());
        let client = match mode {
            "app" => IntegrationClient::App { app_id, app_link, private_key },
            _ => IntegrationClient::Custom {
                client_id: "cid".to_owned(),
                client_secret: "hush".into(),
                app_id,
                app_link,
                private_key,
            },
        };
        Self {
            provider: catalog.current().shared(mode).unwrap(),
            integration: Integration {
                id: IntegrationId(1),
                environment: EnvironmentId(1),
                unique_key: mode.to_owned(),
                provider: mode.to_owned(),
                display_name: None,
                forward_webhooks: true,
                secrets: IntegrationSecrets { client, ..IntegrationSecrets::default() },
                created_at: NOW,
                updated_at: NOW,
            },
            random: SeededRandom::new(3),
        }
    }

    fn party<'a>(&'a self, service: &'a Service, config: &'a Map<String, serde_json::Value>) -> Party<'a> {
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
        let nothing = Map::new();
        let departure = Departure {
            party: self.party(service, &nothing),
            state: "st-1",
            redirect_uri: "https://auth.dove.test/oauth/callback",
            sent: &[],
            owner_config: &nothing,
            authorization_params: &[],
            scopes: None,
            user_scopes: None,
        };
        depart(departure, &Book::default()).await
    }

    async fn round(&self, service: &Service, params: &[(&str, &str)]) -> Result<Arrived, FlowError> {
        let progress = self.depart(service).await?.progress;
        let params: Vec<(String, String)> =
            params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let party = self.party(service, &progress.config);
        arrive(Arrival { party, progress: &progress, params: &params }).await
    }
}

const INSTALLED: &[(&str, &str)] = &[("installation_id", "77"), ("setup_action", "install"), ("code", "c-1")];

#[tokio::test]
async fn a_fresh_installation_of_the_app_is_linked_and_its_token_issued_again() {
    let service = Service::answering(&[FRESH, TOKEN, TOKEN]).await;
    let kit = Kit::new("app");
    let url = kit.depart(&service).await.unwrap().url;
    assert_eq!(url.as_str(), "https://forge.test/apps/dove/installations/new?state=st-1");
    let arrived = kit.round(&service, INSTALLED).await.unwrap();
    let heads = service.heads();
    assert!(
        heads[0].contains("dovetail-simulated-url: https://api.forge.test/app/installations/77\r\n"),
        "{}",
        heads[0]
    );
    assert!(heads[1].starts_with("post /app/installations/77/access_tokens"), "{}", heads[1]);
    assert!(heads[1].contains("authorization: bearer eyj"), "{}", heads[1]);
    let stored = arrived.obtained.credentials.to_stored();
    assert_eq!((&stored["type"], &stored["access_token"]), (&json!("APP"), &json!("ghs_x")));
    assert_eq!(arrived.obtained.config["installation_id"], "77");
    let config = arrived.obtained.config.clone();
    let renewed = renew(&kit.party(&service, &config), &arrived.obtained.credentials).await.unwrap();
    assert_eq!(renewed.credentials.expires_at(), Some(Timestamp(NOW.0 + 3_600_000)));
}

#[tokio::test]
async fn an_installation_that_was_there_before_is_somebody_elses() {
    let service = Service::answering(&[OLD, TOKEN]).await;
    let error = Kit::new("app").round(&service, INSTALLED).await.unwrap_err();
    assert_eq!(error.kind, FlowErrorKind::State);
    assert_eq!(service.heads().len(), 1, "no token was issued");
}

#[tokio::test]
async fn what_is_no_installation_never_reaches_a_path() {
    for id in ["", "7/7", "..", "77?x", "123456789012345678901"] {
        let service = Service::answering(&[]).await;
        let error = Kit::new("app").round(&service, &[("installation_id", id)]).await.unwrap_err();
        assert_eq!(error.kind, FlowErrorKind::Callback, "{id}");
        assert!(service.heads().is_empty());
    }
}

#[tokio::test]
async fn a_person_links_an_installation_that_their_own_token_sees() {
    let service = Service::answering(&[USER, THEIRS, TOKEN, TOKEN, USER_2, TOKEN, DOWN]).await;
    let kit = Kit::new("custom");
    let arrived = kit.round(&service, INSTALLED).await.unwrap();
    let heads = service.heads();
    assert!(
        heads[0].contains("dovetail-simulated-url: https://forge.test/login/oauth/access_token"),
        "{}",
        heads[0]
    );
    assert!(heads[1].starts_with("get /user/installations?per_page=100&page=1"), "{}", heads[1]);
    assert!(heads[1].contains("authorization: bearer ghu_x"), "{}", heads[1]);
    let stored = arrived.obtained.credentials.to_stored();
    assert_eq!(stored["app"]["access_token"], "ghs_x");
    assert_eq!(stored["user"]["access_token"], "ghu_x");
    let config = arrived.obtained.config.clone();
    let party = kit.party(&service, &config);
    let renewed = renew(&party, &arrived.obtained.credentials).await.unwrap();
    assert_eq!(renewed.credentials.to_stored()["user"]["access_token"], "ghu_y");
    // The person's half fails, the installation's is renewed all the same.
    let again = renew(&party, &renewed.credentials).await.unwrap();
    assert_eq!(again.credentials.to_stored()["user"]["access_token"], "ghu_y");
}

#[tokio::test]
async fn nobody_links_an_installation_of_somebody_else() {
    let service = Service::answering(&[USER, OTHERS, TOKEN]).await;
    let error = Kit::new("custom").round(&service, INSTALLED).await.unwrap_err();
    assert_eq!(error.kind, FlowErrorKind::State);
    assert_eq!(service.heads().len(), 2, "no token was issued");
    let service = Service::answering(&[USER]).await;
    let error = Kit::new("custom").round(&service, &[("installation_id", "77")]).await.unwrap_err();
    assert_eq!(error.kind, FlowErrorKind::Callback, "without a code nobody is known");
}

#[tokio::test]
async fn a_request_for_approval_is_a_connection_that_waits() {
    let service = Service::answering(&[USER]).await;
    let arrived =
        Kit::new("custom").round(&service, &[("setup_action", "request"), ("code", "c-1")]).await.unwrap();
    assert!(arrived.pending);
    assert_eq!(arrived.obtained.config["pending"], true);
    assert_eq!(arrived.obtained.credentials.to_stored()["type"], "OAUTH2");
}
