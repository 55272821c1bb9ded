//! `POST /connections` and `POST /connection` (http-api.md 2.7, 2.9, 6 vectors 54 to 56).

use dovetail_model::Scope;
use serde_json::{Value, json};

use crate::kit::{Answer, Service, TestApp};

async fn import(app: &TestApp, body: Value) -> Answer {
    app.post("/connections").bearer(&app.key).json(body).send().await
}

#[tokio::test]
async fn tokens_are_stored_as_they_were_sent() {
    let app = TestApp::new().await;
    app.integration("kit", "kit-oauth2").await;
    let answer = import(
        &app,
        json!({
            "provider_config_key": "kit", "credentials": {"type": "OAUTH2", "access_token": "t"},
            "end_user": {"id": "u", "tags": {"Team": "Ops"}}
        }),
    )
    .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let body = answer.json();
    let id = body["connection_id"].clone();
    assert_eq!(
        body,
        json!({
            "id": 1, "connection_id": id, "provider_config_key": "kit", "provider": "kit-oauth2", "errors": [],
            "end_user": {"id": "u", "display_name": null, "email": null, "tags": {"Team": "Ops"}, "organization": null},
            "tags": {"end_user_id": "u", "team": "Ops"}, "metadata": {}, "connection_config": {},
            "webhook_url_override": null, "created_at": "2026-02-03T04:05:06.789Z",
            "updated_at": "2026-02-03T04:05:06.789Z", "last_fetched_at": null,
            "credentials": {"type": "OAUTH2", "access_token": "t", "raw": {"type": "OAUTH2", "access_token": "t"}}
        })
    );
}

#[tokio::test]
async fn keys_are_tested_and_an_import_of_the_same_id_overwrites() {
    let service = Service::start().await;
    let app = TestApp::calling(&service).await;
    app.integration("coda", "coda").await;
    let body = |key: &str| {
        json!({
            "provider_config_key": "coda", "connection_id": "conn-42", "metadata": {"a": 1}, "tags": {"t": "1"},
            "credentials": {"type": "API_KEY", "apiKey": key}
        })
    };
    assert_eq!(import(&app, body("k_old_1")).await.status, 201);
    service.answers(403, "{}");
    let refused = import(&app, body("k_bad_1")).await;
    refused.refused(400, "connection_test_failed");
    let again = json!({
        "provider_config_key": "coda", "connection_id": "conn-42", "credentials": {"type": "API_KEY", "apiKey": "k_new_1"}
    });
    let answer = import(&app, again).await.json();
    assert_eq!(answer["credentials"]["apiKey"], "k_new_1");
    assert_eq!((&answer["metadata"], &answer["tags"]), (&json!({"a": 1}), &json!({"t": "1"})));
    assert_eq!(service.seen().len(), 3);
}

#[tokio::test]
async fn each_type_names_what_it_lacks() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    for (kind, fields) in [
        ("OAUTH2", vec!["access_token"]),
        ("OAUTH2_CC", vec!["token", "client_id", "client_secret"]),
        ("BASIC", vec!["username", "password"]),
        ("APP", vec!["app_id", "installation_id"]),
    ] {
        let answer =
            import(&app, json!({"provider_config_key": "coda", "credentials": {"type": kind}})).await;
        answer.refused(400, "invalid_body");
        let expected: Vec<Value> = fields
            .iter()
            .map(|field| {
                json!({"code": "invalid_type", "message": "Invalid input: expected string, received undefined", "path": ["credentials", field]})
            })
            .collect();
        assert_eq!(answer.json()["error"]["errors"], json!(expected), "{kind}");
    }
    let unknown =
        import(&app, json!({"provider_config_key": "coda", "credentials": {"type": "AWS_SIGV4"}})).await;
    assert_eq!(
        unknown.json()["error"]["errors"],
        json!([{"code": "invalid_union", "message": "Invalid input", "path": ["credentials", "type"]}])
    );
    let more =
        import(&app, json!({"provider_config_key": "coda", "credentials": {"type": "NONE", "foo": 1}})).await;
    assert_eq!(
        more.json()["error"]["errors"],
        json!([{"code": "unrecognized_keys", "message": "Unrecognized key: \"foo\"", "path": ["credentials"]}])
    );
}

#[tokio::test]
async fn rules_beyond_the_schema_are_told_in_a_sentence() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    let key = json!({"type": "API_KEY", "apiKey": "k"});
    import(&app, json!({"provider_config_key": "nope", "credentials": key})).await.refused(404, "not_found");
    for credentials in
        [json!({"type": "NONE"}), json!({"type": "APP", "app_id": "1", "installation_id": "2"})]
    {
        let answer = import(&app, json!({"provider_config_key": "coda", "credentials": credentials})).await;
        answer.refused(400, "invalid_body");
        assert!(answer.json()["error"]["message"].is_string());
    }
    app.integration("ordinal", "ordinal").await;
    let answer = import(&app, json!({"provider_config_key": "ordinal", "credentials": key})).await;
    answer.refused(400, "invalid_body");
    assert_eq!(answer.json()["error"]["errors"][0]["path"], json!(["credentials", "apiKey"]));
}

#[tokio::test]
async fn only_a_key_with_the_scope_may_import() {
    let app = TestApp::new().await;
    let body = json!({"provider_config_key": "coda", "credentials": {"type": "NONE"}});
    let key = app.key_with(&[Scope::CONNECTIONS_READ]).await;
    for path in ["/connections", "/connection"] {
        app.post(path).json(body.clone()).send().await.refused(401, "missing_auth_header");
        app.post(path).bearer(&key).json(body.clone()).send().await.refused(403, "forbidden");
    }
    app.integration("open", "unauthenticated").await;
    let body = json!({"provider_config_key": "open", "credentials": {"type": "NONE"}});
    app.post("/connections").bearer(&app.prod_key).json(body.clone()).send().await.refused(404, "not_found");
    app.post("/connections?x=1")
        .bearer(&app.key)
        .json(body)
        .send()
        .await
        .refused(400, "invalid_query_params");
}

async fn legacy(app: &TestApp, body: Value) -> Answer {
    app.post("/connection").bearer(&app.key).json(body).send().await
}

#[tokio::test]
async fn the_flat_import_echoes_its_body() {
    let app = TestApp::new().await;
    app.integration("kit", "kit-oauth2").await;
    let body = json!({
        "provider_config_key": "kit", "connection_id": "c", "access_token": "t", "refresh_token": "r",
        "expires_in": "3600", "connection_config": {"oauth_scopes_override": "a,b"}, "unknown": true
    });
    let answer = legacy(&app, body.clone()).await;
    assert_eq!((answer.status, answer.json()), (201, body));
    let path = "/connections/c?provider_config_key=kit&refresh_token=true";
    let stored = app.get(path).bearer(&app.key).send().await.json();
    assert_eq!(stored["credentials"]["expires_at"], "2026-02-03T05:05:06.789Z");
    assert_eq!(stored["connection_config"], json!({"oauth_scopes_override": ["a", "b"]}));
    app.integration("coda", "coda").await;
    let made = legacy(&app, json!({"provider_config_key": "coda", "api_key": "k"})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert!(dovetail_model::names::is_uuid_v4(made.json()["connection_id"].as_str().unwrap()));
}

#[tokio::test]
async fn the_flat_import_names_what_it_lacks_in_the_older_envelope() {
    let app = TestApp::new().await;
    for (key, provider) in [("kit", "kit-oauth2"), ("coda", "coda"), ("desk", "freshdesk")] {
        app.integration(key, provider).await;
    }
    for (body, status, code) in [
        (json!({}), 400, "missing_provider_config"),
        (json!({"provider_config_key": "nope"}), 400, "unknown_provider_config"),
        (json!({"provider_config_key": "kit"}), 400, "missing_access_token"),
        (json!({"provider_config_key": "kit", "access_token": "t"}), 400, "missing_expires_at"),
        (
            json!({"provider_config_key": "kit", "access_token": "t", "expires_at": "soon"}),
            400,
            "invalid_expires_at",
        ),
        (
            json!({"provider_config_key": "kit", "access_token": "t", "expires_in": u64::MAX}),
            400,
            "invalid_expires_at",
        ),
        (json!({"provider_config_key": "coda"}), 400, "missing_api_key"),
        (json!({"provider_config_key": "desk"}), 400, "missing_basic_username"),
    ] {
        let answer = legacy(&app, body).await;
        answer.refused(status, code);
        assert_eq!(answer.json()["error"]["payload"], json!({}), "{code}");
    }
    let url = json!({"provider_config_key": "coda", "api_key": "k", "webhook_url_override": "x"});
    legacy(&app, url).await.refused(400, "invalid_body");
    let permanent = json!({"provider_config_key": "kit", "access_token": "t", "no_expiration": true});
    assert_eq!(legacy(&app, permanent).await.status, 201);
}
