//! `POST /webhook/{env}/{key}` and `POST /auth/oauth-outbound/{key}`: connections that wait, and what completes them
//! (auth-modes.md 4.5, section 10, 28.7; webhooks.md B6).

use aws_lc_rs::hmac;
use dovetail_model::WebhookSettings;
use dovetail_store::{environments, outbox};
use serde_json::{Value, json};
use url::Url;

use crate::kit::{Answer, Service, TestApp};

const KEY: &str = include_str!("../kit/app_key.pem");
const LINK: &str = "https://github.com/apps/dove";
const USER: &str = r#"{"access_token":"ghu_x","refresh_token":"ghr_x","expires_in":28800}"#;
const TOKEN: &str = r#"{"token":"ghs_x","expires_at":"2026-02-03T05:05:06Z"}"#;

struct Setup {
    app: TestApp,
    service: Service,
    token: String,
    uuid: String,
}

impl Setup {
    async fn new() -> Self {
        let service = Service::start().await;
        let app = TestApp::calling(&service).await;
        let setup = async {
            let mut tx = app.state.store.begin().await.unwrap();
            let settings = WebhookSettings {
                primary_url: Some("https://hooks.acme.test/in".to_owned()),
                ..WebhookSettings::for_new_environment()
            };
            environments::set_webhooks(&mut tx, app.dev, &settings).await.unwrap();
            let environment = environments::get(&mut tx, app.dev).await.unwrap().unwrap();
            tx.commit().await.unwrap();
            environment.uuid.to_string()
        };
        let uuid = setup.await;
        let token = app.session(None).await;
        let (app_link, private_key) = (LINK, KEY.trim());
        let github = json!({
            "type": "CUSTOM", "client_id": "cid", "client_secret": "hush", "app_id": "9",
            "app_link": app_link, "private_key": private_key
        });
        let sentry = json!({"type": "OAUTH2", "client_id": "cid", "client_secret": "hush"});
        for (key, provider, credentials) in
            [("gh", "github-app-oauth", github), ("sentry", "sentry-oauth", sentry)]
        {
            let body = json!({"provider": provider, "unique_key": key, "credentials": credentials});
            let made = app.post("/integrations").bearer(&app.key).json(body).send().await;
            assert_eq!(made.status, 200, "{}", made.text());
        }
        Self { app, service, token, uuid }
    }

    /// What the app's webhooks are signed with.
    fn github_secret() -> String {
        let digest = aws_lc_rs::digest::digest(
            &aws_lc_rs::digest::SHA256,
            format!("9{}{LINK}", KEY.trim()).as_bytes(),
        );
        hex::encode(digest)
    }

    async fn github(&self, body: &Value, signature: Option<&str>) -> Answer {
        let text = body.to_string();
        let request = self
            .app
            .post(&format!("/webhook/{}/gh", self.uuid))
            .header("content-type", "application/json")
            .header("x-github-event", "installation");
        let request = match signature {
            Some("") => request
                .header("x-hub-signature-256", &format!("sha256={}", sign(&Self::github_secret(), &text))),
            Some(other) => request.header("x-hub-signature-256", other),
            None => request,
        };
        request.body(text).send().await
    }

    async fn sentry(&self, body: &Value, secret: Option<&str>) -> Answer {
        let text = body.to_string();
        let request = self
            .app
            .post(&format!("/webhook/{}/sentry", self.uuid))
            .header("content-type", "application/json")
            .header("sentry-hook-resource", "installation");
        let request = match secret {
            Some(secret) => request.header("sentry-hook-signature", &sign(secret, &text)),
            None => request,
        };
        request.body(text).send().await
    }

    /// Somebody asked for the app, and an owner has to approve.
    async fn request(&self) -> String {
        let sent =
            self.app.get(&format!("/oauth/connect/gh?connect_session_token={}", self.token)).send().await;
        assert_eq!(sent.status, 302, "{}", sent.text());
        let location: Url = sent.header("location").parse().unwrap();
        let state = location.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let cookie = sent.header("set-cookie").split(';').next().unwrap().to_owned();
        self.service.answers(200, USER);
        self.service.answers(200, r#"{"login":"Ana"}"#);
        let path = format!("/oauth/callback?state={state}&code=c-1&setup_action=request");
        let page = self.app.get(&path).header("cookie", &cookie).send().await;
        assert_eq!(page.status, 200, "{}", page.text());
        self.only("gh").await["connection_id"].as_str().unwrap().to_owned()
    }

    async fn read(&self, key: &str, id: &str) -> Value {
        let path = format!("/connections/{id}?provider_config_key={key}");
        self.app.get(&path).bearer(&self.app.key).send().await.json()
    }

    async fn only(&self, key: &str) -> Value {
        let path = format!("/connections?integrationId={key}");
        let listed = self.app.get(&path).bearer(&self.app.key).send().await.json();
        let [connection] = &listed["connections"].as_array().unwrap()[..] else { panic!("{listed}") };
        connection.clone()
    }

    async fn told(&self) -> Vec<Value> {
        let mut db = self.app.state.store.read().await.unwrap();
        let queued = outbox::list(&mut db, self.app.dev, outbox::Filter::default(), None, 10).await.unwrap();
        queued.iter().map(|row| serde_json::from_str(&row.message.body).unwrap()).collect()
    }

    fn outbound(&self, params: &str) -> String {
        format!("/auth/oauth-outbound/sentry?connect_session_token={}&{params}", self.token)
    }
}

fn sign(secret: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, text.as_bytes()))
}

fn approval(login: &str) -> Value {
    json!({"action": "created", "installation": {"id": 77}, "requester": {"login": login}})
}

fn installed(actor: i64) -> Value {
    json!({
        "action": "created", "actor": {"id": actor, "type": "user"}, "installation": {"uuid": "u-1"},
        "data": {"installation": {"uuid": "u-1", "code": "sc-1"}}
    })
}

#[tokio::test]
async fn an_approval_counts_when_it_is_signed() {
    let setup = Setup::new().await;
    let id = setup.request().await;
    let waiting = setup.read("gh", &id).await;
    assert_eq!(waiting["credentials"]["type"], "OAUTH2");
    assert_eq!(waiting["connection_config"]["pending"], true);
    assert_eq!(waiting["connection_config"]["handle"], "Ana");
    assert!(setup.told().await.is_empty(), "what waits is not announced");

    let asked = setup.service.seen().len();
    let unsigned = setup.github(&approval("ana"), None).await;
    assert_eq!(unsigned.whole(), json!({"status": 401, "body": {"error": "Missing webhook signature"}}));
    for wrong in ["sha256=00", "00", "sha256=zz"] {
        let refused = setup.github(&approval("ana"), Some(wrong)).await;
        assert_eq!(refused.whole(), json!({"status": 401, "body": {"error": "Invalid webhook signature"}}));
    }
    let stranger = setup.github(&approval("ben"), Some("")).await;
    assert_eq!(
        stranger.whole(),
        json!({"status": 400, "body": {"error": "No connection or existing installation_id"}})
    );
    let malformed =
        json!({"action": "created", "installation": {"id": "../7"}, "requester": {"login": "ana"}});
    assert_eq!(setup.github(&malformed, Some("")).await.status, 400);
    assert_eq!(setup.github(&json!({"action": "deleted"}), Some("")).await.status, 200);
    assert_eq!(setup.service.seen().len(), asked, "nobody was asked for a token");

    setup.service.answers(201, TOKEN);
    setup.service.answers(200, r#"{"login":"Ana"}"#);
    let taken = setup.github(&approval("ana"), Some("")).await;
    assert_eq!(taken.whole(), json!({"status": 200, "body": {"status": "success"}}));
    assert!(
        setup.service.seen()[asked]
            .starts_with("POST https://api.github.com/app/installations/77/access_tokens Bearer "),
        "{:?}",
        setup.service.seen()
    );
    let linked = setup.read("gh", &id).await;
    assert_eq!(linked["credentials"]["app"]["access_token"], "ghs_x");
    assert_eq!(linked["credentials"]["user"]["access_token"], "ghu_x");
    assert_eq!(linked["connection_config"].get("pending"), None);
    assert_eq!(linked["connection_config"]["installation_id"], "77");
    let [told] = &setup.told().await[..] else { panic!("one webhook") };
    assert_eq!(
        json!([told["operation"], told["authMode"], told["success"], told["connectionId"]]),
        json!(["creation", "APP", true, id])
    );
    let again = setup.github(&approval("ana"), Some("")).await;
    assert_eq!(again.status, 400);
    assert_eq!(setup.told().await.len(), 1);
}

#[tokio::test]
async fn an_approval_that_the_service_does_not_confirm_leaves_the_connection_waiting() {
    let setup = Setup::new().await;
    let id = setup.request().await;
    setup.service.answers(404, r#"{"message":"Not Found"}"#);
    assert_eq!(setup.github(&approval("ana"), Some("")).await.status, 400);
    assert_eq!(setup.read("gh", &id).await["connection_config"]["pending"], true);
}

#[tokio::test]
async fn an_announced_installation_links_the_account_of_the_person_who_was_named() {
    let setup = Setup::new().await;
    let linked = setup.app.post(&setup.outbound("params[hostname]=sentry.io&params[actor]=42")).send().await;
    assert_eq!(linked.status, 200, "{}", linked.text());
    let id = linked.json()["connectionId"].as_str().unwrap().to_owned();
    let waiting = setup.read("sentry", &id).await;
    assert_eq!(waiting["credentials"], json!({"type": "OAUTH2", "raw": {}}));
    assert_eq!(waiting["connection_config"]["pending"], true);
    let called = setup
        .app
        .get("/proxy/0/organizations/")
        .bearer(&setup.app.key)
        .header("provider-config-key", "sentry")
        .header("connection-id", &id)
        .send()
        .await;
    assert_eq!(called.status, 424, "{}", called.text());
    assert!(setup.service.seen().is_empty() && setup.told().await.is_empty());

    let unsigned = setup.sentry(&installed(42), None).await;
    assert_eq!(unsigned.whole(), json!({"status": 401, "body": {"error": "Missing webhook signature"}}));
    assert_eq!(setup.sentry(&installed(42), Some("guess")).await.status, 401);
    assert_eq!(setup.sentry(&installed(43), Some("hush")).await.status, 400, "another person");
    assert!(setup.service.seen().is_empty());

    setup.service.answers(
        201,
        r#"{"token":"st-1","refreshToken":"sr-1","expiresAt":"2026-02-03T12:05:06Z","id":"1"}"#,
    );
    let taken = setup.sentry(&installed(42), Some("hush")).await;
    assert_eq!(taken.whole(), json!({"status": 200, "body": {"status": "success"}}));
    assert_eq!(
        setup.service.seen(),
        [
            "POST https://sentry.io/api/0/sentry-app-installations/u-1/authorizations/",
            "PUT https://sentry.io/api/0/sentry-app-installations/u-1/ Bearer st-1",
        ]
    );
    let linked = setup.read("sentry", &id).await;
    assert_eq!(linked["credentials"]["access_token"], "st-1");
    assert_eq!(linked["credentials"]["expires_at"], "2026-02-03T12:05:06.000Z");
    assert_eq!(linked["connection_config"].get("pending"), None);
    assert_eq!(linked["connection_config"]["installation.uuid"], "u-1");
    let told: Vec<Value> = setup.told().await.iter().map(|told| told["operation"].clone()).collect();
    assert_eq!(told, ["creation"]);
    assert_eq!(setup.sentry(&installed(42), Some("hush")).await.status, 400, "it was used");
}

#[tokio::test]
async fn an_installation_without_a_code_is_not_exchanged() {
    let setup = Setup::new().await;
    setup.app.post(&setup.outbound("params[hostname]=sentry.io&params[actor]=42")).send().await;
    let mut event = installed(42);
    event["data"]["installation"]["code"] = json!("");
    setup.sentry(&event, Some("hush")).await.refused(400, "invalid_connection");
    assert!(setup.service.seen().is_empty());
}

#[tokio::test]
async fn waiting_is_begun_in_order_or_not_at_all() {
    let setup = Setup::new().await;
    let app = &setup.app;
    app.post("/auth/oauth-outbound/sentry").send().await.refused(401, "missing_public_key");
    app.post(&setup.outbound("params[hostname]=evil.test&params[actor]=42"))
        .send()
        .await
        .refused(400, "invalid_query_params");
    app.post(&setup.outbound("params[hostname]=sentry.io")).send().await.refused(400, "invalid_query_params");
    app.integration("kit", "kit-oauth2").await;
    let path = format!("/auth/oauth-outbound/kit?connect_session_token={}", setup.token);
    app.post(&path).send().await.refused(400, "invalid_auth_mode");
    let path = format!("/auth/oauth-outbound/nope?connect_session_token={}", setup.token);
    app.post(&path).send().await.refused(404, "unknown_provider_config");
}

#[tokio::test]
async fn an_address_that_belongs_to_nobody_is_refused() {
    let setup = Setup::new().await;
    let app = &setup.app;
    let body = json!({"action": "created"});
    app.post("/webhook/nope/gh").json(body.clone()).send().await.refused(400, "invalid_uri_params");
    let other = "/webhook/6f0e8b52-7f3f-4b1c-8a52-0f1f2a9d7c11/gh";
    app.post(other).json(body.clone()).send().await.refused(404, "unknown_environment");
    let path = format!("/webhook/{}/nope", setup.uuid);
    app.post(&path).json(body.clone()).send().await.refused(404, "unknown_provider_config");
    app.integration("coda", "coda").await;
    let path = format!("/webhook/{}/coda", setup.uuid);
    assert_eq!(app.post(&path).json(body).send().await.status, 204);
    // The same integration key of another environment is another integration.
    let prod = {
        let mut db = app.state.store.read().await.unwrap();
        environments::get(&mut db, app.prod).await.unwrap().unwrap().uuid
    };
    let path = format!("/webhook/{prod}/gh");
    app.post(&path).json(approval("ana")).send().await.refused(404, "unknown_provider_config");
}
