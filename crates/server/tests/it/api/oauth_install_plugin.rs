//! Plug-ins through `GET /oauth/connect/{key}` and `/oauth/callback` (auth-modes.md section 11).

use serde_json::{Value, json};
use url::Url;

use crate::kit::{Answer, Service, TestApp};

const ATTEMPT: &str = "6f0e8b52-7f3f-4b1c-8a52-0f1f2a9d7c12";
const SITE: &str = "8c842203-7ed8-4e29-a608-7cf78a7d2fcc";
const ACCOUNT: &str = r#"{"data":{"plugin_id":"p-1"}}"#;
const SETTINGS: &str = r#"{"data":{"token":"site-token-1"}}"#;

struct Setup {
    app: TestApp,
    service: Service,
    token: String,
}

impl Setup {
    async fn new() -> Self {
        let service = Service::start().await;
        let app = TestApp::calling(&service).await;
        let custom = json!({
            "app_link": "https://app.crisp.chat/initiate/plugin/p-1/", "username": "plug", "password": "hush"
        });
        let body = json!({"provider": "crisp-plugin-install", "unique_key": "chat", "custom": custom});
        let made = app.post("/integrations").bearer(&app.key).json(body).send().await;
        assert_eq!(made.status, 200, "{}", made.text());
        let token = app.session(None).await;
        Self { app, service, token }
    }

    async fn connect(&self, token: &str) -> Answer {
        let path = format!("/oauth/connect/chat?connect_session_token={token}&ws_client_id={ATTEMPT}");
        self.app.get(&path).send().await
    }

    /// The cookie and the state of a browser that was sent away.
    async fn send(&self, token: &str) -> (String, String) {
        let sent = self.connect(token).await;
        assert_eq!(sent.status, 302, "{}", sent.text());
        let shown: Url = sent.header("location").parse().unwrap();
        // Simulated pages are shown by the server itself; this is the one that is meant.
        let (_, meant) = shown
            .query_pairs()
            .find(|(name, _)| name == "url")
            .unwrap_or_else(|| ("".into(), shown.as_str().to_owned().into()));
        let meant: Url = meant.parse().unwrap();
        assert_eq!((meant.host_str(), meant.path()), (Some("app.crisp.chat"), "/initiate/plugin/p-1/"));
        let state = meant.query_pairs().find(|(name, _)| name == "payload").unwrap().1.into_owned();
        (sent.header("set-cookie").split(';').next().unwrap().to_owned(), state)
    }

    async fn back(&self, (cookie, state): &(String, String), query: &str) -> Answer {
        let path = format!("/oauth/callback?payload={state}&{query}");
        self.app.get(&path).header("cookie", cookie).send().await
    }

    async fn outcome(&self) -> Value {
        let path = format!("/connect/session/attempts/{ATTEMPT}");
        self.app.get(&path).bearer(&self.token).send().await.json()["data"].clone()
    }

    async fn connections(&self, key: &str) -> Vec<Value> {
        let answer = self.app.get("/connections").bearer(key).send().await;
        answer.json()["connections"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn a_plug_in_is_installed_confirmed_tested_and_linked() {
    let setup = Setup::new().await;
    let sent = setup.send(&setup.token).await;
    for answer in [ACCOUNT, SETTINGS, "{}"] {
        setup.service.answers(200, answer);
    }
    let page = setup.back(&sent, &format!("website_id={SITE}&token=site-token-1")).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(!page.text().contains("site-token-1"));
    assert_eq!(
        setup.service.seen(),
        [
            "GET https://api.crisp.chat/v1/plugin/connect/account Basic cGx1ZzpodXNo".to_owned(),
            format!(
                "GET https://api.crisp.chat/v1/plugins/subscription/{SITE}/p-1/settings Basic cGx1ZzpodXNo"
            ),
            "GET https://api.crisp.chat/v1/plugin/connect/account Basic cGx1ZzpodXNo".to_owned(),
        ]
    );
    let [connection] = &setup.connections(&setup.app.key).await[..] else { panic!("one connection") };
    let id = connection["connection_id"].as_str().unwrap();
    assert_eq!(
        setup.outcome().await,
        json!({"status": "success", "providerConfigKey": "chat", "connectionId": id, "isPending": false})
    );
    let path = format!("/connections/{id}?provider_config_key=chat");
    let read = setup.app.get(&path).bearer(&setup.app.key).send().await.json();
    assert_eq!(read["credentials"], json!({"type": "BASIC", "username": "plug", "password": "hush"}));
    assert_eq!(read["connection_config"], json!({"website_id": SITE}));
    assert!(setup.connections(&setup.app.prod_key).await.is_empty());

    setup.service.answers(200, "[]");
    let called = setup
        .app
        .get(&format!("/proxy/v1/website/{SITE}"))
        .bearer(&setup.app.key)
        .header("provider-config-key", "chat")
        .header("connection-id", id)
        .send()
        .await;
    assert_eq!(called.status, 200, "{}", called.text());
    let last = setup.service.seen().pop().unwrap();
    assert_eq!(last, format!("GET https://api.crisp.chat/v1/website/{SITE} Basic cGx1ZzpodXNo"));
}

#[tokio::test]
async fn a_connection_is_linked_again_and_keeps_its_id() {
    let setup = Setup::new().await;
    let answer = async |sent: (String, String), site: &str| {
        for answer in [ACCOUNT, SETTINGS, "{}"] {
            setup.service.answers(200, answer);
        }
        let page = setup.back(&sent, &format!("website_id={site}&token=site-token-1")).await;
        assert_eq!(page.status, 200, "{}", page.text());
    };
    answer(setup.send(&setup.token).await, SITE).await;
    let id = setup.connections(&setup.app.key).await[0]["connection_id"].as_str().unwrap().to_owned();
    let body = json!({"connection_id": id, "integration_id": "chat"});
    let session =
        setup.app.post("/connect/sessions/reconnect").bearer(&setup.app.key).json(body).send().await;
    assert_eq!(session.status, 201, "{}", session.text());
    let token = session.json()["data"]["token"].as_str().unwrap().to_owned();
    answer(setup.send(&token).await, "another-site").await;
    let [connection] = &setup.connections(&setup.app.key).await[..] else { panic!("one connection") };
    assert_eq!(connection["connection_id"], id.as_str());
    let path = format!("/connections/{id}?provider_config_key=chat");
    let read = setup.app.get(&path).bearer(&setup.app.key).send().await.json();
    assert_eq!(read["connection_config"]["website_id"], "another-site");
}

#[tokio::test]
async fn somebody_elses_website_is_refused_and_nothing_is_kept() {
    let setup = Setup::new().await;
    let sent = setup.send(&setup.token).await;
    setup.service.answers(200, ACCOUNT);
    setup.service.answers(200, SETTINGS);
    let page = setup.back(&sent, &format!("website_id={SITE}&token=guessed")).await;
    assert_eq!(page.status, 400);
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(setup.outcome().await["errorType"], "state_err");
    assert!(setup.connections(&setup.app.key).await.is_empty());
}

#[tokio::test]
async fn credentials_that_fail_their_test_are_a_page_and_an_outcome() {
    let setup = Setup::new().await;
    let sent = setup.send(&setup.token).await;
    setup.service.answers(200, ACCOUNT);
    setup.service.answers(200, SETTINGS);
    setup.service.answers(403, "{}");
    let page = setup.back(&sent, &format!("website_id={SITE}&token=site-token-1")).await;
    assert_eq!(page.status, 400);
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(setup.outcome().await["errorType"], "connection_test_failed");
    assert!(setup.connections(&setup.app.key).await.is_empty());
}

#[tokio::test]
async fn nobody_begins_without_a_session_or_a_plug_in() {
    let setup = Setup::new().await;
    assert_eq!(setup.app.get("/oauth/connect/chat").send().await.status, 401);
    let body = json!({"provider": "crisp-plugin-install", "unique_key": "bare"});
    let made = setup.app.post("/integrations").bearer(&setup.app.key).json(body).send().await;
    assert_eq!(made.status, 200, "{}", made.text());
    let path = format!("/oauth/connect/bare?connect_session_token={}", setup.token);
    let page = setup.app.get(&path).send().await;
    assert_eq!(page.status, 400);
    assert!(page.text().contains("provider_config_err"), "{}", page.text());
    // Another browser.
    let sent = setup.send(&setup.token).await;
    let page = setup.back(&("dovetail_flow_x=1".to_owned(), sent.1), &format!("website_id={SITE}")).await;
    assert!(page.text().contains("state_cookie_err"), "{}", page.text());
}
