//! `GET /oauth/connect/{key}`, `/oauth/callback`, the socket and the poll (auth-modes.md 3, 28.7; connect.md 4).

use std::net::SocketAddr;
use std::time::Duration;

use aws_lc_rs::hmac;
use dovetail_model::{ConnectUiSettings, WebhookSettings};
use dovetail_store::{connect_sessions, connect_ui, environments, integrations, outbox, signing_keys};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use crate::kit::{Answer, Service, TestApp};

const ATTEMPT: &str = "6f0e8b52-7f3f-4b1c-8a52-0f1f2a9d7c11";
const TOKENS: &str = r#"{"access_token":"at-1","refresh_token":"rt-1","expires_in":3600}"#;

/// A browser that was sent to the provider.
struct Sent {
    location: Url,
    cookie: String,
    state: String,
}

struct Setup {
    app: TestApp,
    service: Service,
    token: String,
}

impl Setup {
    async fn new() -> Self {
        Self::with(json!({"end_user": {"id": "u_81"}})).await
    }

    async fn with(session: Value) -> Self {
        let service = Service::start().await;
        let app = TestApp::calling(&service).await;
        app.integration("kit", "kit-oauth2").await;
        let answer = app.post("/connect/sessions").bearer(&app.key).json(session).send().await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let token = answer.json()["data"]["token"].as_str().unwrap().to_owned();
        Self { app, service, token }
    }

    async fn connect(&self, more: &str) -> Answer {
        let token = &self.token;
        let path = format!("/oauth/connect/kit?connect_session_token={token}&ws_client_id={ATTEMPT}{more}");
        self.app.get(&path).send().await
    }

    async fn send(&self, more: &str) -> Sent {
        let answer = self.connect(more).await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        let location: Url = answer.header("location").parse().unwrap();
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let state = location.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        Sent { location, cookie, state }
    }

    async fn back(&self, sent: &Sent, query: &str) -> Answer {
        self.callback(&sent.state, query, Some(&sent.cookie)).await
    }

    async fn callback(&self, state: &str, query: &str, cookie: Option<&str>) -> Answer {
        let request = self.app.get(&format!("/oauth/callback?state={state}&{query}"));
        match cookie {
            Some(cookie) => request.header("cookie", cookie).send().await,
            None => request.send().await,
        }
    }

    async fn poll(&self) -> Value {
        let path = format!("/connect/session/attempts/{ATTEMPT}");
        let answer = self.app.get(&path).bearer(&self.token).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["data"].clone()
    }

    async fn connections(&self) -> Vec<Value> {
        let answer = self.app.get("/connections").bearer(&self.app.key).send().await;
        answer.json()["connections"].as_array().unwrap().clone()
    }

    async fn tell_webhooks(&self) {
        let mut tx = self.app.state.store.begin().await.unwrap();
        let settings = WebhookSettings {
            primary_url: Some("https://hooks.acme.test/in".to_owned()),
            ..WebhookSettings::for_new_environment()
        };
        environments::set_webhooks(&mut tx, self.app.dev, &settings).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn told(&self) -> Vec<Value> {
        let mut db = self.app.state.store.read().await.unwrap();
        let queued = outbox::list(&mut db, self.app.dev, outbox::Filter::default(), None, 10).await.unwrap();
        queued.iter().map(|row| serde_json::from_str(&row.message.body).unwrap()).collect()
    }
}

/// The page says that the attempt failed, with this word.
#[track_caller]
fn failed(answer: &Answer, word: &str) {
    let html = answer.text();
    assert!(answer.status >= 400, "{html}");
    assert!(html.contains(&format!("name=\"dovetail-error-type\" content=\"{word}\"")), "{html}");
}

#[track_caller]
fn is_page(answer: &Answer) {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
    assert_eq!(answer.header("cross-origin-opener-policy"), "");
}

#[tokio::test]
async fn an_account_is_linked_and_everybody_is_told() {
    let setup = Setup::new().await;
    setup.tell_webhooks().await;
    let sent = setup.send("").await;
    assert_eq!(sent.location.host_str(), Some("kit.test"));
    let query: Vec<_> = sent.location.query_pairs().into_owned().collect();
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(value("redirect_uri"), Some("https://dovetail.test/oauth/callback"));
    assert_eq!(value("scope"), Some("read write"));
    assert_eq!(value("code_challenge_method"), Some("S256"));
    assert!(sent.state.len() >= 32);
    assert_eq!(setup.poll().await, json!({"status": "pending"}));

    setup.service.answers(200, TOKENS);
    let page = setup.back(&sent, "code=c-1").await;
    assert_eq!(page.status, 200, "{}", page.text());
    is_page(&page);
    let html = page.text();
    assert!(!html.contains("c-1") && !html.contains(&sent.state) && !html.contains("at-1"), "{html}");
    assert_eq!(setup.service.seen(), ["POST https://kit.test/token"]);

    let outcome = setup.poll().await;
    let id = outcome["connectionId"].as_str().unwrap().to_owned();
    assert_eq!(
        outcome,
        json!({"status": "success", "providerConfigKey": "kit", "connectionId": id, "isPending": false})
    );
    let path = format!("/connections/{id}?provider_config_key=kit&refresh_token=true");
    let stored = setup.app.get(&path).bearer(&setup.app.key).send().await.json();
    assert_eq!(stored["credentials"]["access_token"], "at-1");
    assert_eq!(stored["credentials"]["refresh_token"], "rt-1");
    assert_eq!(stored["end_user"]["id"], "u_81");
    let told = setup.told().await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["operation"], &told[0]["success"]), (&json!("creation"), &json!(true)));
    assert_eq!(told[0]["authMode"], "OAUTH2");
}

#[tokio::test]
async fn a_denial_is_told_in_the_providers_words_and_safely() {
    let setup = Setup::new().await;
    setup.tell_webhooks().await;
    let sent = setup.send("").await;
    let page = setup.back(&sent, "error=access_denied&error_description=%3Cscript%3E%26%20no").await;
    assert_eq!(page.status, 400);
    failed(&page, "callback_err");
    assert!(!page.text().contains("<script>&"), "{}", page.text());
    let outcome = setup.poll().await;
    assert_eq!(outcome["status"], "error");
    assert_eq!(outcome["errorType"], "callback_err");
    assert_eq!(
        outcome["errorMessage"],
        "Kit OAuth 2 did not authorize the connection: access_denied: <script>& no"
    );
    let told = setup.told().await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["success"], &told[0]["error"]["type"]), (&json!(false), &json!("invalid_callback")));
    assert!(setup.connections().await.is_empty());
}

#[tokio::test]
async fn a_state_counts_once_in_its_browser_and_within_its_hour() {
    let setup = Setup::new().await;
    failed(&setup.callback("nobody-knows-it", "code=c", None).await, "state_err");
    let none = setup.app.get("/oauth/callback?code=c").send().await;
    failed(&none, "state_err");

    let sent = setup.send("").await;
    for cookie in [None, Some("dovetail_flow_00000000=x"), Some(&*sent.cookie.replace('=', "=0"))] {
        failed(&setup.callback(&sent.state, "code=c", cookie).await, "state_cookie_err");
    }
    assert_eq!(setup.poll().await["errorType"], "state_cookie_err");
    // The right browser can still finish.
    setup.service.answers(200, TOKENS);
    assert_eq!(setup.back(&sent, "code=c").await.status, 200);
    assert_eq!(setup.poll().await["status"], "success");
    // Its reload shows the same again, and another browser's does not; nothing is exchanged twice.
    assert_eq!(setup.back(&sent, "code=c").await.status, 200);
    failed(&setup.callback(&sent.state, "code=c", None).await, "state_cookie_err");
    assert_eq!(setup.service.seen().len(), 1);
    assert_eq!(setup.connections().await.len(), 1);

    let late = setup.send("").await;
    setup.app.clock.advance(Duration::from_hours(1));
    failed(&setup.back(&late, "code=c").await, "state_err");
    assert_eq!(setup.service.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_not_exchanged() {
    let setup = Setup::new().await;
    let sent = setup.send("").await;
    failed(&setup.back(&sent, "code=c&iss=https%3A%2F%2Fevil.test").await, "state_err");
    assert!(setup.service.seen().is_empty());
}

#[tokio::test]
async fn a_provider_may_post_its_answer() {
    let setup = Setup::new().await;
    let sent = setup.send("&authorization_params[response_mode]=form_post").await;
    assert!(sent.location.as_str().contains("response_mode=form_post"));
    setup.service.answers(200, TOKENS);
    let request = setup.app.post("/oauth/callback").header("cookie", &sent.cookie);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let page = request.body(format!("code=c&state={}", sent.state)).send().await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(setup.connections().await.len(), 1);
}

#[tokio::test]
async fn a_product_that_receives_the_callback_signs_what_it_passes_on() {
    let setup = Setup::new().await;
    let sent = setup.send("").await;
    let query = format!("state={}&code=c", sent.state);
    let mut db = setup.app.state.store.read().await.unwrap();
    let keys = signing_keys::current(&mut db, setup.app.dev).await.unwrap();
    let now = setup.app.state.now().millis() / 1_000;
    drop(db);
    let signed = |at: i64, query: &str| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, keys[0].key.expose().as_bytes());
        format!("t={at},v1={}", hex::encode(hmac::sign(&key, format!("{at}.{query}").as_bytes())))
    };
    let relay = async |signature: &str| {
        let path = format!("/oauth/callback?{query}");
        setup.app.get(&path).header("dovetail-relay-signature", signature).send().await
    };
    for wrong in ["", "t=1,v1=00", &signed(now - 301, &query), &signed(now, "state=other")] {
        failed(&relay(wrong).await, "state_cookie_err");
    }
    setup.service.answers(200, TOKENS);
    assert_eq!(relay(&signed(now, &query)).await.status, 200);
}

#[tokio::test]
async fn a_page_without_a_window_gets_the_browser_back() {
    let setup = Setup::new().await;
    failed(&setup.connect("&return_url=https%3A%2F%2Fevil.test%2F").await, "invalid_query_params");
    let mut tx = setup.app.state.store.begin().await.unwrap();
    let settings = ConnectUiSettings {
        return_url: Some("https://acme.test/done?a=1".to_owned()),
        ..connect_ui::get(&mut tx, setup.app.dev).await.unwrap()
    };
    connect_ui::set(&mut tx, setup.app.dev, &settings).await.unwrap();
    tx.commit().await.unwrap();
    failed(&setup.connect("&return_url=https%3A%2F%2Facme.test%2Fdone").await, "invalid_query_params");
    let back = "&return_url=https%3A%2F%2Facme.test%2Fdone%3Fa%3D1";
    let sent = setup.send(back).await;
    setup.service.answers(200, TOKENS);
    let answer = setup.back(&sent, "code=c").await;
    assert_eq!(answer.status, 303);
    let location = answer.header("location");
    assert!(location.starts_with("https://acme.test/done?a=1&connection_id="), "{location}");
    let sent = setup.send(back).await;
    let answer = setup.back(&sent, "error=access_denied").await;
    assert!(
        answer.header("location").starts_with("https://acme.test/done?a=1&error_type=callback_err&error=")
    );
    // What is wrong before the provider is told there too.
    let path = format!("/oauth/connect/nobody?connect_session_token={}{back}", setup.token);
    let answer = setup.app.get(&path).send().await;
    assert_eq!(answer.status, 303);
    assert!(answer.header("location").contains("error_type=provider_config_err"), "{:?}", answer.headers);
    let answer = setup.connect(&format!("{back}&connection_id=mine")).await;
    assert!(answer.header("location").contains("error_type=invalid_query_params"), "{:?}", answer.headers);
}

#[tokio::test]
async fn what_is_wrong_before_the_provider_is_a_page_and_an_outcome() {
    let setup = Setup::new().await;
    let path = format!("/oauth/connect/nobody?connect_session_token={}&ws_client_id={ATTEMPT}", setup.token);
    let page = setup.app.get(&path).send().await;
    is_page(&page);
    failed(&page, "provider_config_err");
    assert_eq!(setup.poll().await["errorType"], "provider_config_err");
    let unknown = format!("nango_connect_session_{}", "0".repeat(64));
    let page = setup.app.get(&format!("/oauth/connect/kit?connect_session_token={unknown}")).send().await;
    assert_eq!(page.status, 401);
    failed(&page, "unknown_connect_session_token");
    let page = setup.connect("&connection_id=mine").await;
    failed(&page, "invalid_query_params");
    setup.app.integration("coda", "coda").await;
    let path = format!("/oauth/connect/coda?connect_session_token={}", setup.token);
    failed(&setup.app.get(&path).send().await, "auth_mode_err");
    let other = Setup { token: setup.app.session(Some(&["coda"])).await, ..setup };
    failed(&other.connect("").await, "integration_not_allowed");
}

#[tokio::test]
async fn what_was_deleted_meanwhile_ends_the_attempt() {
    let setup = Setup::new().await;
    let sent = setup.send("").await;
    let mut tx = setup.app.state.store.begin().await.unwrap();
    integrations::delete(&mut tx, setup.app.dev, "kit").await.unwrap();
    tx.commit().await.unwrap();
    failed(&setup.back(&sent, "code=c").await, "provider_config_err");
    assert_eq!(setup.poll().await["errorType"], "provider_config_err");

    let setup = Setup::new().await;
    let sent = setup.send("").await;
    let mut tx = setup.app.state.store.begin().await.unwrap();
    let token = setup.token.as_str().into();
    let session = connect_sessions::lookup(&mut tx, &token).await.unwrap().unwrap();
    connect_sessions::delete(&mut tx, setup.app.dev, session.id).await.unwrap();
    tx.commit().await.unwrap();
    failed(&setup.back(&sent, "code=c").await, "unknown_err");
    assert!(setup.service.seen().is_empty());
}

#[tokio::test]
async fn nobody_else_hears_of_an_attempt() {
    let setup = Setup::new().await;
    let sent = setup.send("").await;
    setup.service.answers(200, TOKENS);
    setup.back(&sent, "code=c").await;
    let path = format!("/connect/session/attempts/{ATTEMPT}");
    let other = setup.app.session(None).await;
    let answer = setup.app.get(&path).bearer(&other).send().await;
    assert_eq!(answer.json(), json!({"data": {"status": "pending"}}));
    setup.app.get(&path).send().await.refused(401, "missing_auth_header");
    setup
        .app
        .get("/connect/session/attempts/1")
        .bearer(&other)
        .send()
        .await
        .refused(400, "invalid_uri_params");
}

#[tokio::test]
async fn linking_again_replaces_the_tokens_of_the_same_connection() {
    let setup = Setup::new().await;
    let sent = setup.send("").await;
    setup.service.answers(200, TOKENS);
    setup.back(&sent, "code=c").await;
    let id = setup.poll().await["connectionId"].as_str().unwrap().to_owned();
    let body = json!({"connection_id": id, "integration_id": "kit"});
    let answer = setup.app.post("/connect/sessions/reconnect").bearer(&setup.app.key).json(body).send().await;
    let token = answer.json()["data"]["token"].as_str().unwrap().to_owned();
    let setup = Setup { token, ..setup };
    let sent = setup.send("").await;
    setup.service.answers(200, r#"{"access_token":"at-2"}"#);
    assert_eq!(setup.back(&sent, "code=c").await.status, 200);
    assert_eq!(setup.poll().await["connectionId"], id.as_str());
    let path = format!("/connections/{id}?provider_config_key=kit");
    let stored = setup.app.get(&path).bearer(&setup.app.key).send().await.json();
    assert_eq!(stored["credentials"]["access_token"], "at-2");
    assert_eq!(setup.connections().await.len(), 1);
}

#[tokio::test]
async fn the_session_decides_scopes_and_parameters() {
    let setup = Setup::with(json!({"end_user": {"id": "u"}, "integrations_config_defaults": {"kit": {
        "authorization_params": {"prompt": "consent", "redirect_uri": "https://evil.test"},
        "connection_config": {"oauth_scopes_override": "only"},
    }}}))
    .await;
    let sent = setup.send("&authorization_params[prompt]=none&params[oauth_scopes_override]=all").await;
    let url = sent.location.as_str();
    assert!(url.contains("&scope=only&") && url.contains("&prompt=consent"), "{url}");
    assert!(!url.contains("evil.test") && !url.contains("none") && !url.contains("all&"), "{url}");
}

#[tokio::test]
async fn the_socket_hears_the_outcome() {
    let setup = Setup::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = setup.app.router().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}/")).await.unwrap();
    let mut next = async || -> Value {
        let message = socket.next().await.unwrap().unwrap();
        serde_json::from_str(message.to_text().unwrap()).unwrap()
    };
    let id = next().await["ws_client_id"].as_str().unwrap().to_owned();
    let path = format!("/oauth/connect/kit?connect_session_token={}&ws_client_id={id}", setup.token);
    let answer = setup.app.get(&path).send().await;
    let location: Url = answer.header("location").parse().unwrap();
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let state = location.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    setup.service.answers(200, TOKENS);
    setup.callback(&state, "code=c", Some(&cookie)).await;
    let told = next().await;
    assert_eq!(told["message_type"], "success");
    assert_eq!(told["provider_config_key"], "kit");
    assert_eq!(told["is_pending"], false);
}

#[tokio::test]
async fn a_socket_of_a_stranger_hears_why_too() {
    let setup = Setup::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = setup.app.router().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}/")).await.unwrap();
    let hello = socket.next().await.unwrap().unwrap();
    let hello: Value = serde_json::from_str(hello.to_text().unwrap()).unwrap();
    let id = hello["ws_client_id"].as_str().unwrap();
    setup.app.get(&format!("/oauth/connect/kit?ws_client_id={id}")).send().await;
    let told = socket.next().await.unwrap().unwrap();
    let told: Value = serde_json::from_str(told.to_text().unwrap()).unwrap();
    assert_eq!((&told["message_type"], &told["error_type"]), (&json!("error"), &json!("missing_public_key")));
}

/// auth-modes.md 28.4.
#[tokio::test]
async fn a_parameter_of_the_definition_is_taken_away_by_the_word_undefined() {
    let app = TestApp::new().await;
    let client = json!({"type": "OAUTH2", "client_id": "c", "client_secret": "s"});
    let body = json!({"provider": "google", "unique_key": "google", "credentials": client});
    let made = app.post("/integrations").bearer(&app.key).json(body).send().await;
    assert_eq!(made.status, 200, "{}", made.text());
    let token = app.session(None).await;
    for (more, prompt) in [("", Some("consent")), ("&authorization_params[prompt]=undefined", None)] {
        let path = format!("/oauth/connect/google?connect_session_token={token}{more}");
        let sent = app.get(&path).send().await;
        let location: Url = sent.header("location").parse().unwrap();
        let found =
            location.query_pairs().find(|(name, _)| name == "prompt").map(|(_, value)| value.into_owned());
        assert_eq!(found.as_deref(), prompt, "{location}");
    }
}
