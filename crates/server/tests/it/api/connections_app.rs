//! Connections of apps and plug-ins: import, and the JWT of an app on reads (auth-modes.md sections 9, 20 and 21).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::kit::{Answer, Service, TestApp};

const KEY: &str = include_str!("../kit/app_key.pem");
const TOKEN: &str = r#"{"token":"ghs_x","expires_at":"2026-02-03T05:05:06Z"}"#;

async fn setup() -> (TestApp, Service) {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    let (app_link, private_key) = ("https://github.com/apps/dove", KEY.trim());
    let alone = json!({"type": "APP", "app_id": "9", "app_link": app_link, "private_key": private_key});
    let both = json!({
        "type": "CUSTOM", "client_id": "cid", "client_secret": "hush", "app_id": "9", "app_link": app_link,
        "private_key": private_key
    });
    for (key, provider, credentials) in [("app", "github-app", alone), ("both", "github-app-oauth", both)] {
        let body = json!({"provider": provider, "unique_key": key, "credentials": credentials});
        let made = app.post("/integrations").bearer(&app.key).json(body).send().await;
        assert_eq!(made.status, 200, "{}", made.text());
    }
    (app, service)
}

async fn import(app: &TestApp, key: &str, kind: &str, app_id: &str, installation: &str) -> Answer {
    let body = json!({
        "provider_config_key": key, "connection_id": "conn-42",
        "credentials": {"type": kind, "app_id": app_id, "installation_id": installation}
    });
    app.post("/connections").bearer(&app.key).json(body).send().await
}

async fn read(app: &TestApp, key: &str, more: &str) -> Answer {
    let path = format!("/connections/conn-42?provider_config_key={key}{more}");
    app.get(&path).bearer(&app.key).send().await
}

fn claims(jwt: &Value) -> Value {
    let part = jwt.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn an_installation_is_imported_with_a_token_of_now_and_can_be_renewed() {
    for (key, kind) in [("app", "APP"), ("both", "CUSTOM")] {
        let (app, service) = setup().await;
        service.answers(201, TOKEN);
        let imported = import(&app, key, kind, "9", "77").await;
        assert_eq!(imported.status, 201, "{}", imported.text());
        let url = "POST https://api.github.com/app/installations/77/access_tokens Bearer ";
        assert!(service.seen()[0].starts_with(url), "{:?}", service.seen());
        let body = imported.json();
        let half = if kind == "CUSTOM" { &body["credentials"]["app"] } else { &body["credentials"] };
        assert_eq!((&body["credentials"]["type"], &half["access_token"]), (&json!(kind), &json!("ghs_x")));
        let config = &body["connection_config"];
        assert_eq!((&config["installation_id"], &config["app_id"]), (&json!("77"), &json!("9")));
        // What an hour later needs is there.
        service.answers(201, r#"{"token":"ghs_y","expires_at":"2026-02-03T06:05:06Z"}"#);
        let renewed = read(&app, key, "&force_refresh=true").await;
        assert_eq!(renewed.status, 200, "{}", renewed.text());
        assert!(renewed.text().contains("ghs_y"));
    }
}

#[tokio::test]
async fn an_import_that_gets_no_token_is_not_kept() {
    let (app, service) = setup().await;
    service.answers(404, r#"{"message":"Not Found"}"#);
    import(&app, "app", "APP", "9", "78").await.refused(500, "server_error");
    import(&app, "app", "APP", "8", "77").await.refused(400, "invalid_body");
    import(&app, "app", "APP", "9", "../77").await.refused(500, "server_error");
    import(&app, "app", "CUSTOM", "9", "77").await.refused(400, "invalid_body");
    assert_eq!(service.seen().len(), 1);
    assert_eq!(read(&app, "app", "").await.status, 404);
    let body = json!({"provider_config_key": "app", "credentials": {"type": "APP", "app_id": "9", "installation_id": "7"}});
    app.post("/connections").json(body.clone()).send().await.refused(401, "missing_auth_header");
    app.post("/connections").bearer(&app.prod_key).json(body).send().await.refused(404, "not_found");
}

#[tokio::test]
async fn the_flat_import_takes_installations_too() {
    let (app, service) = setup().await;
    service.answers(201, TOKEN);
    let body = json!({
        "provider_config_key": "app", "connection_id": "conn-42", "app_id": "9", "installation_id": "77"
    });
    let answer = app.post("/connection").bearer(&app.key).json(body.clone()).send().await;
    assert_eq!((answer.status, answer.json()), (201, body));
    assert_eq!(read(&app, "app", "").await.json()["credentials"]["access_token"], "ghs_x");
    let body = json!({"provider_config_key": "app", "app_id": "9"});
    app.post("/connection").bearer(&app.key).json(body).send().await.refused(400, "missing_installation_id");
}

#[tokio::test]
async fn the_jwt_of_an_app_is_signed_anew_without_asking_anybody() {
    for (key, kind) in [("app", "APP"), ("both", "CUSTOM")] {
        let (app, service) = setup().await;
        service.answers(201, TOKEN);
        assert_eq!(import(&app, key, kind, "9", "77").await.status, 201);
        app.clock.advance(std::time::Duration::from_mins(20));
        let old = read(&app, key, "").await.json();
        let new = read(&app, key, "&refresh_github_app_jwt_token=true").await.json();
        let config = "/connection_config/jwtToken";
        let (old, jwt) = (claims(old.pointer(config).unwrap()), claims(new.pointer(config).unwrap()));
        assert_eq!(old["iss"], "9");
        assert_eq!(jwt["iat"].as_i64().unwrap() - old["iat"].as_i64().unwrap(), 20 * 60);
        let place = if kind == "CUSTOM" { "/credentials/app/jwtToken" } else { "/credentials/jwtToken" };
        assert_eq!(new.pointer(place), new.pointer(config));
        assert_eq!(service.seen().len(), 1, "only the import asked");
        // An expired token is renewed in the same call.
        app.clock.advance(std::time::Duration::from_hours(1));
        service.answers(201, r#"{"token":"ghs_y","expires_at":"2026-02-03T07:05:06Z"}"#);
        let renewed = read(&app, key, "&refresh_github_app_jwt_token=true").await;
        assert!(renewed.text().contains("ghs_y"), "{}", renewed.text());
    }
}

#[tokio::test]
async fn a_plug_in_is_imported_with_the_place_where_it_is_installed() {
    let (app, service) = setup().await;
    let custom = json!({"app_link": "https://app.crisp.chat/x", "username": "plug", "password": "hush"});
    let body = json!({"provider": "crisp-plugin-install", "unique_key": "chat", "custom": custom});
    assert_eq!(app.post("/integrations").bearer(&app.key).json(body).send().await.status, 200);
    let body = |config: Value| {
        json!({
            "provider_config_key": "chat", "connection_id": "conn-42", "connection_config": config,
            "credentials": {"type": "BASIC", "username": "plug", "password": "hush"}
        })
    };
    let import = async |body: Value| app.post("/connections").bearer(&app.key).json(body).send().await;
    import(body(json!({}))).await.refused(400, "invalid_body");
    service.answers(401, "{}");
    import(body(json!({"website_id": "w-1"}))).await.refused(400, "connection_test_failed");
    let imported = import(body(json!({"website_id": "w-1"}))).await;
    assert_eq!(imported.status, 201, "{}", imported.text());
    assert_eq!(read(&app, "chat", "").await.json()["connection_config"], json!({"website_id": "w-1"}));
    let tested = "GET https://api.crisp.chat/v1/plugin/connect/account Basic cGx1ZzpodXNo";
    assert_eq!(service.seen(), [tested, tested]);
}
