//! OAUTH2 and OAUTH1 through the flow: what the browser is sent to, what is asked of the provider, what is kept
//! (auth-modes.md sections 2.9, 4, 5, 28.2, 28.4, 28.5).

use std::collections::BTreeMap;
use std::sync::Arc;

use dovetail_catalog::{CatalogHandle, Provider};
use dovetail_connect::flow::{
    Arrival, Arrived, Departed, Departure, FlowError, FlowErrorKind, Progress, arrive, depart,
};
use dovetail_connect::obtain::{ObtainError, Obtained, Party};
use dovetail_connect::renew::renew;
use dovetail_egress::{Client, EgressConfig};
use dovetail_model::{
    Credentials, EnvironmentId, Integration, IntegrationClient, IntegrationId, IntegrationSecrets,
    SeededRandom, Timestamp,
};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::service::{Reply, Service};

const NOW: Timestamp = Timestamp(1_767_225_600_000);
const REDIRECT: &str = "https://auth.dove.test/oauth/callback";
const JSON: &str = "content-type: application/json\r\n";

/// A definition of the test's own, and an integration of it.
struct Kit {
    provider: Arc<Provider>,
    integration: Integration,
    random: SeededRandom,
    config: Map<String, Value>,
    owner: Map<String, Value>,
    _folder: TempDir,
}

impl Kit {
    fn new(definition: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let own = folder.path().join("dove");
        std::fs::create_dir_all(&own).unwrap();
        let head = "display_name: Dove\ndocs: /guides/dove\n";
        std::fs::write(own.join("provider.yaml"), format!("{head}{definition}")).unwrap();
        let catalog = CatalogHandle::open(Some(folder.path().to_owned()));
        assert!(catalog.problems().is_empty(), "{:?}", catalog.problems());
        let client = IntegrationClient::Oauth {
            client_id: "cid 1".to_owned(),
            client_secret: "s3:cr%t".into(),
            scopes: Some("a:read,b*".to_owned()),
            webhook_secret: None,
        };
        Self {
            provider: catalog.current().shared("dove").unwrap(),
            integration: Integration {
                id: IntegrationId(1),
                environment: EnvironmentId(1),
                unique_key: "dove".to_owned(),
                provider: "dove".to_owned(),
                display_name: None,
                forward_webhooks: true,
                secrets: IntegrationSecrets { client, custom: BTreeMap::new() },
                created_at: NOW,
                updated_at: NOW,
            },
            random: SeededRandom::new(1),
            config: Map::new(),
            owner: Map::new(),
            _folder: folder,
        }
    }

    fn oauth2(more: &str) -> Self {
        Self::new(&format!(
            "auth_mode: OAUTH2\nauthorization_url: https://id.dove.test/authorize\n\
             token_url: https://api.dove.test/token\n{more}"
        ))
    }

    fn config(mut self, config: Value) -> Self {
        self.config = config.as_object().cloned().unwrap();
        self
    }

    fn party<'a>(&'a self, egress: &'a Client) -> Party<'a> {
        Party {
            egress,
            now: NOW,
            random: &self.random,
            provider: &self.provider,
            integration: &self.integration,
            connection_id: "conn-42",
            connection_config: &self.config,
        }
    }

    async fn depart(&self, egress: &Client, params: &[(&str, Option<&str>)]) -> Result<Departed, FlowError> {
        let params: Vec<_> =
            params.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect();
        let sent: Vec<String> = self.config.keys().cloned().collect();
        depart(
            Departure {
                party: self.party(egress),
                state: "st-1",
                redirect_uri: REDIRECT,
                sent: &sent,
                owner_config: &self.owner,
                authorization_params: &params,
                scopes: None,
                user_scopes: None,
            },
            &crate::mcp::Book::default(),
        )
        .await
    }

    async fn url(&self, params: &[(&str, Option<&str>)]) -> String {
        self.depart(&nowhere(), params).await.unwrap().url.into()
    }

    async fn arrive(&self, egress: &Client, params: &[(&str, &str)]) -> Result<Arrived, FlowError> {
        let progress = self.depart(&nowhere(), &[]).await?.progress;
        self.return_with(egress, &progress, params).await
    }

    async fn return_with(
        &self,
        egress: &Client,
        progress: &Progress,
        params: &[(&str, &str)],
    ) -> Result<Arrived, FlowError> {
        let params: Vec<_> = params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let party = Party { connection_config: &progress.config, ..self.party(egress) };
        arrive(Arrival { party, progress, params: &params }).await
    }

    async fn renew(&self, egress: &Client, credentials: Value) -> Result<Obtained, ObtainError> {
        let credentials: Credentials = serde_json::from_value(credentials).unwrap();
        renew(&self.party(egress), &credentials).await
    }
}

/// A client whose requests fail: whoever needs no network must not notice.
fn nowhere() -> Client {
    let simulate = Some("http://127.0.0.1:9".parse().unwrap());
    Client::new(EgressConfig { simulate, ..EgressConfig::default() }).unwrap()
}

fn without_challenge(url: &str) -> String {
    let at = url.find("&code_challenge=").unwrap();
    let rest = url[at + 16..].find('&').unwrap();
    format!("{}&code_challenge=X{}", &url[..at], &url[at + 16 + rest..])
}

fn body(request: &str) -> &str {
    request.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

fn stored(arrived: &Arrived) -> Value {
    arrived.obtained.credentials.to_stored()
}

#[tokio::test]
async fn the_authorization_url_of_the_specification() {
    let kit = Kit::oauth2("");
    assert_eq!(
        without_challenge(&kit.url(&[]).await),
        "https://id.dove.test/authorize?response_type=code&client_id=cid+1&redirect_uri=https%3A%2F%2Fauth.dove.test%2Foauth%2Fcallback&scope=a%3Aread+b*&state=st-1&code_challenge=X&code_challenge_method=S256"
    );
}

#[tokio::test]
async fn definitions_vary_the_authorization_url() {
    let plain =
        "response_type=code&client_id=cid+1&redirect_uri=https%3A%2F%2Fauth.dove.test%2Foauth%2Fcallback";
    for (definition, expected) in [
        ("disable_pkce: true\nscope_separator: ','\n", format!("https://id.dove.test/authorize?{plain}&scope=a%3Aread%2Cb*&state=st-1")),
        (
            "disable_pkce: true\nauthorization_params:\n  prompt: consent\n  force: true\n",
            format!("https://id.dove.test/authorize?{plain}&scope=a%3Aread+b*&state=st-1&prompt=consent&force=true"),
        ),
        (
            "disable_pkce: true\nscope_separator: '+'\nauthorization_url_skip_encode: [scopes]\n",
            format!("https://id.dove.test/authorize?{plain}&state=st-1&scope=a:read+b*"),
        ),
        (
            "disable_pkce: true\nauthorization_url_fragment: /oauth/authorize\n",
            format!("https://id.dove.test/authorize#/oauth/authorize?{plain}&scope=a%3Aread+b*&state=st-1"),
        ),
        (
            "disable_pkce: true\nauthorization_url_replacements:\n  client_id: client_key\n  response_type: ''\n  'redirect_uri=': 'redirectUri='\n",
            "https://id.dove.test/authorize?client_key=cid+1&redirectUri=https%3A%2F%2Fauth.dove.test%2Foauth%2Fcallback&scope=a%3Aread+b*&state=st-1".to_owned(),
        ),
    ] {
        assert_eq!(Kit::oauth2(definition).url(&[]).await, expected, "{definition}");
    }
}

#[tokio::test]
async fn empty_parameters_are_dropped_where_the_definition_says_so() {
    let mut kit = Kit::oauth2(
        "disable_pkce: true\nauthorization_url_skip_empty: true\nauthorization_params:\n  a: ''\n  b: ''\n",
    );
    if let IntegrationClient::Oauth { scopes, .. } = &mut kit.integration.secrets.client {
        *scopes = None;
    }
    let url = kit.url(&[]).await;
    assert!(url.ends_with("&state=st-1") && !url.contains("scope"), "{url}");
}

#[tokio::test]
async fn the_urls_own_query_stays() {
    let kit = Kit::new(
        "auth_mode: OAUTH2\nauthorization_url: https://id.dove.test/authorize?tenant=t1\n\
         token_url: https://api.dove.test/token\ndisable_pkce: true\n",
    );
    assert!(kit.url(&[]).await.starts_with("https://id.dove.test/authorize?tenant=t1&response_type=code&"));
}

#[tokio::test]
async fn a_request_cannot_set_what_is_the_protocols() {
    let kit = Kit::oauth2("authorization_params:\n  prompt: consent\n");
    let reserved =
        ["redirect_uri", "state", "client_id", "scope", "response_type", "code_challenge", "request_uri"];
    let params: Vec<_> = reserved.iter().map(|name| (*name, Some("evil"))).collect();
    let url = kit.url(&params).await;
    assert!(!url.contains("evil"), "{url}");
    let url =
        kit.url(&[("prompt", None), ("login_hint", Some("pia")), ("response_mode", Some("fragment"))]).await;
    assert!(
        url.contains("&login_hint=pia") && !url.contains("prompt") && !url.contains("response_mode"),
        "{url}"
    );
}

#[tokio::test]
async fn what_is_missing_is_named_and_no_value_is_shown() {
    let kit = Kit::new(
        "auth_mode: OAUTH2\nauthorization_url: https://${connectionConfig.zone}.dove.test/a\n\
         token_url: https://api.dove.test/token\nconnection_config:\n  zone:\n    type: string\n    title: Zone\n    description: The zone.\n    optional: true\n",
    )
    .config(json!({"other": "hush"}));
    let error = kit.depart(&nowhere(), &[]).await.unwrap_err();
    assert_eq!(error.kind, FlowErrorKind::UrlParam);
    assert_eq!(error.message, "The connection's configuration has no `zone`.");
}

#[tokio::test]
async fn another_grant_than_a_codes_is_refused() {
    let kit = Kit::oauth2("token_params:\n  grant_type: client_credentials\n");
    assert_eq!(kit.depart(&nowhere(), &[]).await.unwrap_err().kind, FlowErrorKind::GrantType);
}

#[tokio::test]
async fn the_code_is_exchanged_with_its_verifier_and_the_tokens_are_kept() {
    let service = Service::answering(&[Reply(
        200,
        JSON,
        r#"{"access_token":"at-1","refresh_token":"rt-1","expires_in":3600,"instance_url":"https://eu.dove.test","n":7}"#,
    )])
    .await;
    let kit = Kit::oauth2("token_response_metadata: [instance_url, n]\nredirect_uri_metadata: [realmId]\n");
    let progress = kit.depart(&nowhere(), &[]).await.unwrap().progress;
    let params = [("code", "c/1"), ("state", "st-1"), ("realmId", "9")];
    let arrived = kit.return_with(&service.egress, &progress, &params).await.unwrap();
    assert_eq!(
        stored(&arrived),
        json!({
            "type": "OAUTH2", "access_token": "at-1", "refresh_token": "rt-1",
            "expires_at": "2026-01-01T01:00:00.000Z",
            "raw": {"access_token": "at-1", "refresh_token": "rt-1", "expires_in": 3600,
                    "instance_url": "https://eu.dove.test", "n": 7, "expires_at": "2026-01-01T01:00:00.000Z"},
        })
    );
    assert_eq!(
        Value::Object(arrived.obtained.config),
        json!({"instance_url": "https://eu.dove.test", "realmId": "9"})
    );
    let request = service.heads().remove(0);
    assert!(request.starts_with("post /token "), "{request}");
    assert!(request.contains("content-type: application/x-www-form-urlencoded"));
    let verifier = progress.verifier.unwrap();
    assert_eq!(
        body(&request),
        format!(
            "grant_type=authorization_code&code=c%2f1&redirect_uri=https%3a%2f%2fauth.dove.test%2foauth%2fcallback&code_verifier={verifier}&client_id=cid+1&client_secret=s3%3acr%25t"
        )
    );
}

#[tokio::test]
async fn a_client_proves_itself_in_one_way() {
    const TOKEN: &[Reply] = &[Reply(200, JSON, r#"{"access_token":"at"}"#)];
    let asked = async |more: &str| {
        let service = Service::answering(TOKEN).await;
        Kit::oauth2(more).arrive(&service.egress, &[("code", "c")]).await.unwrap();
        service.heads().remove(0)
    };
    let body_auth = asked("").await;
    assert!(body(&body_auth).contains("client_secret=") && !body_auth.contains("authorization:"));
    // base64("cid+1:s3%3Acr%25t") and base64("cid 1:s3:cr%t")
    for (more, basic) in [
        ("authorization_method: header\n", "Y2lkKzE6czMlM0FjciUyNXQ="),
        ("token_request_auth_method: basic\n", "Y2lkIDE6czM6Y3IldA=="),
        ("authorization_method: header\ntoken_request_auth_method: basic\n", "Y2lkKzE6czMlM0FjciUyNXQ="),
    ] {
        let request = asked(more).await;
        assert!(request.contains(&format!("authorization: basic {}", basic.to_lowercase())), "{request}");
        assert!(!body(&request).contains("client_"), "{request}");
    }
    let json = asked("body_format: json\ndisable_pkce: true\n").await;
    let sent: Value = serde_json::from_str(body(&json)).unwrap();
    assert_eq!(sent["client_secret"], "s3:cr%t");
    assert!(sent.get("code_verifier").is_none());
}

#[tokio::test]
async fn tokens_are_found_where_the_definition_says() {
    let service = Service::answering(&[Reply(
        200,
        "content-type: text/plain\r\n",
        r#"{"ok":true,"authed_user":{"access_token":"u","refresh_token":"r","expires_in":60}}"#,
    )])
    .await;
    let kit = Kit::oauth2("alternate_access_token_response_path: authed_user\n");
    let arrived = kit.arrive(&service.egress, &[("code", "c")]).await.unwrap();
    let credentials = stored(&arrived);
    assert_eq!(credentials["access_token"], "u");
    assert_eq!(credentials["refresh_token"], "r");
    assert_eq!(credentials["expires_at"], "2026-01-01T00:01:00.000Z");
    assert_eq!(credentials["raw"]["authed_user"]["access_token"], "u");
}

#[tokio::test]
async fn answers_that_hold_no_tokens_end_the_flow_in_words() {
    for (reply, kind, words) in [
        (Reply(200, JSON, r#"{"error":"invalid_grant"}"#), FlowErrorKind::Exchange, "invalid_grant"),
        (Reply(200, JSON, r#"{"token":"x"}"#), FlowErrorKind::Unreadable, "no access token"),
        (
            Reply(302, "location: https://evil.test/\r\n", ""),
            FlowErrorKind::Exchange,
            "redirects to evil.test",
        ),
        (Reply(503, "", ""), FlowErrorKind::Exchange, "Try again"),
        (
            Reply(400, JSON, r#"{"error":"invalid_client","error_description":"secret s3:cr%t is wrong"}"#),
            FlowErrorKind::Exchange,
            "secret *** is wrong",
        ),
    ] {
        let replies: &'static [Reply] = Box::leak(Box::new([reply]));
        let service = Service::answering(replies).await;
        let error = Kit::oauth2("").arrive(&service.egress, &[("code", "c")]).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.message.contains(words), "{error}");
        assert!(!error.message.contains("s3:cr"), "{error}");
    }
    let form =
        Service::answering(&[Reply(200, "content-type: text/html\r\n", "access_token=at&expires_in=9")])
            .await;
    let arrived = Kit::oauth2("").arrive(&form.egress, &[("code", "c")]).await.unwrap();
    assert_eq!(stored(&arrived)["access_token"], "at");
}

#[tokio::test]
async fn a_callback_without_a_code_carries_the_providers_words() {
    let kit = Kit::oauth2("authorization_code_param_in_callback: spapi_oauth_code\n");
    let denied = [("error", "access_denied"), ("error_description", "The user said no")];
    let error = kit.arrive(&nowhere(), &denied).await.unwrap_err();
    assert_eq!(error.kind, FlowErrorKind::Callback);
    assert_eq!(error.message, "Dove did not authorize the connection: access_denied: The user said no");
    let error = kit.arrive(&nowhere(), &[("code", "of-another-name")]).await.unwrap_err();
    assert_eq!(error.message, "Dove sent no authorization code.");
}

#[tokio::test]
async fn an_answer_of_another_issuer_ends_the_flow() {
    let kit = Kit::oauth2("");
    let refused = kit.arrive(&nowhere(), &[("code", "c"), ("iss", "https://evil.test")]).await.unwrap_err();
    assert_eq!(refused.kind, FlowErrorKind::State);
    let service = Service::answering(&[Reply(200, JSON, r#"{"access_token":"at"}"#)]).await;
    for issuer in ["https://id.dove.test", "https://dove.test/realm"] {
        kit.arrive(&service.egress, &[("code", "c"), ("iss", issuer)]).await.unwrap();
    }
    let mut progress = kit.depart(&nowhere(), &[]).await.unwrap().progress;
    progress.issuer = Some("https://id.dove.test/x".to_owned());
    progress.sends_issuer = true;
    for params in [vec![("code", "c")], vec![("code", "c"), ("iss", "https://id.dove.test")]] {
        let error = kit.return_with(&nowhere(), &progress, &params).await.unwrap_err();
        assert_eq!(error.kind, FlowErrorKind::State, "{params:?}");
    }
}

const OPEN_HOST: &str = "auth_mode: OAUTH2\nauthorization_url: https://${connectionConfig.host}/a\n\
    token_url: https://${connectionConfig.host}/token\nconnection_config:\n  host:\n    type: string\n    title: Host\n    description: The host.\n";

#[tokio::test]
async fn the_client_secret_goes_nowhere_that_only_the_end_user_chose() {
    let mut kit =
        Kit::new(&format!("{OPEN_HOST}    format: hostname\n")).config(json!({"host": "dove.acme.test"}));
    let error = kit.depart(&nowhere(), &[]).await.unwrap_err();
    assert_eq!(error.kind, FlowErrorKind::Integration);
    assert!(
        error.message.contains("dove.acme.test") && error.message.contains("oauth_token_hosts"),
        "{error}"
    );

    kit.integration.secrets.custom.insert("oauth_token_hosts".to_owned(), "x.test, *.acme.test".into());
    kit.depart(&nowhere(), &[]).await.unwrap();
    kit.integration.secrets.custom.clear();
    kit.owner.insert("host".to_owned(), "dove.acme.test".into());
    kit.depart(&nowhere(), &[]).await.unwrap();
    kit.owner.clear();
    kit.config.insert("oauth_client_id_override".to_owned(), "own".into());
    kit.config.insert("oauth_client_secret_override".to_owned(), "own".into());
    kit.depart(&nowhere(), &[]).await.unwrap();
}

#[tokio::test]
async fn a_definition_may_fix_the_host_by_options_or_pattern() {
    for (rule, host) in [
        ("    enum: [a.dove.test, b.dove.test]\n", "a.dove.test"),
        ("    pattern: '^[a-z0-9-]+\\.my\\.dove(\\.eu)?\\.test$'\n", "x.my.dove.test"),
    ] {
        let kit = Kit::new(&format!("{OPEN_HOST}{rule}")).config(json!({"host": host}));
        kit.depart(&nowhere(), &[]).await.unwrap();
    }
    let open =
        Kit::new(&format!("{OPEN_HOST}    pattern: '^[a-z.]+$'\n")).config(json!({"host": "evil.test"}));
    assert_eq!(open.depart(&nowhere(), &[]).await.unwrap_err().kind, FlowErrorKind::Integration);
}

#[tokio::test]
async fn a_host_that_the_callback_brings_is_judged_before_the_exchange() {
    let kit = Kit::new(
        "auth_mode: OAUTH2\nauthorization_url: https://id.dove.test/a\ntoken_url: ${connectionConfig.accounts-server}/token\n\
         redirect_uri_metadata: [accounts-server]\nconnection_config:\n  accounts-server:\n    type: string\n    title: ''\n    automated: true\n",
    );
    let params = [("code", "c"), ("accounts-server", "https://evil.test")];
    let error = kit.arrive(&nowhere(), &params).await.unwrap_err();
    assert_eq!(error.kind, FlowErrorKind::Integration, "{error}");
}

#[tokio::test]
async fn what_the_end_user_brought_becomes_part_of_the_credentials() {
    let service =
        Service::answering(&[Reply(200, JSON, r#"{"access_token":"at","refresh_token":"rt"}"#)]).await;
    let kit = Kit::oauth2("").config(json!({
        "oauth_client_id_override": "own-id", "oauth_client_secret_override": "own-secret",
        "oauth_refresh_token_override": "own-rt", "oauth_scopes_override": "a, b",
    }));
    let arrived = kit.arrive(&service.egress, &[("code", "c")]).await.unwrap();
    let credentials = stored(&arrived);
    assert_eq!(credentials["refresh_token"], "own-rt");
    assert_eq!(credentials["raw"]["refresh_token"], "own-rt");
    assert_eq!(credentials["config_override"], json!({"client_id": "own-id", "client_secret": "own-secret"}));
    assert_eq!(
        Value::Object(arrived.obtained.config),
        json!({"oauth_scopes_override": ["a", "b"], "overrideTokenRefresh": true})
    );
    assert!(body(&service.heads()[0]).contains("client_id=own-id&client_secret=own-secret"));
}

#[tokio::test]
async fn a_refresh_asks_the_refresh_url_with_its_own_grant() {
    let service =
        Service::answering(&[Reply(200, JSON, r#"{"access_token":"at-2","api_domain":"eu.dove.test"}"#)])
            .await;
    let kit = Kit::oauth2(
        "refresh_url: https://api.dove.test/refresh\ntoken_params:\n  grant_type: authorization_code\n  audience: ${connectionConfig.aud}\ntoken_response_metadata: [api_domain]\n",
    )
    .config(json!({"aud": "x y"}));
    let old = json!({"type": "OAUTH2", "access_token": "at-1", "refresh_token": "rt-1", "raw": {"k": 1},
                     "config_override": {"client_id": "own", "client_secret": "os"}});
    let renewed = kit.renew(&service.egress, old).await.unwrap();
    let credentials = renewed.credentials.to_stored();
    assert_eq!(credentials["access_token"], "at-2");
    assert_eq!(credentials["refresh_token"], "rt-1", "the old one stays when none is answered");
    assert_eq!(credentials["raw"], json!({"access_token": "at-2", "api_domain": "eu.dove.test"}));
    assert_eq!(credentials["config_override"]["client_id"], "own");
    assert_eq!(Value::Object(renewed.config), json!({"api_domain": "eu.dove.test"}));
    let request = service.heads().remove(0);
    assert!(request.starts_with("post /refresh "), "{request}");
    assert_eq!(
        body(&request),
        "grant_type=refresh_token&audience=x+y&refresh_token=rt-1&client_id=own&client_secret=os"
    );
}

#[tokio::test]
async fn refresh_params_stand_in_for_token_params() {
    let service = Service::answering(&[Reply(
        200,
        JSON,
        r#"{"access_token":"a","refresh_token":"rt-2","expires_in":60}"#,
    )])
    .await;
    let kit = Kit::oauth2("refresh_params:\n  grant_type: refresh\n  kind: ${connectionConfig.kind}\n")
        .config(json!({"kind": "k"}));
    let old = json!({"type": "OAUTH2", "access_token": "at-1", "refresh_token": "rt-1"});
    let renewed = kit.renew(&service.egress, old).await.unwrap();
    assert_eq!(renewed.credentials.to_stored()["refresh_token"], "rt-2");
    assert!(body(&service.heads()[0]).starts_with("grant_type=refresh&kind=k&refresh_token=rt-1&"));
}

#[tokio::test]
async fn a_revoked_refresh_token_is_told_from_a_provider_that_is_down() {
    let revoked = Service::answering(&[Reply(400, JSON, r#"{"error":"invalid_grant"}"#)]).await;
    let down = Service::answering(&[Reply(503, "retry-after: 9\r\n", "")]).await;
    let old = json!({"type": "OAUTH2", "access_token": "at-1", "refresh_token": "rt-1"});
    let kit = Kit::oauth2("");
    let error = kit.renew(&revoked.egress, old.clone()).await.unwrap_err();
    assert_eq!((error.code(), error.is_temporary()), (Some("invalid_grant"), false));
    assert!(kit.renew(&down.egress, old).await.unwrap_err().is_temporary());
    let none = json!({"type": "OAUTH2", "access_token": "at-1"});
    assert_eq!(kit.renew(&nowhere(), none).await.unwrap_err(), ObtainError::NotRenewable);
}

const OAUTH1: &str = "auth_mode: OAUTH1\nrequest_url: https://api.dove.test/oauth/request_token\n\
    authorization_url: https://api.dove.test/oauth/authorize\ntoken_url: https://api.dove.test/oauth/access_token\n\
    signature_method: HMAC-SHA1\nrequest_params:\n  x_auth_access_type: write\n";

#[tokio::test]
async fn three_legs_of_oauth_1() {
    let service = Service::answering(&[
        Reply(200, "", "oauth_token=rt_1&oauth_token_secret=rts+1&oauth_callback_confirmed=true"),
        Reply(200, "", "oauth_token=at_1&oauth_token_secret=ats&user_id=7"),
    ])
    .await;
    let kit = Kit::new(OAUTH1);
    let departed = kit.depart(&service.egress, &[]).await.unwrap();
    assert_eq!(
        departed.url.as_str(),
        "https://api.dove.test/oauth/authorize?oauth_token=rt_1&scope=a%3Aread+b*&oauth_callback=https%3A%2F%2Fauth.dove.test%2Foauth%2Fcallback%3Fstate%3Dst-1"
    );
    let params = [("oauth_token", "rt_1"), ("oauth_verifier", "vf-4"), ("state", "st-1")];
    let arrived = kit.return_with(&service.egress, &departed.progress, &params).await.unwrap();
    assert_eq!(
        stored(&arrived),
        json!({"type": "OAUTH1", "oauth_token": "at_1", "oauth_token_secret": "ats",
               "raw": {"oauth_token": "at_1", "oauth_token_secret": "ats", "user_id": "7"}})
    );
    let heads = service.heads();
    assert!(
        heads[0]
            .contains("oauth_callback=\"https%3a%2f%2fauth.dove.test%2foauth%2fcallback%3fstate%3dst-1\""),
        "{}",
        heads[0]
    );
    assert_eq!(body(&heads[0]), "x_auth_access_type=write");
    assert!(heads[1].contains("oauth_verifier=\"vf-4\"") && heads[1].contains("oauth_token=\"rt_1\""));
}

#[tokio::test]
async fn another_request_token_or_a_denial_ends_the_flow() {
    let service = Service::answering(&[Reply(200, "", "oauth_token=rt_1&oauth_token_secret=s")]).await;
    let kit = Kit::new(OAUTH1);
    let progress = kit.depart(&service.egress, &[]).await.unwrap().progress;
    let stranger = [("oauth_token", "rt_2"), ("oauth_verifier", "v")];
    let error = kit.return_with(&nowhere(), &progress, &stranger).await.unwrap_err();
    assert_eq!(error.kind, FlowErrorKind::State);
    let error = kit.return_with(&nowhere(), &progress, &[("denied", "rt_1")]).await.unwrap_err();
    assert_eq!(error.kind, FlowErrorKind::Callback);
    let refused = Service::answering(&[Reply(401, "", "Bad consumer")]).await;
    assert_eq!(kit.depart(&refused.egress, &[]).await.unwrap_err().kind, FlowErrorKind::Token);
}

#[tokio::test]
async fn parameters_are_pushed_and_the_browser_carries_a_reference() {
    let kit = Kit::oauth2(
        "pushed_authorization_request_url: https://api.dove.test/par\nauthorization_method: header\n\
         authorization_params:\n  prompt: consent\n",
    );
    let made = r#"{"request_uri":"urn:ietf:params:oauth:request_uri:a b","expires_in":60}"#;
    let service = Service::answering([Reply(201, JSON, made)]).await;
    let departed = kit.depart(&service.egress, &[]).await.unwrap();
    assert_eq!(
        departed.url.as_str(),
        "https://id.dove.test/authorize?client_id=cid+1&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Aa+b"
    );
    let (asked, request) = service.requests().remove(0);
    assert_eq!(asked, "POST https://api.dove.test/par");
    assert!(request.to_lowercase().contains("authorization: basic "), "{request}");
    let pushed = body(&request);
    for part in ["response_type=code", "state=st-1", "code_challenge=", "prompt=consent", "scope=a%3Aread+b*"]
    {
        assert!(pushed.contains(part), "{part}: {pushed}");
    }
    assert!(!pushed.contains("s3"), "{pushed}");
    // The issuer is still expected to be at home where the browser was sent.
    assert_eq!(departed.progress.more["sent_to"], "id.dove.test");
}

#[tokio::test]
async fn a_push_that_is_refused_sends_nobody_away() {
    let kit = Kit::oauth2("pushed_authorization_request_url: https://api.dove.test/par\n");
    let refused = Service::answering([Reply(401, JSON, r#"{"error":"invalid_client"}"#)]).await;
    let error = kit.depart(&refused.egress, &[]).await.unwrap_err();
    assert_eq!(error.kind, FlowErrorKind::Exchange);
    assert!(
        error.message.contains("Dove does not let Dovetail connect")
            && error.message.contains("invalid_client")
    );
    let empty = Service::answering([Reply(201, JSON, "{}")]).await;
    let error = kit.depart(&empty.egress, &[]).await.unwrap_err();
    assert!(error.message.contains("request_uri"), "{}", error.message);
    let mut other = Kit::oauth2(
        "pushed_authorization_request_url: https://${connectionConfig.host}/par\n\
         connection_config:\n  host:\n    type: string\n    title: Host\n    description: Host\n",
    );
    other.config.insert("host".to_owned(), "evil.test".into());
    assert_eq!(other.depart(&nowhere(), &[]).await.unwrap_err().kind, FlowErrorKind::Integration);
}
