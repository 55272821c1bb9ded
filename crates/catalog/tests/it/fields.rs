//! Form fields and server-side validation (providers.md section 3).

use dovetail_catalog::{
    Accepted, Field, FieldIssue, FormContext, IssueRule, PatchKind, Provider, Submission, form_fields,
    validate, validate_integration_config,
};
use serde_json::{Map, Value, json};

use crate::support::provider;

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.name.as_str()).collect()
}

fn submit(provider: &Provider, credentials: Value, config: Value) -> Result<Accepted, Vec<FieldIssue>> {
    validate(
        provider,
        &FormContext::default(),
        Submission {
            credentials: &object(credentials),
            connection_config: &object(config),
            assertion_option: &Map::new(),
        },
    )
}

fn rules(outcome: Result<Accepted, Vec<FieldIssue>>) -> Vec<(String, IssueRule)> {
    outcome.err().unwrap_or_default().into_iter().map(|issue| (issue.name, issue.rule)).collect()
}

const SHOP: &str = "
auth_mode: BASIC
credentials:
  password: {type: string, title: Token, pattern: '^[a-z]+$', order: 1}
  extra: {type: string, title: Extra, optional: true}
  filled: {type: string, title: '', automated: true}
connection_config:
  region: {type: string, title: Region, enum: [eu, us]}
  host: {type: string, title: Host, format: hostname, order: 2}
  site: {type: string, title: Site, default_value: main, order: 1}
  quiet: {type: string, title: '', hidden: true, default_value: x}
proxy: {base_url: 'https://${connectionConfig.host}/${connectionConfig.site}'}
";

#[test]
fn ordered_config_comes_first_then_base_then_further_fields() {
    let fields = form_fields(&provider(SHOP), &FormContext::default());
    assert_eq!(names(&fields), ["site", "host", "username", "password", "extra", "region", "quiet"]);
    let orders: Vec<i64> = fields.iter().map(|field| field.order).collect();
    assert_eq!(orders, [1, 2, 100, 101, 102, 103, 104]);
    assert_eq!(fields[2].title, "User name");
    assert_eq!(fields[3].title, "Token");
    assert!(fields[3].secret, "a password is secret even when its definition does not say so");
    assert_eq!(fields[5].initial.as_deref(), Some("eu"));
    assert_eq!(fields[0].initial.as_deref(), Some("main"));
    assert!(fields[6].hidden);
}

#[test]
fn a_session_default_hides_and_fills_its_field() {
    let defaults = object(json!({"host": "a.test"}));
    let context = FormContext { defaults: Some(&defaults), ..FormContext::default() };
    let fields = form_fields(&provider(SHOP), &context);
    let host = fields.iter().find(|field| field.name == "host").unwrap();
    assert!(host.hidden && host.preconfigured);
    assert_eq!(host.initial.as_deref(), Some("a.test"));
}

#[test]
fn modes_bring_their_own_fields() {
    let fields = |yaml: &str| form_fields(&provider(yaml), &FormContext::default());
    assert_eq!(names(&fields("auth_mode: API_KEY")), ["apiKey"]);
    assert_eq!(names(&fields("auth_mode: OAUTH2_CC")), ["client_id", "client_secret"]);
    assert_eq!(
        names(&fields("auth_mode: OAUTH2_CC\nrequire_client_certificate: true")),
        ["client_id", "client_secret", "client_certificate", "client_private_key"]
    );
    let by_key = fields("auth_mode: OAUTH2_CC\ntoken_request_auth_method: private_key_jwt");
    assert!(by_key[1].hidden && by_key[1].optional);
    assert_eq!(
        names(&fields("auth_mode: TBA")),
        ["oauth_client_id_override", "oauth_client_secret_override", "token_id", "token_secret"]
    );
    assert_eq!(names(&fields("auth_mode: BILL")), ["username", "password", "organization_id", "dev_key"]);
    assert_eq!(names(&fields("auth_mode: AWS_SIGV4")), ["role_arn"]);
    for mode in ["NONE", "OAUTH2", "OAUTH1", "APP", "CUSTOM", "JWT", "TWO_STEP", "INSTALL_PLUGIN"] {
        assert!(fields(&format!("auth_mode: {mode}")).is_empty(), "{mode}");
    }
}

#[test]
fn two_step_asks_what_the_integration_has_not_filled() {
    let sage = provider(
        "auth_mode: TWO_STEP\nintegration_config:\n  clientId: {type: string, title: Client, optional: true}\ncredentials:\n  user: {type: string, title: User}\n",
    );
    let fields = form_fields(&sage, &FormContext::default());
    assert_eq!(names(&fields), ["user", "clientId"]);
    assert!(!fields[1].optional);
    let filled = ["clientId".to_owned()];
    let context = FormContext { preconfigured_credentials: &filled, ..FormContext::default() };
    assert_eq!(names(&form_fields(&sage, &context)), ["user"]);
    assert_eq!(
        rules(submit(&sage, json!({"user": "u"}), json!({}))),
        [("clientId".to_owned(), IssueRule::Required)]
    );
}

#[test]
fn an_oauth_session_can_bring_its_own_app() {
    let defaults = object(json!({"oauth_client_id_override": "id", "oauth_client_secret_override": ""}));
    let context = FormContext { defaults: Some(&defaults), ..FormContext::default() };
    let fields = form_fields(&provider("auth_mode: OAUTH2"), &context);
    assert_eq!(names(&fields), ["oauth_client_id_override", "oauth_client_secret_override"]);
    assert!(fields[0].hidden && !fields[1].hidden && fields[1].optional);
}

#[test]
fn an_api_key_can_be_relabelled_by_the_integration() {
    let context = FormContext { api_key_label: Some("Workspace token"), ..FormContext::default() };
    let keyed = provider(
        "auth_mode: API_KEY\ncredentials:\n  apiKey: {type: string, title: API key, description: d, example: e}",
    );
    let fields = form_fields(&keyed, &context);
    assert_eq!(
        (fields[0].title.as_str(), &fields[0].description, &fields[0].placeholder),
        ("Workspace token", &None, &None)
    );
}

#[test]
fn good_values_pass_and_defaults_are_applied() {
    let accepted = submit(
        &provider(SHOP),
        json!({"username": "", "password": "abc", "unknown": 1}),
        json!({"region": "eu", "host": "a.test", "more": "kept"}),
    )
    .unwrap();
    assert_eq!(accepted.credentials["unknown"], 1);
    assert_eq!(
        Value::Object(accepted.connection_config),
        json!({"region": "eu", "host": "a.test", "more": "kept", "site": "main", "quiet": "x"})
    );
}

#[test]
fn every_rule_refuses_what_it_forbids() {
    let outcome = submit(
        &provider(SHOP),
        json!({"username": "u", "password": "ABC"}),
        json!({"region": "mars", "host": "https://a.test/x"}),
    );
    assert_eq!(
        rules(outcome),
        [
            ("password".to_owned(), IssueRule::Pattern),
            ("region".to_owned(), IssueRule::Options),
            ("host".to_owned(), IssueRule::Format),
        ]
    );
    let missing = submit(&provider(SHOP), json!({"username": "u"}), json!({"host": 5}));
    assert_eq!(
        rules(missing),
        [
            ("password".to_owned(), IssueRule::Required),
            ("region".to_owned(), IssueRule::Required),
            ("host".to_owned(), IssueRule::Type),
        ]
    );
}

#[test]
fn messages_name_the_field_and_never_the_value() {
    let issues = submit(
        &provider(SHOP),
        json!({"username": "u", "password": "S3CRET"}),
        json!({"region": "eu", "host": "a.b"}),
    );
    let issues = issues.unwrap_err();
    assert_eq!(issues[0].message, "Token does not have the expected form");
    assert!(!format!("{issues:?}").contains("S3CRET"));
}

#[test]
fn an_api_key_has_one_to_1024_characters() {
    let keyed = provider("auth_mode: API_KEY");
    assert_eq!(rules(submit(&keyed, json!({}), json!({}))), [("apiKey".to_owned(), IssueRule::Required)]);
    assert_eq!(
        rules(submit(&keyed, json!({"apiKey": ""}), json!({}))),
        [("apiKey".to_owned(), IssueRule::Required)]
    );
    assert_eq!(
        rules(submit(&keyed, json!({"apiKey": "k".repeat(1025)}), json!({}))),
        [("apiKey".to_owned(), IssueRule::Length)]
    );
    assert!(submit(&keyed, json!({"apiKey": "k".repeat(1024)}), json!({})).is_ok());
}

#[test]
fn a_hidden_value_that_lands_in_a_host_is_still_checked() {
    let okta = provider(
        "auth_mode: API_KEY\nconnection_config:\n  sub: {type: string, title: '', hidden: true}\nproxy: {base_url: 'https://${connectionConfig.sub}.okta.test'}\n",
    );
    let outcome = submit(&okta, json!({"apiKey": "k"}), json!({"sub": "evil.test#"}));
    assert_eq!(rules(outcome), [("sub".to_owned(), IssueRule::Host)]);
    for (value, fits) in [("acme", true), ("acme/x", false), ("acme:443", false), ("https://acme", false)] {
        assert_eq!(submit(&okta, json!({"apiKey": "k"}), json!({ "sub": value })).is_ok(), fits, "{value}");
    }
}

#[test]
fn a_jwt_key_may_come_in_parts_and_client_secrets_are_left_to_their_mode() {
    let ghost = provider("auth_mode: JWT\ncredentials:\n  privateKey: {type: string, title: Key}\n");
    assert!(submit(&ghost, json!({"privateKey": {"id": "1", "secret": "2"}}), json!({})).is_ok());
    assert!(submit(&ghost, json!({"privateKey": 5}), json!({})).is_err());
    assert!(submit(&provider("auth_mode: OAUTH2_CC"), json!({"client_id": "c"}), json!({})).is_ok());
    let tba = submit(&provider("auth_mode: TBA"), json!({"token_id": "t"}), json!({}));
    assert_eq!(rules(tba), [("token_secret".to_owned(), IssueRule::Required)]);
}

#[test]
fn named_shapes_are_recognised() {
    let shaped = |format: &str, value: &str| {
        let sample = provider(&format!(
            "auth_mode: NONE\nconnection_config:\n  v: {{type: string, title: V, format: {format}}}\n"
        ));
        submit(&sample, json!({}), json!({ "v": value })).is_ok()
    };
    assert!(shaped("uuid", "2f0d6a52-7f3f-4b1c-8a52-0f1f2a9d7c11"));
    assert!(!shaped("uuid", "2f0d6a527f3f4b1c8a520f1f2a9d7c11"));
    assert!(!shaped("uuid", "2f0d6a52-7f3f-0b1c-8a52-0f1f2a9d7c11"));
    assert!(shaped("email", "pia.o'neil+x@mail.acme.test"));
    for broken in ["pia", "pia@acme", "pia@@acme.test", ".pia@acme.test", "pia@-acme.test", "pi a@acme.test"]
    {
        assert!(!shaped("email", broken), "{broken}");
    }
    assert!(shaped("uri", "https://a.test/x") && !shaped("uri", "a.test"));
    assert!(shaped("hostname", "a-b.test") && !shaped("hostname", "a_b.test"));
}

const CUSTOM: &str = "
auth_mode: AWS_SIGV4
integration_config:
  service: {type: string, title: Service, pattern: '^[a-z0-9-]+$'}
  mode: {type: string, title: Mode, enum: [builtin, custom], default_value: builtin, optional: true}
  key: {type: string, title: Key, secret: true, visible_when: {field: mode, equals: builtin}, optional: true}
  auth: {type: string, title: Auth, enum: [none, basic], default_value: none, optional: true, visible_when: {field: mode, equals: custom}}
  password: {type: string, title: Password, visible_when: {field: auth, equals: basic}}
  url: {type: string, title: URL, format: uri, optional: true}
";

#[test]
fn settings_follow_their_conditions() {
    let aws = provider(CUSTOM);
    let create = |submitted: Value| {
        validate_integration_config(&aws, PatchKind::Create, &Map::new(), &object(submitted))
    };
    assert_eq!(
        Value::Object(create(json!({"service": "s3"})).unwrap()),
        json!({"service": "s3", "mode": "builtin"})
    );
    let issues = create(json!({"service": "s3", "mode": "custom", "auth": "basic"})).unwrap_err();
    assert_eq!((issues[0].name.as_str(), issues[0].rule), ("password", IssueRule::Required));
    // The controller `auth` is itself not shown: its dependant is not asked.
    assert!(create(json!({"service": "s3", "mode": "builtin", "auth": "basic"})).is_ok());
    for (submitted, rule) in [
        (json!({"service": "S3"}), IssueRule::Pattern),
        (json!({"service": "s3", "mode": "x"}), IssueRule::Options),
        (json!({"service": "s3", "other": "x"}), IssueRule::Unknown),
        (json!({"service": "s3", "url": "ftp://a"}), IssueRule::Format),
        (json!({"service": 3}), IssueRule::Type),
        (json!({}), IssueRule::Required),
        (json!({"service": "s".repeat(9000)}), IssueRule::Length),
    ] {
        assert_eq!(create(submitted.clone()).unwrap_err()[0].rule, rule, "{submitted}");
    }
}

#[test]
fn a_patch_keeps_what_it_does_not_touch() {
    let aws = provider(CUSTOM);
    let stored = object(json!({"service": "s3", "mode": "builtin", "key": "k"}));
    let patched =
        validate_integration_config(&aws, PatchKind::Patch, &stored, &object(json!({"key": ""}))).unwrap();
    assert_eq!(Value::Object(patched), json!({"service": "s3", "mode": "builtin"}));
    let patched =
        validate_integration_config(&aws, PatchKind::Patch, &stored, &object(json!({"service": "iam"})))
            .unwrap();
    assert_eq!(Value::Object(patched), json!({"service": "iam", "mode": "builtin", "key": "k"}));
}
