//! Token endpoints that depart from the standard, provider by provider, with the definitions that are shipped
//! (auth-modes.md 4.4): the exact requests, and what is read from the answers.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use dovetail_catalog::{CatalogHandle, Provider};
use dovetail_connect::flow::{Arrival, FlowError, Progress, arrive};
use dovetail_connect::obtain::{ObtainError, Obtained, Party};
use dovetail_connect::renew::{is_renewable, renew};
use dovetail_model::{
    Credentials, Integration, IntegrationClient, IntegrationSecrets, SeededRandom, Timestamp,
};
use serde_json::{Map, Value, json};

use crate::overlay::integration;
use crate::service::{Reply, Service};

const NOW: Timestamp = Timestamp(1_767_225_600_000);
const REDIRECT: &str = "https://auth.dove.test/oauth/callback";
const PLAIN: &str = r#"{"access_token":"at-1","refresh_token":"rt-1","expires_in":7200}"#;
const SECRET: &str = "s3cret-of-the-client-1";

struct Kit {
    provider: Arc<Provider>,
    integration: Integration,
    random: SeededRandom,
    config: Map<String, Value>,
}

/// A request as it was sent.
struct Sent {
    line: String,
    whole: String,
}

impl Sent {
    fn body(&self) -> &str {
        self.whole.split("\r\n\r\n").nth(1).unwrap_or_default()
    }

    fn json(&self) -> Value {
        serde_json::from_str(self.body()).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let head = self.whole.split("\r\n\r\n").next().unwrap();
        head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    fn param(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.body().as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    fn basic(&self) -> String {
        let encoded = self.header("authorization").unwrap().strip_prefix("Basic ").unwrap();
        String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
    }
}

impl Kit {
    fn new(provider: &str, config: Value) -> Self {
        Self::with_secret(provider, config, SECRET)
    }

    fn with_secret(provider: &str, config: Value, secret: &str) -> Self {
        let client = IntegrationClient::Oauth {
            client_id: "cid".to_owned(),
            client_secret: secret.into(),
            scopes: Some("a.read,b".to_owned()),
            webhook_secret: None,
        };
        let catalog = CatalogHandle::embedded();
        let provider = catalog.current().shared(provider).expect(provider);
        let base = integration("dove", provider.id());
        let mut integration =
            Integration { secrets: IntegrationSecrets { client, ..IntegrationSecrets::default() }, ..base };
        // Hosts that an end user names have to be allowed by the owner.
        integration.secrets.custom.clear();
        Self {
            provider,
            integration,
            random: SeededRandom::new(3),
            config: config.as_object().cloned().unwrap(),
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

    async fn exchange(&self, replies: &[Reply]) -> (Result<Obtained, FlowError>, Vec<Sent>) {
        let service = Service::answering(replies).await;
        let name = self.provider.authorization_code_param_in_callback.as_deref().unwrap_or("code");
        let progress = Progress {
            redirect_uri: REDIRECT.to_owned(),
            config: self.config.clone(),
            owner_config: self.config.clone(),
            verifier: (!self.provider.disable_pkce).then(|| "v".repeat(64)),
            more: Map::from_iter([
                ("state".to_owned(), json!("st-1")),
                // The client that an MCP server gave us, where it is one.
                ("client".to_owned(), json!({"id": "cid", "secret": ""})),
            ]),
            ..Progress::default()
        };
        let params = [(name.to_owned(), "code-1".to_owned()), ("state".to_owned(), "st-1".to_owned())];
        let party = self.party(&service, &progress.config);
        let arrived = arrive(Arrival { party, progress: &progress, params: &params }).await;
        (arrived.map(|arrived| arrived.obtained), sent(&service))
    }

    async fn tokens(&self, reply: &'static str) -> (Value, Sent) {
        let (obtained, mut sent) = self.exchange(&[Reply(200, "", reply)]).await;
        (obtained.unwrap().credentials.to_stored(), sent.remove(0))
    }

    async fn renew(&self, old: Value, replies: &[Reply]) -> (Result<Obtained, ObtainError>, Vec<Sent>) {
        let service = Service::answering(replies).await;
        let credentials: Credentials = serde_json::from_value(old).unwrap();
        let renewed = renew(&self.party(&service, &self.config), &credentials).await;
        (renewed, sent(&service))
    }

    async fn renewed(&self, reply: &'static str) -> (Value, Sent) {
        let (renewed, mut sent) = self.renew(old(), &[Reply(200, "", reply)]).await;
        (renewed.unwrap().credentials.to_stored(), sent.remove(0))
    }
}

fn old() -> Value {
    json!({"type": "OAUTH2", "access_token": "at-0", "refresh_token": "rt-0", "raw": {"access_token": "at-0"}})
}

fn sent(service: &Service) -> Vec<Sent> {
    service.requests().into_iter().map(|(line, whole)| Sent { line, whole }).collect()
}

fn expiry(stored: &Value) -> Option<i64> {
    let credentials: Credentials = serde_json::from_value(stored.clone()).unwrap();
    credentials.expires_at().map(|at| (at.0 - NOW.0) / 1000)
}

#[tokio::test]
async fn absorb_lms_has_its_headers_a_nonce_and_the_scopes_again() {
    let config = json!({"portalRoute": "lms.dove.test", "restApiKey": "rk", "apiVersion": "v1"});
    let kit = Kit::new("absorb-lms", config);
    let (stored, sent) = kit.tokens(PLAIN).await;
    assert_eq!(sent.line, "POST https://lms.dove.test/oauth/token");
    assert_eq!((sent.header("x-api-version"), sent.header("x-api-key")), (Some("v1"), Some("rk")));
    assert!(sent.param("nonce").is_some_and(|nonce| nonce.len() == 36));
    assert_eq!(
        (sent.param("grant_type").unwrap(), stored["access_token"].as_str()),
        ("authorization_code".into(), Some("at-1"))
    );
    let (_, sent) = kit.renewed(PLAIN).await;
    assert_eq!((sent.param("scope").unwrap(), sent.header("x-api-key")), ("a.read b".into(), Some("rk")));
    assert!(sent.param("nonce").is_some());
}

#[tokio::test]
async fn agiloft_proves_itself_twice_and_refreshes_with_the_start_of_its_secret() {
    let kit = Kit::new("agiloft", json!({"hostname": "a.dove.test"}));
    let (_, sent) = kit.tokens(PLAIN).await;
    assert_eq!((sent.basic(), sent.param("client_id")), (format!("cid:{SECRET}"), Some("cid".into())));
    assert_eq!((sent.param("code_verifier"), sent.param("client_secret")), (None, None));
    let (stored, sent) = kit.renewed(r#"{"access_token":"at-2"}"#).await;
    assert_eq!((sent.header("authorization"), sent.param("client_secret")), (None, None));
    assert_eq!(sent.param("md5_secret").as_deref(), Some("s3cret-of-the-client"));
    assert_eq!(stored["refresh_token"], "rt-0");
}

#[tokio::test]
async fn attio_mcp_is_a_public_client() {
    let kit = Kit::with_secret("attio-mcp", json!({}), "");
    let (_, sent) = kit.tokens(PLAIN).await;
    assert_eq!((sent.param("client_id"), sent.param("client_secret")), (Some("cid".into()), None));
    assert!(sent.param("code_verifier").is_some());
    let (_, sent) = kit.renewed(PLAIN).await;
    assert_eq!(
        (sent.param("client_id"), sent.param("refresh_token")),
        (Some("cid".into()), Some("rt-0".into()))
    );
    assert_eq!(sent.param("client_secret"), None);
}

#[tokio::test]
async fn braintree_speaks_xml() {
    const ANSWER: &str = "<credentials><access-token>at-1</access-token><refresh-token>rt-1</refresh-token>\
                          <expires-at>2026-01-11T00:00:00Z</expires-at></credentials>";
    for (id, host) in [("braintree", "api"), ("braintree-sandbox", "api.sandbox")] {
        let kit = Kit::new(id, json!({}));
        let (obtained, sent) = kit.exchange(&[Reply(201, "content-type: application/xml\r\n", ANSWER)]).await;
        let stored = obtained.unwrap().credentials.to_stored();
        assert_eq!(sent[0].line, format!("POST https://{host}.braintreegateway.com/oauth/access_tokens"));
        assert_eq!(sent[0].basic(), format!("cid:{SECRET}"));
        assert_eq!(sent[0].header("accept"), Some("application/xml"));
        let body = sent[0].body();
        assert!(
            body.ends_with(
                "<credentials><grant-type>authorization_code</grant-type><code>code-1</code></credentials>"
            ),
            "{body}"
        );
        assert_eq!((&stored["access_token"], &stored["refresh_token"]), (&json!("at-1"), &json!("rt-1")));
        assert_eq!(expiry(&stored), Some(864_000));
        let (renewed, sent) =
            kit.renew(old(), &[Reply(201, "content-type: application/xml\r\n", ANSWER)]).await;
        assert!(sent[0].body().contains("<refresh-token>rt-0</refresh-token>"), "{}", sent[0].body());
        assert_eq!(renewed.unwrap().credentials.to_stored()["refresh_token"], "rt-1");
    }
}

#[tokio::test]
async fn bullhorn_logs_in_with_its_token() {
    const LOGIN: Reply = Reply(
        200,
        "",
        r#"{"BhRestToken":"bh-1","restUrl":"https://rest31.bullhornstaffing.com/rest-services/abc/"}"#,
    );
    let kit = Kit::new("bullhorn", json!({"username": "ana", "password": "pw"}));
    let tokens = Reply(200, "", r#"{"access_token":"at-1","refresh_token":"rt-1","expires_in":600}"#);
    let (obtained, sent) = kit.exchange(&[tokens, LOGIN]).await;
    let obtained = obtained.unwrap();
    let stored = obtained.credentials.to_stored();
    assert!(
        sent[0].line.starts_with("POST https://auth-west.bullhornstaffing.com/oauth/token?grant_type=authorization_code&code=code-1&"),
        "{}",
        sent[0].line
    );
    assert!(sent[0].body().is_empty());
    assert_eq!(
        sent[1].line,
        "POST https://rest.bullhornstaffing.com/rest-services/login?version=*&access_token=at-1&ttl=10080"
    );
    assert_eq!((&stored["access_token"], &stored["refresh_token"]), (&json!("bh-1"), &json!("rt-1")));
    assert_eq!(expiry(&stored), Some(604_800));
    assert_eq!(obtained.config["restUrl"], "https://rest31.bullhornstaffing.com/rest-services/abc/");
    let (renewed, sent) = kit.renew(old(), &[tokens, LOGIN]).await;
    assert!(sent[0].line.contains("refresh_token=rt-0"), "{}", sent[0].line);
    let renewed = renewed.unwrap();
    assert_eq!(renewed.credentials.to_stored()["access_token"], "bh-1");
    assert!(renewed.config.contains_key("restUrl"));
    let (refused, _) = kit.exchange(&[tokens, Reply(401, "", "{}")]).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn clover_wants_json_without_a_grant() {
    const ANSWER: &str = r#"{"access_token":"at-1","access_token_expiration":1767232800,"refresh_token":"rt-1","refresh_token_expiration":1798761600}"#;
    let kit = Kit::new("clover", json!({"authorizeHost": "www.clover.com", "apiHost": "api.clover.com"}));
    let (stored, sent) = kit.tokens(ANSWER).await;
    assert_eq!(sent.json(), json!({"code": "code-1", "client_id": "cid", "client_secret": SECRET}));
    assert_eq!(expiry(&stored), Some(7200));
    let (stored, sent) = kit.renewed(ANSWER).await;
    assert_eq!(sent.line, "POST https://api.clover.com/oauth/v2/refresh");
    assert_eq!(sent.json(), json!({"refresh_token": "rt-0", "client_id": "cid"}));
    assert_eq!((expiry(&stored), &stored["refresh_token"]), (Some(7200), &json!("rt-1")));
}

#[tokio::test]
async fn coros_keeps_both_tokens_when_it_says_so() {
    for (id, host) in [("coros", "open"), ("coros-sandbox", "opentest")] {
        let kit = Kit::new(id, json!({}));
        let (obtained, _) = kit.exchange(&[Reply(200, "", r#"{"result":"1030","message":"no"}"#)]).await;
        assert!(obtained.is_err());
        let (stored, sent) = kit.tokens(PLAIN).await;
        assert_eq!(
            (sent.param("client_secret").as_deref(), stored["refresh_token"].as_str()),
            (Some(SECRET), Some("rt-1"))
        );
        let (stored, sent) = kit.renewed(r#"{"result":"0000","message":"OK"}"#).await;
        assert_eq!(sent.line, format!("POST https://{host}.coros.com/oauth2/refresh-token"));
        assert_eq!((&stored["access_token"], &stored["refresh_token"]), (&json!("at-0"), &json!("rt-0")));
        assert_eq!(expiry(&stored), Some(2_592_000));
        let (refused, _) = kit.renew(old(), &[Reply(200, "", r#"{"result":"1030"}"#)]).await;
        assert!(refused.is_err());
    }
}

#[tokio::test]
async fn facebook_renews_a_token_with_itself() {
    let kit = Kit::new("facebook", json!({}));
    let (stored, sent) =
        kit.tokens(r#"{"access_token":"at-1","token_type":"bearer","expires_in":5184000}"#).await;
    assert_eq!(
        sent.line,
        "POST https://graph.facebook.com/v22.0/oauth/access_token?redirect_uri=https%3A%2F%2Fauth.dove.test%2Foauth%2Fcallback"
    );
    let body = sent.json();
    assert_eq!(
        (&body["code"], &body["redirect_uri"], &body["client_secret"]),
        (&json!("code-1"), &json!(REDIRECT), &json!(SECRET))
    );
    assert_eq!(body["code_verifier"].as_str().map(str::len), Some(64));
    assert_eq!(expiry(&stored), Some(5_184_000));
    let credentials: Credentials = serde_json::from_value(stored.clone()).unwrap();
    assert!(is_renewable(Some(&kit.provider), &credentials) && !is_renewable(None, &credentials));
    let (renewed, sent) =
        kit.renew(stored, &[Reply(200, "", r#"{"access_token":"at-2","expires_in":5184000}"#)]).await;
    assert_eq!(
        sent[0].line,
        "POST https://graph.facebook.com/v22.0/oauth/access_token?grant_type=fb_exchange_token&fb_exchange_token=at-1"
    );
    assert_eq!(sent[0].json(), json!({"client_id": "cid", "client_secret": SECRET}));
    assert_eq!(renewed.unwrap().credentials.to_stored()["access_token"], "at-2");
}

#[tokio::test]
async fn fanvue_and_follow_up_boss_prove_themselves_by_header() {
    for id in ["fanvue", "followupboss"] {
        let kit = Kit::new(id, json!({}));
        let (_, sent) = kit.tokens(PLAIN).await;
        assert_eq!(
            (sent.basic(), sent.param("client_id"), sent.param("client_secret")),
            (format!("cid:{SECRET}"), None, None)
        );
        assert_eq!(sent.param("code_verifier").is_some(), id == "fanvue");
        assert_eq!(sent.param("state").is_some(), id == "followupboss");
        let (_, sent) = kit.renewed(PLAIN).await;
        assert_eq!((sent.basic(), sent.param("state")), (format!("cid:{SECRET}"), None));
    }
}

#[tokio::test]
async fn figma_has_its_redirect_in_the_query() {
    for id in ["figma", "figjam"] {
        let kit = Kit::new(id, json!({}));
        let (_, sent) = kit.tokens(PLAIN).await;
        assert_eq!(
            sent.line,
            "POST https://api.figma.com/v1/oauth/token?redirect_uri=https%3A%2F%2Fauth.dove.test%2Foauth%2Fcallback"
        );
        assert_eq!(sent.json(), json!({"grant_type": "authorization_code", "code": "code-1"}));
        assert_eq!(sent.basic(), format!("cid:{SECRET}"));
        let (stored, sent) = kit.renewed(r#"{"access_token":"at-2","expires_in":7776000}"#).await;
        assert_eq!(sent.line, "POST https://api.figma.com/v1/oauth/refresh");
        assert_eq!(sent.json(), json!({"grant_type": "refresh_token", "refresh_token": "rt-0"}));
        assert_eq!(stored["refresh_token"], "rt-0");
    }
}

#[tokio::test]
async fn heygen_and_posthog_are_public_clients() {
    for (id, config, refresh) in [
        ("heygen", json!({}), "https://api2.heygen.com/v1/oauth/refresh_token"),
        ("posthog-oauth", json!({"subdomain": "eu"}), "https://oauth.posthog.com/oauth/token/"),
    ] {
        let kit = Kit::new(id, config);
        let (_, sent) = kit.tokens(PLAIN).await;
        assert_eq!((sent.param("client_id").as_deref(), sent.param("client_secret")), (Some("cid"), None));
        assert!(sent.param("code_verifier").is_some());
        let (_, sent) = kit.renewed(PLAIN).await;
        assert_eq!(sent.line, format!("POST {refresh}"));
        assert_eq!((sent.param("client_id").as_deref(), sent.param("client_secret")), (Some("cid"), None));
    }
}

#[tokio::test]
async fn instagram_and_threads_trade_a_short_token_for_a_long_one() {
    for (id, host, word) in
        [("instagram", "graph.instagram.com", "ig"), ("threads", "graph.threads.net", "th")]
    {
        let kit = Kit::new(id, json!({}));
        let short = Reply(200, "", r#"{"access_token":"short-1","user_id":"7"}"#);
        let long = Reply(200, "", r#"{"access_token":"long-1","token_type":"bearer","expires_in":5184000}"#);
        let (obtained, sent) = kit.exchange(&[short, long]).await;
        let stored = obtained.unwrap().credentials.to_stored();
        assert_eq!(
            sent[1].line,
            format!(
                "GET https://{host}/access_token?grant_type={word}_exchange_token&client_secret={SECRET}&access_token=short-1"
            )
        );
        assert_eq!((&stored["access_token"], expiry(&stored)), (&json!("long-1"), Some(5_184_000)));
        let (obtained, _) = kit.exchange(&[short, Reply(500, "", "{}")]).await;
        let fallen = obtained.unwrap().credentials.to_stored();
        assert_eq!((&fallen["access_token"], expiry(&fallen)), (&json!("short-1"), Some(3600)));
        let (renewed, sent) =
            kit.renew(stored, &[Reply(200, "", r#"{"access_token":"long-2","expires_in":5184000}"#)]).await;
        assert_eq!(
            sent[0].line,
            format!(
                "GET https://{host}/refresh_access_token?grant_type={word}_refresh_token&access_token=long-1"
            )
        );
        let renewed = renewed.unwrap().credentials.to_stored();
        assert_eq!((&renewed["access_token"], expiry(&renewed)), (&json!("long-2"), Some(5_184_000)));
    }
}

#[tokio::test]
async fn jobber_sends_no_redirect_and_lives_an_hour() {
    let kit = Kit::new("jobber", json!({}));
    let (stored, sent) = kit.tokens(r#"{"access_token":"at-1","refresh_token":"rt-1"}"#).await;
    assert_eq!((sent.param("redirect_uri"), expiry(&stored)), (None, Some(3600)));
    let (stored, _) = kit.renewed(r#"{"access_token":"at-1","refresh_token":"rt-2"}"#).await;
    assert_eq!(expiry(&stored), Some(3600));
}

#[tokio::test]
async fn mercury_asks_for_no_client() {
    let kit = Kit::new("mercury", json!({}));
    let (_, sent) = kit.tokens(PLAIN).await;
    assert_eq!(sent.line, "POST https://oauth2.mercury.com/oauth2/token");
    assert_eq!(
        (sent.header("authorization"), sent.param("client_id"), sent.param("client_secret")),
        (None, None, None)
    );
    assert!(sent.param("code_verifier").is_some());
    let (_, sent) = kit.renewed(PLAIN).await;
    assert_eq!(
        (sent.header("authorization"), sent.body()),
        (None, "grant_type=refresh_token&refresh_token=rt-0")
    );
}

#[tokio::test]
async fn microsoft_admin_asks_in_its_own_name() {
    let kit = Kit::new("microsoft-admin", json!({"tenantId": "t-1"}));
    let (stored, sent) = kit.tokens(r#"{"access_token":"at-1","expires_in":3599}"#).await;
    assert_eq!(sent.line, "POST https://login.microsoftonline.com/t-1/oauth2/v2.0/token");
    assert_eq!(
        sent.body(),
        format!("grant_type=client_credentials&scope=a.read+b&client_id=cid&client_secret={SECRET}")
    );
    let (renewed, sent) =
        kit.renew(stored, &[Reply(200, "", r#"{"access_token":"at-2","expires_in":3599}"#)]).await;
    assert_eq!(
        sent[0].body(),
        format!("grant_type=client_credentials&scope=a.read+b&client_id=cid&client_secret={SECRET}")
    );
    assert_eq!(renewed.unwrap().credentials.to_stored()["access_token"], "at-2");
}

/// The second tokens of these are got by their routines: see `after_link`.
#[tokio::test]
async fn microsoft_exchanges_and_refreshes_in_the_plain_way() {
    for (id, config) in [
        ("microsoft-teams-bot", json!({"tenantId": "t-1"})),
        ("one-drive", json!({})),
        ("sharepoint-online", json!({})),
    ] {
        let kit = Kit::new(id, config);
        let (_, sent) = kit.tokens(PLAIN).await;
        assert!(sent.line.starts_with("POST https://login.microsoftonline.com/"), "{}", sent.line);
        assert_eq!(sent.param("grant_type").as_deref(), Some("authorization_code"));
        let (stored, sent) = kit.renewed(PLAIN).await;
        assert_eq!(sent.param("refresh_token").as_deref(), Some("rt-0"));
        assert_eq!(stored["refresh_token"], "rt-1");
    }
}

#[tokio::test]
async fn revolut_signs_an_assertion_of_its_own_kind() {
    let key = include_str!("test_key.pem");
    let config = json!({"authorizeHost": "business.revolut.com", "apiHost": "b2b.revolut.com"});
    let mut kit = Kit::with_secret("revolut-business", config, key);
    let claims = |sent: &Sent| -> Value {
        let assertion = sent.param("client_assertion").unwrap();
        let part = assertion.split('.').nth(1).unwrap().to_owned();
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let wanted =
        json!({"iss": "auth.dove.test", "sub": "cid", "aud": "https://revolut.com", "exp": 1_767_225_900});
    let (obtained, sent) = kit.exchange(&[Reply(200, "", PLAIN)]).await;
    let obtained = obtained.unwrap();
    assert_eq!(claims(&sent[0]), wanted);
    assert_eq!(
        sent[0].param("client_assertion_type").as_deref(),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    assert_eq!((sent[0].param("client_secret"), sent[0].param("client_id")), (None, None));
    kit.config = obtained.config;
    let (stored, sent) = kit.renewed(r#"{"access_token":"at-2","expires_in":2399}"#).await;
    assert_eq!((claims(&sent), &stored["refresh_token"]), (wanted, &json!("rt-0")));
}

#[tokio::test]
async fn sentry_answers_under_names_of_its_own() {
    const ANSWER: &str = r#"{"token":"st-2","refreshToken":"sr-2","expiresAt":"2026-01-01T08:00:00.000Z"}"#;
    let config = json!({"hostname": "sentry.io", "installation.uuid": "u-1"});
    let kit = Kit::new("sentry-oauth", config);
    let (renewed, sent) = kit.renew(old(), &[Reply(201, "", ANSWER)]).await;
    assert_eq!(sent[0].line, "POST https://sentry.io/api/0/sentry-app-installations/u-1/authorizations/");
    assert_eq!(
        sent[0].json(),
        json!({"grant_type": "refresh_token", "refresh_token": "rt-0", "client_id": "cid", "client_secret": SECRET})
    );
    let stored = renewed.unwrap().credentials.to_stored();
    assert_eq!(
        (&stored["access_token"], &stored["refresh_token"], expiry(&stored)),
        (&json!("st-2"), &json!("sr-2"), Some(28_800))
    );
}

#[tokio::test]
async fn shopline_signs_body_and_time() {
    const ANSWER: &str =
        r#"{"code":200,"data":{"accessToken":"at-1","expireTime":"2026-01-01T10:00:00Z","scope":"a"}}"#;
    let kit = Kit::new("shopline-oauth", json!({"handle": "dove"}));
    let (stored, sent) = kit.tokens(ANSWER).await;
    assert_eq!(sent.line, "POST https://dove.myshopline.com/admin/oauth/token/create");
    assert_eq!(sent.body(), r#"{"code":"code-1"}"#);
    assert_eq!((sent.header("appkey"), sent.header("timestamp")), (Some("cid"), Some("1767225600000")));
    assert_eq!(sent.header("sign"), Some(signed(r#"{"code":"code-1"}1767225600000"#).as_str()));
    assert_eq!((&stored["access_token"], expiry(&stored)), (&json!("at-1"), Some(36_000)));
    assert_eq!(stored.get("refresh_token"), None);
    let (renewed, sent) = kit.renew(stored, &[Reply(200, "", ANSWER)]).await;
    assert_eq!(sent[0].line, "POST https://dove.myshopline.com/admin/oauth/token/refresh");
    assert_eq!((sent[0].body(), sent[0].header("sign")), ("", Some(signed("1767225600000").as_str())));
    assert!(renewed.is_ok());
}

fn signed(text: &str) -> String {
    use aws_lc_rs::hmac;
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    hex::encode(hmac::sign(&key, text.as_bytes()))
}

#[tokio::test]
async fn slack_has_tokens_of_a_bot_and_of_a_user() {
    const BOTH: &str = r#"{"ok":true,"access_token":"xoxe.xoxb-1","refresh_token":"rt-bot","expires_in":43200,"authed_user":{"id":"U1","access_token":"xoxe.xoxp-1","refresh_token":"rt-user","expires_in":3600}}"#;
    let kit = Kit::new("slack", json!({}));
    let (stored, sent) = kit.tokens(BOTH).await;
    assert_eq!(sent.param("code_verifier"), None);
    assert_eq!((&stored["access_token"], expiry(&stored)), (&json!("xoxe.xoxb-1"), Some(3600)));
    let (refused, _) = kit.exchange(&[Reply(200, "", r#"{"ok":false,"error":"invalid_code"}"#)]).await;
    assert!(refused.is_err());

    let bot = Reply(
        200,
        "",
        r#"{"ok":true,"access_token":"xoxe.xoxb-2","refresh_token":"rt-bot-2","expires_in":43200}"#,
    );
    let user = Reply(
        200,
        "",
        r#"{"ok":true,"access_token":"xoxe.xoxp-2","refresh_token":"rt-user-2","expires_in":1800}"#,
    );
    let (renewed, sent) = kit.renew(stored.clone(), &[bot, user]).await;
    let tokens: Vec<_> = sent.iter().map(|sent| sent.param("refresh_token").unwrap()).collect();
    assert_eq!(tokens, ["rt-bot", "rt-user"]);
    let renewed = renewed.unwrap().credentials.to_stored();
    assert_eq!(
        (&renewed["access_token"], &renewed["refresh_token"], expiry(&renewed)),
        (&json!("xoxe.xoxb-2"), &json!("rt-bot-2"), Some(1800))
    );
    assert_eq!(renewed["raw"]["authed_user"]["access_token"], "xoxe.xoxp-2");
    assert_eq!(renewed["raw"]["authed_user"]["id"], "U1");

    // A failure of the user's half keeps what was there.
    let down = Reply(200, "", r#"{"ok":false,"error":"invalid_refresh_token"}"#);
    let (renewed, _) = kit.renew(stored.clone(), &[bot, down]).await;
    let renewed = renewed.unwrap().credentials.to_stored();
    assert_eq!(renewed["raw"]["authed_user"]["access_token"], "xoxe.xoxp-1");

    // One token for both is refreshed once.
    let mut same = stored;
    same["raw"]["authed_user"]["refresh_token"] = json!("rt-bot");
    let (renewed, sent) = kit.renew(same, &[bot]).await;
    assert_eq!((renewed.is_ok(), sent.len()), (true, 1));
}

#[tokio::test]
async fn stripe_takes_the_secret_as_a_user_name() {
    for (id, config) in [("stripe-app", json!({})), ("stripe-app-sandbox", json!({"appDomain": "chnlink_1"}))]
    {
        let kit = Kit::new(id, config);
        let (stored, sent) = kit.tokens(r#"{"access_token":"at-1","refresh_token":"rt-1"}"#).await;
        assert_eq!(
            (sent.basic(), sent.param("client_id"), expiry(&stored)),
            (format!("{SECRET}:"), None, Some(3600))
        );
        let (stored, sent) = kit.renewed(r#"{"access_token":"at-1","refresh_token":"rt-1"}"#).await;
        assert_eq!((sent.basic(), expiry(&stored)), (format!("{SECRET}:"), Some(3600)));
    }
}

#[tokio::test]
async fn tiktok_has_three_dialects() {
    const DATA: &str = r#"{"code":0,"message":"OK","data":{"access_token":"at-1","refresh_token":"rt-1","expires_in":86400}}"#;
    let kit = Kit::new("tiktok-accounts", json!({}));
    let (stored, sent) = kit.tokens(DATA).await;
    let body = sent.json();
    assert_eq!(
        (&body["auth_code"], body.get("code"), &body["client_id"]),
        (&json!("code-1"), None, &json!("cid"))
    );
    assert_eq!((&stored["refresh_token"], expiry(&stored)), (&json!("rt-1"), Some(86_400)));
    let (stored, sent) = kit.renewed(DATA).await;
    assert_eq!(sent.line, "POST https://business-api.tiktok.com/open_api/v1.3/tt_user/oauth2/refresh_token/");
    assert_eq!((&sent.json()["refresh_token"], &stored["access_token"]), (&json!("rt-0"), &json!("at-1")));
    let (refused, _) = kit.exchange(&[Reply(200, "", r#"{"code":40002,"message":"no"}"#)]).await;
    assert!(refused.is_err());

    let kit = Kit::new("tiktok-ads", json!({}));
    let (stored, sent) =
        kit.tokens(r#"{"code":0,"data":{"access_token":"at-1","advertiser_ids":["1"]}}"#).await;
    assert_eq!(sent.json(), json!({"auth_code": "code-1", "app_id": "cid", "secret": SECRET}));
    assert_eq!((&stored["access_token"], expiry(&stored)), (&json!("at-1"), None));

    let kit = Kit::new("tiktok-personal", json!({}));
    let (_, sent) = kit.tokens(PLAIN).await;
    assert_eq!((sent.param("client_key").as_deref(), sent.param("client_id")), (Some("cid"), None));
    let (_, sent) = kit.renewed(PLAIN).await;
    assert_eq!(sent.param("client_key").as_deref(), Some("cid"));
}

#[tokio::test]
async fn walmart_names_the_seller() {
    let kit = Kit::new("walmart", json!({"clientType": "seller", "sellerId": "se-1"}));
    let (_, sent) = kit.tokens(PLAIN).await;
    assert_eq!(sent.basic(), format!("cid:{SECRET}"));
    assert_eq!(
        (sent.header("wm_svc.name"), sent.header("wm_partner.id")),
        (Some("Walmart Marketplace"), Some("se-1"))
    );
    assert!(sent.header("wm_qos.correlation_id").is_some_and(|id| id.len() == 36));
    let (stored, sent) = kit.renewed(r#"{"access_token":"at-2","expires_in":900}"#).await;
    assert_eq!((sent.header("wm_partner.id"), &stored["refresh_token"]), (Some("se-1"), &json!("rt-0")));
    let (missing, sent) = Kit::new("walmart", json!({"clientType": "seller"})).exchange(&[]).await;
    assert!(missing.unwrap_err().message.contains("sellerId") && sent.is_empty());
}

#[tokio::test]
async fn workday_lives_an_hour_and_keeps_a_refresh_token_that_was_brought() {
    let config =
        json!({"authorizationDomain": "a.workday.com", "tokenDomain": "t.workday.com", "tenant": "acme"});
    let mut kit = Kit::new("workday-oauth", config);
    let (stored, sent) = kit.tokens(r#"{"access_token":"at-1","refresh_token":"rt-1"}"#).await;
    assert_eq!((sent.basic(), expiry(&stored)), (format!("cid:{SECRET}"), Some(3600)));
    let (stored, _) = kit.renewed(PLAIN).await;
    assert_eq!(stored["refresh_token"], "rt-1");
    kit.config.insert("overrideTokenRefresh".to_owned(), json!(true));
    let (stored, _) = kit.renewed(PLAIN).await;
    assert_eq!(stored["refresh_token"], "rt-0");
}
