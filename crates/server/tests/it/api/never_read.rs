//! No route shows a secret to a key that uses credentials only, nor to anybody in a sealed environment. Every route of
//! `/openapi.json` is asked, in every way that could make it talk, with a secret in every place that holds one.

use std::collections::BTreeSet;

use dovetail_model::{
    CredentialState, Credentials, IntegrationClient, Oauth2Credentials, PrivateSettings, Secret, SecretJson,
    Tags, UrlOverride,
};
use dovetail_store::connections::{self, ConfigUpdate, TagsUpdate, Upsert};
use dovetail_store::{environments, integrations, signing_keys};
use http::Method;
use serde_json::{Value, json};

use crate::kit::{Answer, Service, TestApp};

/// Stands in every secret place.
const PLANTED: &str = "PL4NTED";

const INTEGRATIONS: [&str; 2] = ["keyed", "client"];

/// A server full of secrets, and all of them.
async fn planted(service: &Service) -> (TestApp, Vec<String>) {
    let app = TestApp::calling(service).await;
    app.integration("keyed", "kit-webhooks").await;
    app.integration("client", "kit-oauth2").await;
    app.set_variable("TOKEN", &format!("{PLANTED}-variable")).await;
    let mut tx = app.state.store.begin().await.unwrap();
    let secret = |place: &str| Secret::new(format!("{PLANTED}-{place}"));
    for key in INTEGRATIONS {
        let mut integration = integrations::by_key(&mut tx, app.dev, key).await.unwrap().unwrap();
        integration.secrets.custom.insert("free".to_owned(), secret("custom"));
        if key == "client" {
            integration.secrets.client = IntegrationClient::Oauth {
                client_id: "id".to_owned(),
                client_secret: secret("client"),
                scopes: None,
                webhook_secret: Some(secret("webhook")),
            };
        }
        let integration = integrations::update(&mut tx, integration).await.unwrap();
        let oauth = Credentials::Oauth2(Oauth2Credentials {
            access_token: secret("access"),
            refresh_token: Some(secret("refresh")),
            expires_at: None,
            raw: SecretJson::new(json!({ "id_token": secret("raw").expose() })),
            config_override: None,
        });
        let key = Credentials::api_key(secret("key").expose());
        let config = json!({ "token": secret("config").expose() });
        let new = Upsert {
            integration: &integration,
            connection_id: "c-1".to_owned(),
            credentials: if integration.unique_key == "client" { &oauth } else { &key },
            state: CredentialState::Unverified,
            config: ConfigUpdate { secret: config.as_object().unwrap().clone(), ..ConfigUpdate::default() },
            metadata: None,
            tags: TagsUpdate::Replace(Tags::NONE),
            end_user: None,
            webhook_url: UrlOverride::Keep,
        };
        connections::upsert(&mut tx, app.dev, new).await.unwrap();
    }
    let private = PrivateSettings { hmac_key: Some(secret("hmac")), ..PrivateSettings::default() };
    environments::set_private(&mut tx, app.dev, &private).await.unwrap();
    tx.commit().await.unwrap();
    let mut secrets = signing(&app).await;
    secrets.push(PLANTED.to_owned());
    (app, secrets)
}

/// Signing keys as they are now.
async fn signing(app: &TestApp) -> Vec<String> {
    let mut db = app.state.store.read().await.unwrap();
    let keys = signing_keys::current(&mut db, app.dev).await.unwrap();
    keys.iter().map(|key| key.key.expose().to_owned()).collect()
}

/// Every operation of the description, those that destroy last.
async fn operations(app: &TestApp) -> Vec<(Method, String)> {
    let document = app.get("/openapi.json").send().await.json();
    let mut all: Vec<(Method, String)> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            if let Ok(method) = method.to_uppercase().parse::<Method>()
                && ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str())
            {
                all.push((method, path.clone()));
            }
        }
    }
    assert!(all.len() > 50, "{}", all.len());
    all.sort_by_key(|(method, path)| (method == Method::DELETE, path == "/connect/session", path.clone()));
    all
}

/// A body with which a route gets as far as it can.
fn body(method: &Method, path: &str, integration: &str) -> Option<Value> {
    let credentials = if integration == "client" {
        json!({ "type": "OAUTH2", "access_token": format!("{PLANTED}-sent"), "refresh_token": format!("{PLANTED}-sent") })
    } else {
        json!({ "type": "API_KEY", "apiKey": format!("{PLANTED}-sent") })
    };
    let named = json!({ "connection_id": "c-1", "provider_config_key": integration, "metadata": {} });
    let body = match (method.as_str(), path) {
        ("POST", "/connections") => {
            json!({ "provider_config_key": integration, "connection_id": "c-2", "credentials": credentials })
        }
        ("POST", "/connection") => json!({
            "provider_config_key": integration, "connection_id": "c-3", "no_expiration": true,
            "api_key": format!("{PLANTED}-sent"), "access_token": format!("{PLANTED}-sent"),
        }),
        ("POST" | "PATCH", "/connections/metadata" | "/connection/metadata") => named,
        ("POST", "/connect/sessions") => json!({ "tags": {} }),
        ("POST", "/connect/sessions/reconnect") => {
            json!({ "connection_id": "c-1", "integration_id": integration })
        }
        ("PATCH", "/integrations/{uniqueKey}") => json!({ "display_name": "Named" }),
        ("POST", "/integrations") => json!({ "provider": "kit-webhooks", "unique_key": "more" }),
        ("POST", "/api-auth/api-key/{providerConfigKey}") => json!({ "apiKey": format!("{PLANTED}-typed") }),
        ("GET" | "DELETE", _) => return None,
        _ => json!({}),
    };
    Some(body)
}

/// Asks every route and returns what it was asked and what it answered.
async fn walk(app: &TestApp, key: &str) -> Vec<(String, Answer)> {
    let defaults = json!({ "client": { "connection_config": { "oauth_client_secret_override": format!("{PLANTED}-own") } } });
    let session = json!({ "tags": {}, "integrations_config_defaults": defaults });
    let made = app.post("/connect/sessions").bearer(key).json(session).send().await;
    let token = made.json()["data"]["token"].as_str().unwrap().to_owned();
    let mut answers = Vec::new();
    for (method, path) in operations(app).await {
        for integration in INTEGRATIONS {
            let queries = [
                format!("?provider_config_key={integration}"),
                format!("?provider_config_key={integration}&refresh_token=true&force_refresh=true"),
                "?include=credentials&include=webhook".to_owned(),
                "?include_creds=true".to_owned(),
                format!("?connect_session_token={token}"),
                String::new(),
            ];
            for query in &queries {
                let filled = path
                    .replace("{uniqueKey}", integration)
                    .replace("{providerConfigKey}", integration)
                    .replace("{connectionId}", "c-1")
                    .replace("{path}", "x")
                    .replace("{provider}", "kit-webhooks");
                for bearer in [key, &token] {
                    let mut request = app.request(method.clone(), &format!("{filled}{query}")).bearer(bearer);
                    request =
                        request.header("provider-config-key", integration).header("connection-id", "c-1");
                    if let Some(body) = body(&method, &path, integration) {
                        request = request.json(body);
                    }
                    answers.push((format!("{method} {path}"), request.send().await));
                }
            }
        }
    }
    answers
}

/// The routes of which an answer contains one of the secrets.
fn talkative(answers: &[(String, Answer)], secrets: &[String]) -> BTreeSet<String> {
    let tells = |answer: &Answer| {
        let text = format!("{:?} {}", answer.headers, answer.text());
        secrets.iter().any(|secret| text.contains(secret))
    };
    answers.iter().filter(|(_, answer)| tells(answer)).map(|(route, _)| route.clone()).collect()
}

/// What the walk would find if nothing were hidden: without this, the others could pass for want of asking.
#[tokio::test]
async fn a_full_key_reads_secrets_from_these_routes() {
    let service = Service::start().await;
    let (app, mut secrets) = planted(&service).await;
    let answers = walk(&app, &app.key).await;
    secrets.extend(signing(&app).await);
    insta::assert_json_snapshot!(talkative(&answers, &secrets), @r#"
    [
      "GET /config/{providerConfigKey}",
      "GET /connect/session",
      "GET /connection/{connectionId}",
      "GET /connections/{connectionId}",
      "GET /environment-variables",
      "GET /integrations/{uniqueKey}",
      "POST /connection",
      "POST /connections",
      "POST /environment/webhook-signing-key/rotate"
    ]
    "#);
}

#[tokio::test]
async fn a_use_only_key_is_shown_no_secret_by_any_route() {
    let service = Service::start().await;
    let (app, secrets) = planted(&service).await;
    let key = app.limited_key(json!({ "use_only": true })).await;
    let answers = walk(&app, &key).await;
    // A connect session's own configuration is what its maker put there.
    let told = talkative(&answers, &secrets);
    assert_eq!(told.iter().map(String::as_str).collect::<Vec<_>>(), ["GET /connect/session"]);
    assert!(answers.iter().filter(|(_, answer)| answer.status < 300).count() > 50);
}

#[tokio::test]
async fn a_sealed_environment_shows_no_secret_on_any_route() {
    let service = Service::start().await;
    let (app, mut secrets) = planted(&service).await;
    app.seal().await;
    let answers = walk(&app, &app.key).await;
    secrets.extend(signing(&app).await);
    assert_eq!(talkative(&answers, &secrets), BTreeSet::new());
    assert!(answers.iter().filter(|(_, answer)| answer.status < 300).count() > 50);
    let refused =
        |answer: &&(String, Answer)| answer.1.status == 403 && answer.1.code() == "environment_sealed";
    let refused: BTreeSet<&str> = answers.iter().filter(refused).map(|(route, _)| route.as_str()).collect();
    insta::assert_json_snapshot!(refused, @r#"
    [
      "GET /config/{providerConfigKey}",
      "GET /connection/{connectionId}",
      "GET /connections/{connectionId}",
      "GET /environment-variables",
      "PATCH /integrations/{uniqueKey}",
      "POST /environment/webhook-signing-key/rotate"
    ]
    "#);
}
