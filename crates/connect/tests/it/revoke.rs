//! Telling a service that a connection was deleted (auth-modes.md 24, RFC 7009): what each one is sent, exactly, by the
//! definitions that are shipped.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use dovetail_catalog::CatalogHandle;
use dovetail_connect::obtain::{ObtainError, Party};
use dovetail_connect::revoke::{is_revocable, revoke};
use dovetail_model::{Credentials, SeededRandom, Timestamp};
use serde_json::{Value, json};

use crate::overlay::{credentials, integration, map};
use crate::service::{Reply, Service};

fn tokens() -> Value {
    json!({"type": "OAUTH2", "access_token": "at/1", "refresh_token": "rt/1", "raw": {}})
}

async fn tell(service: &Service, provider: &str, stored: Value, config: Value) -> Result<(), ObtainError> {
    let catalog = CatalogHandle::open(None).current();
    let provider = catalog.get(provider).unwrap();
    let integration = integration(provider.id(), provider.id());
    let (credentials, config): (Credentials, _) = (credentials(stored), map(&config));
    assert!(is_revocable(provider, &credentials, &map(&json!({}))));
    let party = Party {
        egress: &service.egress,
        now: Timestamp(0),
        random: &SeededRandom::new(1),
        provider,
        integration: &integration,
        connection_id: "conn-42",
        connection_config: &config,
    };
    revoke(&party, &credentials, &map(&json!({}))).await
}

/// Method and URL, `Authorization`, content type and body of the one request that was sent.
async fn sent(provider: &str, stored: Value, config: Value) -> [String; 4] {
    let service = Service::answering([Reply(200, "", "{}")]).await;
    tell(&service, provider, stored, config).await.unwrap();
    let requests = service.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    let (asked, whole) = &requests[0];
    let (head, body) = whole.split_once("\r\n\r\n").unwrap();
    let header = |name: &str| {
        let line = head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}: ")));
        line.map(|line| line[name.len() + 2..].to_owned()).unwrap_or_default()
    };
    [asked.clone(), header("authorization"), header("content-type"), body.to_owned()]
}

fn basic() -> String {
    format!("Basic {}", STANDARD.encode("app-1:app-secret-1"))
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

#[tokio::test]
async fn the_refresh_token_is_revoked_with_the_client_of_the_token_endpoint() {
    let in_body = "token=rt%2F1&token_type_hint=refresh_token&client_id=app-1&client_secret=app-secret-1";
    let in_header = "token=rt%2F1&token_type_hint=refresh_token";
    for (provider, url, authorization, body) in [
        ("asana", "https://app.asana.com/-/oauth_revoke", String::new(), in_body),
        ("gitlab", "https://gitlab.com/oauth/revoke", String::new(), in_body),
        ("discord", "https://discord.com/api/oauth2/token/revoke", String::new(), in_body),
        ("salesforce", "https://login.salesforce.com/services/oauth2/revoke", String::new(), in_body),
        ("pipedrive", "https://oauth.pipedrive.com/oauth/revoke", basic(), in_header),
        ("reddit", "https://www.reddit.com/api/v1/revoke_token", basic(), in_header),
    ] {
        let sent = sent(provider, tokens(), json!({})).await;
        assert_eq!(sent, [format!("POST {url}"), authorization, FORM.to_owned(), body.to_owned()]);
    }
}

#[tokio::test]
async fn the_address_is_that_of_the_account() {
    let [asked, ..] = sent("okta", tokens(), json!({"subdomain": "acme"})).await;
    assert_eq!(asked, "POST https://acme.okta.com/oauth2/v1/revoke");
    let [asked, ..] = sent("okta-preview", tokens(), json!({"subdomain": "acme"})).await;
    assert_eq!(asked, "POST https://acme.oktapreview.com/oauth2/v1/revoke");
}

#[tokio::test]
async fn the_only_token_there_is_is_revoked_and_the_client_is_the_connections_own() {
    let own = json!({"client_id": "own", "client_secret": "own-secret"});
    let stored = json!({"type": "OAUTH2", "access_token": "at", "raw": {}, "config_override": own});
    let [_, _, _, body] = sent("gitlab", stored, json!({})).await;
    assert_eq!(body, "token=at&token_type_hint=access_token&client_id=own&client_secret=own-secret");
}

#[tokio::test]
async fn services_with_a_call_of_their_own_get_that() {
    let github = sent("github", tokens(), json!({})).await;
    let url = "DELETE https://api.github.com/applications/app-1/token";
    assert_eq!(github, [url.to_owned(), basic(), JSON.to_owned(), r#"{"access_token":"at/1"}"#.to_owned()]);

    let hubspot = sent("hubspot", tokens(), json!({})).await;
    let url = "DELETE https://api.hubapi.com/oauth/v1/refresh-tokens/rt%2F1";
    assert_eq!(hubspot, [url, "", "", ""], "it asks for no proof");

    let intercom = sent("intercom", tokens(), json!({"region": "eu"})).await;
    assert_eq!(intercom, ["POST https://api.eu.intercom.io/auth/uninstall", "Bearer at/1", "", ""]);

    let linear = sent("linear", tokens(), json!({})).await;
    assert_eq!(linear, ["POST https://api.linear.app/oauth/revoke", "Bearer at/1", "", ""]);

    let stored = json!({
        "type": "OAUTH2_CC", "token": "t-1", "client_id": "id-1", "client_secret": "s-1", "raw": {},
        "expires_at": "2026-01-01T00:00:00.000Z",
    });
    let onelogin = sent("onelogin", stored, json!({"subdomain": "acme"})).await;
    let proof = "client_id:id-1, client_secret:s-1";
    let url = "POST https://acme.onelogin.com/auth/oauth2/revoke";
    assert_eq!(onelogin, [url, proof, JSON, r#"{"access_token":"t-1"}"#]);
}

#[tokio::test]
async fn a_token_that_is_unknown_counts_as_revoked_and_an_outage_as_passing() {
    for (reply, expected) in [
        (Reply(200, "", ""), None),
        (Reply(404, "", "{}"), None),
        (Reply(410, "", "{}"), None),
        (Reply(400, "", r#"{"error":"invalid_token"}"#), None),
        (Reply(400, "", r#"{"error":"invalid_client"}"#), Some(false)),
        (Reply(503, "", "{}"), Some(true)),
        (Reply(429, "", "{}"), Some(true)),
    ] {
        let service = Service::answering([reply]).await;
        let told = tell(&service, "gitlab", tokens(), json!({})).await;
        assert_eq!(told.err().map(|error| error.is_temporary()), expected, "{reply:?}");
    }
}

#[test]
fn a_product_that_opts_out_and_credentials_without_a_grant_are_left_alone() {
    let catalog = CatalogHandle::open(None).current();
    let opted_out = map(&json!({"skipTokenRevocation": true}));
    let nothing = map(&json!({}));
    let without = credentials(json!({"type": "OAUTH2", "access_token": "at", "raw": {}}));
    assert!(!is_revocable(catalog.get("gitlab").unwrap(), &credentials(tokens()), &opted_out));
    assert!(!is_revocable(catalog.get("hubspot").unwrap(), &without, &nothing), "it revokes refresh tokens");
    assert!(!is_revocable(catalog.get("coda").unwrap(), &Credentials::api_key("k"), &nothing));
}
