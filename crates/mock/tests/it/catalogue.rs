//! Every shipped definition, as the product calls it.

use dovetail_catalog::Provider;
use dovetail_catalog::outgoing::CallBody;
use dovetail_model::AuthMode;
use http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{World, get};

const JSON: &[u8] = br#"{"title":"demo"}"#;

/// Providers of the modes that the simulator knows.
fn simulated(provider: &Provider) -> bool {
    matches!(provider.auth_mode(), AuthMode::ApiKey | AuthMode::Basic | AuthMode::None)
}

/// Providers that have requests of their own.
fn callable(provider: &Provider) -> bool {
    simulated(provider) && provider.proxy.base_url.is_some()
}

#[test]
fn every_demo_value_satisfies_its_field() {
    let world = World::shared();
    let catalog = world.catalog.current();
    assert!(catalog.len() >= 36);
    for demo in world.simulator.credentials() {
        let provider = catalog.get(&demo.provider).expect("a listed provider exists");
        let (section, name) = demo.field.split_once('.').expect("a field has a section");
        let fields =
            if section == "credentials" { &provider.credentials } else { &provider.connection_config };
        let Some(rule) = fields.get(name) else { continue };
        let what = format!("{} {} = {:?}", demo.provider, demo.field, demo.value);
        assert!(rule.pattern.as_ref().is_none_or(|p| p.matches(&demo.value)), "{what}");
        assert!(rule.options.is_empty() || rule.options.contains(&demo.value), "{what}");
        assert!(rule.hidden || !demo.value.is_empty(), "{what}");
    }
}

#[test]
fn every_field_that_a_person_must_fill_has_a_demo_value() {
    let world = World::shared();
    let listed: Vec<(String, String)> =
        world.simulator.credentials().into_iter().map(|d| (d.provider, d.field)).collect();
    for provider in world.catalog.current().providers() {
        let provider = &*provider;
        for (section, fields) in
            [("credentials", &provider.credentials), ("connection_config", &provider.connection_config)]
        {
            for (name, rule) in fields.iter() {
                let field = (provider.id().to_owned(), format!("{section}.{name}"));
                let must = !rule.hidden && !rule.automated && !rule.optional;
                assert!(!must || listed.contains(&field), "{field:?}");
            }
        }
    }
}

#[tokio::test]
async fn good_credentials_are_verified() {
    let world = World::shared();
    let mut verified = 0;
    for provider in world.catalog.current().providers().filter(|p| simulated(p)) {
        let provider = &*provider;
        let linked = world.linked(provider);
        for answer in world.verify(provider, &linked).await {
            assert_eq!(answer.status, StatusCode::OK, "{}: {}", provider.id(), answer.body);
            assert_eq!(answer.body.get("bodyBytes"), None, "{} is echoed, not verified", provider.id());
            assert_eq!(answer.headers["dovetail-simulated"], named(provider), "{}", provider.id());
            verified += 1;
        }
    }
    assert!(verified >= 25, "{verified}");
}

/// Who answers for a provider: two that share host, path and key cannot be told apart.
fn named(provider: &Provider) -> &str {
    if provider.id() == "readwise-reader" { "readwise" } else { provider.id() }
}

/// Whether wrong credentials show: YouCanBookMe answers strangers too.
fn shows_credentials(provider: &Provider) -> bool {
    !matches!(provider.id(), "youcanbook-me" | "youcanbook-me-public" | "unauthenticated")
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let world = World::shared();
    for provider in world.catalog.current().providers().filter(|p| callable(p) && shows_credentials(p)) {
        let provider = &*provider;
        let linked = world.linked(provider).with_wrong_credentials();
        for answer in world.verify(provider, &linked).await {
            assert_refused(provider, answer.status);
        }
        let answer = world.call(provider, &linked, "POST", "/things", &[], CallBody::Bytes(JSON)).await;
        assert_refused(provider, answer.status);
    }
}

fn assert_refused(provider: &Provider, status: StatusCode) {
    // A private API may be anywhere, so nobody knows its refusal.
    let expected = match provider.id() {
        "private-api-generic" => 404,
        "active-campaign" | "algolia" | "datadog" | "google-maps" | "resend" => 403,
        "google-gemini" => 400,
        "mandrill" => 500,
        _ => 401,
    };
    assert_eq!(status.as_u16(), expected, "{}", provider.id());
}

#[tokio::test]
async fn every_other_call_is_echoed() {
    let world = World::shared();
    for provider in world.catalog.current().providers().filter(|p| callable(p)) {
        let provider = &*provider;
        let linked = world.linked(provider);
        let headers = [
            ("content-type".to_owned(), "application/json".to_owned()),
            ("x-own".to_owned(), "1".to_owned()),
        ];
        let answer = world
            .call(provider, &linked, "POST", "/things?a=1&b=x%20y", &headers, CallBody::Bytes(JSON))
            .await;
        let id = provider.id();
        assert_eq!(answer.status, StatusCode::OK, "{id}: {}", answer.body);
        let echo = &answer.body;
        // Entries that share host and key cannot be told apart.
        let named = world.catalog.current().shared(echo["provider"].as_str().unwrap_or_default());
        assert!(named.is_some(), "{id}: {echo}");
        assert_eq!(echo["method"], "POST");
        assert_eq!(echo["headers"]["x-own"], "1");
        assert_eq!(echo["query"]["a"], "1", "{id}");
        assert_eq!(echo["query"]["b"], "x y", "{id}");
        assert!(
            echo["url"].as_str().is_some_and(|u| u.starts_with("https://") && u.contains("/things?")),
            "{id}"
        );
        let sent: Value = serde_json::from_str(echo["body"].as_str().unwrap_or_default()).unwrap();
        assert_eq!(sent["title"], "demo", "{id}");
    }
}

#[tokio::test]
async fn missing_credentials_are_refused() {
    let world = World::shared();
    let answer = world.send(get("https://coda.io/apis/v1/whoami", &[])).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.body["statusCode"], 401);
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn the_customers_part_of_a_host_may_be_anything() {
    let world = World::shared();
    let catalog = world.catalog.current();
    for (id, name, value) in [
        ("zendesk-api-key", "subdomain", "globex"),
        ("gitlab-pat", "hostname", "git.globex.example"),
        ("bamboohr-basic", "subdomain", "globex"),
        ("woocommerce", "storeURL", "globex.example/shop"),
    ] {
        let provider = catalog.get(id).expect("shipped");
        let mut linked = world.linked(provider);
        linked.config.insert(name.to_owned(), value.into());
        let answers = world.verify(provider, &linked).await;
        assert_eq!(answers[0].status, StatusCode::OK, "{id}: {}", answers[0].body);
        let refused = world.verify(provider, &linked.with_wrong_credentials()).await;
        assert_eq!(refused[0].status, StatusCode::UNAUTHORIZED, "{id}");
    }
}

#[tokio::test]
async fn a_signature_of_another_time_is_refused() {
    let world = World::shared();
    let catalog = world.catalog.current();
    let provider = catalog.get("cisco-duo-admin").expect("shipped");
    let linked = world.linked(provider);
    let call = |headers: Vec<(String, String)>| {
        let (world, provider, linked) = (&world, provider, &linked);
        async move {
            world.call(provider, linked, "GET", "/admin/v1/users?limit=1", &headers, CallBody::Absent).await
        }
    };
    assert_eq!(call(vec![]).await.status, StatusCode::OK);
    let stale = vec![("date".to_owned(), "Mon, 02 Feb 2026 04:05:06 +0000".to_owned())];
    assert_eq!(call(stale).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_sender_chooses_the_status_of_an_echo() {
    let world = World::shared();
    let auth = ("authorization", "Bearer demo-key");
    let by_header = get("https://coda.io/apis/v1/docs", &[auth, ("dovetail-mock-status", "418")]);
    assert_eq!(world.send(by_header).await.status.as_u16(), 418);
    let by_query = get("https://coda.io/apis/v1/docs?__status=503", &[auth]);
    assert_eq!(world.send(by_query).await.status.as_u16(), 503);
    let nonsense = get("https://coda.io/apis/v1/docs?__status=99", &[auth]);
    assert_eq!(world.send(nonsense).await.status.as_u16(), 400);
}

#[tokio::test]
async fn an_unknown_host_is_told_so() {
    let world = World::shared();
    let answer = world.send(get("https://nobody.example/x", &[])).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(
        answer.body,
        json!({"error": {"code": "unknown_host", "message": "nobody.example belongs to no provider of the catalogue."}})
    );
}
