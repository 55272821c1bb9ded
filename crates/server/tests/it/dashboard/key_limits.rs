use dovetail_store::api_keys;
use serde_json::{Value, json};

use super::browser::Browser;
use crate::kit::TestApp;

const NEW: &str = "/dashboard/dev/settings/keys/new";

/// The limits of the newest key of `dev`, and its id.
async fn newest(app: &TestApp) -> (Value, String) {
    let mut db = app.state.store.read().await.unwrap();
    let key = api_keys::list(&mut db, Some(app.dev)).await.unwrap().pop().unwrap();
    (json!(key.limits.as_deref().cloned().unwrap_or_default()), key.id.to_string())
}

#[tokio::test]
async fn a_key_is_made_with_limits_told_in_words_and_edited() {
    let app = TestApp::new().await;
    app.integration("coda", "kit-webhooks").await;
    app.integration("linear", "kit-webhooks").await;
    let mut browser = Browser::signed_in(&app).await;
    assert!(browser.get(NEW).await.text().contains(r#"name="integration" value="linear""#));
    let fields = [
        ("display_name", "agent"),
        ("reach", "some"),
        ("integration", "coda"),
        ("tag_name", "team"),
        ("tag_value", "ops"),
        ("tag_name", ""),
        ("tag_value", ""),
        ("method", "GET"),
        ("paths", "/docs/*\r\n\r\n /docs/*/tables/** "),
        ("use_only", "true"),
        ("expires", "30"),
        ("rate", "60"),
    ];
    let answer = browser.submit(NEW, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let (limits, id) = newest(&app).await;
    let made = json!({
        "integrations": ["coda"], "tags": { "team": "ops" }, "methods": ["GET"],
        "paths": ["/docs/*/tables/**", "/docs/*"], "expires_at": "2026-03-05T04:05:06.789Z",
        "requests_per_minute": 60, "use_only": true,
    });
    let sorted = |limits: &Value| {
        let mut paths: Vec<String> = serde_json::from_value(limits["paths"].clone()).unwrap();
        paths.sort();
        paths
    };
    assert_eq!(sorted(&limits), sorted(&made));
    for name in ["integrations", "tags", "methods", "expires_at", "requests_per_minute", "use_only"] {
        assert_eq!(limits[name], made[name], "{name}");
    }
    let list = browser.get("/dashboard/dev/settings/keys").await.text();
    for words in
        ["only coda", "connections with team=ops", "GET calls", "60 requests a minute", "never shown secrets"]
    {
        assert!(list.contains(words), "{words}");
    }

    let edit = format!("/dashboard/dev/settings/keys/{id}");
    let page = browser.get(&edit).await.text();
    for part in
        [r#"value="coda" checked"#, r#"value="GET" checked"#, "/docs/*/tables/**", r#"value="2026-03-05""#]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains(r#"value="linear" checked"#));
    let fields = [("access", "chosen"), ("scope", "environment:proxy"), ("rate", "5")];
    assert_eq!(browser.submit(&edit, &fields).await.status, 303);
    assert_eq!(newest(&app).await.0, json!({ "requests_per_minute": 5 }));
    assert_eq!(browser.submit(&edit, &[("access", "full")]).await.status, 303);
    assert_eq!(newest(&app).await.0, json!({}));
    assert_eq!(browser.get(&edit.replace("/dev/", "/prod/")).await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_keeps_what_was_typed() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    for (wrong, told) in [
        (vec![("reach", "some")], "Choose at least one integration."),
        (vec![("paths", "docs")], "`docs` does not begin with `/`."),
        (vec![("paths", "/a/doc*")], "mixes `*` with other characters"),
        (vec![("tag_name", "9"), ("tag_value", "x")], "Invalid tag key `9`."),
        (vec![("expires", "date"), ("date", "soon")], "This is not a date."),
        (vec![("expires", "date"), ("date", "2020-01-01")], "This day is over."),
        (vec![("rate", "0")], "This is not a number from 1 to 1000000."),
    ] {
        let fields: Vec<_> = [("display_name", "agent")].into_iter().chain(wrong).collect();
        let answer = browser.submit(NEW, &fields).await;
        assert_eq!(answer.status, 400, "{told}");
        let page = answer.text();
        assert!(page.contains(told) && page.contains(r#"value="agent""#), "{told}: {page}");
    }
}

#[tokio::test]
async fn an_expired_key_is_told_as_such() {
    let app = TestApp::new().await;
    app.limited_key(json!({ "expires_at": "2026-01-01T00:00:00Z" })).await;
    let mut browser = Browser::signed_in(&app).await;
    assert!(browser.get("/dashboard/dev/settings/keys").await.text().contains("expired"));
}
