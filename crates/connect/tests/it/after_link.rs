//! What is found out once an account is linked (auth-modes.md section 23): every routine against a scripted service.

use dovetail_connect::config;
use dovetail_connect::limits::ROUTINE_TOTAL;
use dovetail_connect::obtain::Party;
use dovetail_connect::routines::RoutineError;
use dovetail_connect::routines::after_link::{Setup, after_link};
use dovetail_model::{Credentials, SeededRandom, Timestamp};
use serde_json::{Value, json};

use crate::overlay::{credentials, integration, map, provider, providers};
use crate::service::{Reply, Service};

/// `{"tid":"0a1b-tenant","corpId":77,"authentication_event_id":"event-2"}`, unsigned.
const JWT: &str = "eyJhbGciOiJub25lIn0.eyJ0aWQiOiIwYTFiLXRlbmFudCIsImNvcnBJZCI6NzcsImF1dGhlbnRpY2F0aW9uX2V2ZW50X2lkIjoiZXZlbnQtMiJ9.c2ln";

struct Case {
    provider: &'static str,
    config: Value,
    replies: &'static [Reply],
    /// What is asked, in order.
    asked: &'static [&'static str],
    set: Value,
    remove: &'static [&'static str],
}

const NONE: &[Reply] = &[];

fn case(
    provider: &'static str,
    replies: &'static [Reply],
    asked: &'static [&'static str],
    set: Value,
) -> Case {
    Case { provider, config: json!({}), replies, asked, set, remove: &[] }
}

#[expect(clippy::too_many_lines, reason = "one entry a provider")]
fn cases() -> Vec<Case> {
    vec![
        case("adobe-umapi", NONE, &[], json!({"clientId": "client-1"})),
        case(
            "attio",
            &[Reply(200, "", r#"{"active":true,"workspace_id":"w-1"}"#)],
            &["GET https://api.attio.com/v2/self"],
            json!({"workspace_id": "w-1"}),
        ),
        case(
            "basecamp",
            &[Reply(200, "", r#"{"accounts":[{"id":99,"name":"Acme"}]}"#)],
            &["GET https://launchpad.37signals.com/authorization.json"],
            json!({"accountId": "99", "accounts": [{"id": 99, "name": "Acme"}]}),
        ),
        Case {
            config: json!({"username": "pia", "password": "hush-hush", "restUrl": "https://rest.test"}),
            remove: &["username", "password"],
            ..case("bullhorn", NONE, &[], json!({}))
        },
        case(
            "calendly",
            &[Reply(
                200,
                "",
                r#"{"resource":{"current_organization":"https://api.calendly.com/organizations/ORG1"}}"#,
            )],
            &["GET https://api.calendly.com/users/me"],
            json!({"organizationId": "ORG1"}),
        ),
        case(
            "candis",
            &[Reply(200, "", r#"{"id":"org-1","name":"Acme"}"#)],
            &["GET https://api.candis.io/v1/organizations/info"],
            json!({"organizationId": "org-1"}),
        ),
        case(
            "checkr-partner",
            &[Reply(200, "", r#"{"data":[{"custom_id":"hq"}]}"#)],
            &["GET https://api.checkr.com/v1/nodes?page=1&per_page=1"],
            json!({"accountHierarchyEnabled": true}),
        ),
        case(
            "checkr-partner-staging",
            &[Reply(200, "", r#"{"data":[]}"#)],
            &["GET https://api.checkr-staging.com/v1/nodes?page=1&per_page=1"],
            json!({"accountHierarchyEnabled": false}),
        ),
        case("docusign", USERINFO, &["GET https://account.docusign.com/oauth/userinfo"], docusign()),
        case(
            "docusign-sandbox",
            USERINFO,
            &["GET https://account-d.docusign.com/oauth/userinfo"],
            docusign(),
        ),
        case(
            "github-app-oauth",
            &[Reply(200, "", r#"{"login":"pia","id":7}"#)],
            &["GET https://api.github.com/user"],
            json!({"handle": "pia", "userCredentials": user().to_stored()}),
        ),
        case(
            "google-calendar",
            &[Reply(200, "", r#"{"id":"Pia@acme.test"}"#)],
            &["GET https://www.googleapis.com/calendar/v3/calendars/primary"],
            json!({"emailAddressHash": dovetail_connect::routines::email_address_hash("pia@acme.test")}),
        ),
        case(
            "google-calendar-mcp",
            &[Reply(200, "", r#"{"id":"pia@acme.test"}"#)],
            &["GET https://www.googleapis.com/calendar/v3/calendars/primary"],
            json!({"emailAddressHash": dovetail_connect::routines::email_address_hash("pia@acme.test")}),
        ),
        case(
            "google-mail",
            &[Reply(200, "", r#"{"emailAddress":"pia@acme.test"}"#)],
            &["GET https://gmail.googleapis.com/gmail/v1/users/me/profile"],
            json!({"emailAddressHash": dovetail_connect::routines::email_address_hash("pia@acme.test")}),
        ),
        case("gusto", COMPANY, &["GET https://api.gusto.com/v1/token_info"], json!({"companyUuid": "c-1"})),
        case(
            "gusto-demo",
            COMPANY,
            &["GET https://api.gusto-demo.com/v1/token_info"],
            json!({"companyUuid": "c-1"}),
        ),
        case("highlevel-white-label", NONE, &[], json!({"companyId": "co-1", "locationId": "lo-1"})),
        case("highlevel", NONE, &[], json!({"companyId": "co-1", "locationId": "lo-1"})),
        case(
            "hubspot",
            &[Reply(200, "", r#"{"portalId":123,"accountType":"STANDARD"}"#)],
            &["GET https://api.hubapi.com/account-info/v3/details"],
            json!({"portalId": 123}),
        ),
        Case {
            config: json!({"subdomain": "acme"}),
            ..case(
                "jira",
                &[Reply(200, "", SITES), Reply(200, "", r#"{"accountId":"user-1"}"#)],
                &[
                    "GET https://api.atlassian.com/oauth/token/accessible-resources",
                    "GET https://api.atlassian.com/ex/jira/cloud-2/rest/api/3/myself",
                ],
                json!({"cloudId": "cloud-2", "baseUrl": "https://acme.atlassian.net", "accountId": "user-1"}),
            )
        },
        case(
            "confluence",
            &[Reply(200, "", SITES), Reply(200, "", r#"{"accountId":"user-1"}"#)],
            &[
                "GET https://api.atlassian.com/oauth/token/accessible-resources",
                "GET https://api.atlassian.com/ex/confluence/cloud-1/wiki/rest/api/user/current",
            ],
            json!({"cloudId": "cloud-1", "baseUrl": "https://beta.atlassian.net", "accountId": "user-1"}),
        ),
        case(
            "atlassian-government-cloud",
            &[Reply(200, "", SITES), Reply(200, "", r#"{"accountId":"user-1"}"#)],
            &[
                "GET https://auth.atlassian-us-gov-mod.com/oauth/token/accessible-resources",
                "GET https://api.atlassian-us-gov-mod.com/ex/jira/cloud-1/rest/api/3/myself",
            ],
            json!({"cloudId": "cloud-1", "baseUrl": "https://beta.atlassian.net", "accountId": "user-1"}),
        ),
        case(
            "atlassian-service-account-oauth2",
            &[Reply(200, "", SITES), Reply(403, "", ""), Reply(403, "", "")],
            &[
                "GET https://api.atlassian.com/oauth/token/accessible-resources",
                "GET https://api.atlassian.com/ex/jira/cloud-1/rest/api/3/myself",
                "GET https://api.atlassian.com/ex/confluence/cloud-1/wiki/rest/api/user/current",
            ],
            json!({"cloudId": "cloud-1", "baseUrl": "https://beta.atlassian.net"}),
        ),
        Case {
            config: json!({"cloudId": "cloud-9"}),
            ..case(
                "atlassian-service-account-api-token",
                &[Reply(200, "", r#"{"accountId":"bot-1"}"#)],
                &["GET https://api.atlassian.com/ex/jira/cloud-9/rest/api/3/myself"],
                json!({"accountId": "bot-1"}),
            )
        },
        case(
            "jobber",
            &[Reply(200, "", r#"{"data":{"account":{"id":"acc-1"}}}"#)],
            &["POST https://api.getjobber.com/api/graphql"],
            json!({"accountId": "acc-1"}),
        ),
        case(
            "linear",
            &[Reply(200, "", r#"{"data":{"organization":{"id":"org-1"}}}"#)],
            &["POST https://api.linear.app/graphql"],
            json!({"organizationId": "org-1"}),
        ),
        case(
            "mailchimp",
            &[Reply(200, "", r#"{"dc":"us6","api_endpoint":"https://us6.api.mailchimp.com"}"#)],
            &["GET https://login.mailchimp.com/oauth2/metadata"],
            json!({"dc": "us6"}),
        ),
        case("microsoft-teams", NONE, &[], json!({"tenantId": "0a1b-tenant"})),
        Case {
            config: json!({"botHostTenantId": "host-tenant"}),
            ..case(
                "microsoft-teams-bot",
                &[Reply(200, "", r#"{"access_token":"bot-token-1","expires_in":3600}"#)],
                &["POST https://login.microsoftonline.com/host-tenant/oauth2/v2.0/token"],
                json!({"botFrameworkAccessToken":
                    {"access_token": "bot-token-1", "expires_in": 3600, "expires_at": 3_601_000}}),
            )
        },
        case("one-drive", SHAREPOINT, &[TENANT], sharepoint()),
        case("sharepoint-online", SHAREPOINT, &[TENANT], sharepoint()),
        case(
            "procore",
            &[Reply(200, "", r#"[{"id":5981,"name":"Acme"},{"id":2}]"#)],
            &["GET https://api.procore.com/rest/v1.0/companies"],
            json!({"companyId": "5981"}),
        ),
        case(
            "rippling-shop-app",
            &[Reply(200, "", "{}")],
            &["POST https://api.rippling.com/platform/api/mark_app_installed"],
            json!({}),
        ),
        Case {
            config: json!({"edition": "sage200extra"}),
            ..case(
                "sage-200",
                &[Reply(200, "", r#"[{"company_id":12,"site_id":"s-1"}]"#)],
                &["GET https://api.columbus.sage.com/uk/sage200extra/accounts/v1/sites"],
                json!({"company_id": "12", "site_id": "s-1"}),
            )
        },
        case("salesforce", NONE, &[], json!({})),
        case("sellsy", NONE, &[], json!({"corpid": 77})),
        case("sellsy-oauth2-cc", NONE, &[], json!({"corpid": 77})),
        Case {
            config: json!({"installation.uuid": "uuid-1", "pending": true, "hostname": "us.sentry.io"}),
            remove: &["pending"],
            ..case(
                "sentry-oauth",
                &[Reply(200, "", "{}")],
                &["PUT https://sentry.io/api/0/sentry-app-installations/uuid-1/"],
                json!({}),
            )
        },
        Case {
            config: json!({"snowflake_account_url": "acme-1.snowflakecomputing.com"}),
            ..case(
                "snowflake",
                &[Reply(200, "", r#"{"data":[["PIA"]]}"#)],
                &["POST https://acme-1.snowflakecomputing.com/api/v2/statements"],
                json!({"username": "PIA"}),
            )
        },
        case(
            "sophos-central",
            &[Reply(
                200,
                "",
                r#"{"id":"t-1","idType":"tenant","apiHosts":{"dataRegion":"https://api-eu01.central.sophos.com"}}"#,
            )],
            &["GET https://api.central.sophos.com/whoami/v1"],
            json!({"tenantId": "t-1", "dataRegion": "https://api-eu01.central.sophos.com"}),
        ),
        case(
            "workable",
            &[Reply(200, "", r#"{"accounts":[{"id":"1","subdomain":"acme"}]}"#)],
            &["GET https://www.workable.com/spi/v3/accounts"],
            json!({"subdomain": "acme"}),
        ),
        case("xero", TENANTS, &["GET https://api.xero.com/connections"], json!({"tenant_id": "tenant-2"})),
        Case {
            config: json!({"api_domain": "https://www.zohoapis.com.au"}),
            ..case("zoho", NONE, &[], json!({"extension": "com.au"}))
        },
    ]
}

const USERINFO: &[Reply] = &[Reply(
    200,
    "",
    r#"{"accounts":[{"account_id":"a","is_default":false,"base_uri":"https://eu.docusign.net"},
        {"account_id":"b","is_default":true,"base_uri":"https://na3.docusign.net"}]}"#,
)];
const COMPANY: &[Reply] = &[Reply(200, "", r#"{"scope":"x","resource":{"type":"Company","uuid":"c-1"}}"#)];
const SITES: &str = r#"[{"id":"cloud-1","name":"Beta","url":"https://beta.atlassian.net"},
    {"id":"cloud-2","name":"Alpha","url":"https://acme.atlassian.net"}]"#;
const TENANTS: &[Reply] = &[Reply(
    200,
    "",
    r#"[{"tenantId":"tenant-1","authEventId":"event-1"},{"tenantId":"tenant-2","authEventId":"event-2"}]"#,
)];
const TENANT: &str = "POST https://login.microsoftonline.com/0a1b-tenant/oauth2/v2.0/token";
const SHAREPOINT: &[Reply] =
    &[Reply(200, "", r#"{"access_token":"sp-1","expires_in":60,"refresh_token":"sp-refresh-1"}"#)];

fn docusign() -> Value {
    json!({"accountId": "b", "baseUri": "https://na3.docusign.net"})
}

fn sharepoint() -> Value {
    json!({"tenantId": "0a1b-tenant", "sharepointAccessToken":
        {"access_token": "sp-1", "expires_in": 60, "expires_at": 61_000, "refresh_token": "sp-refresh-1"}})
}

fn user() -> Credentials {
    credentials(json!({"type": "OAUTH2", "access_token": JWT, "refresh_token": "refresh-1",
        "raw": {"companyId": "co-1", "locationId": "lo-1", "api_domain": "https://www.zohoapis.eu/"}}))
}

/// Credentials of the provider's own kind.
fn credentials_of(id: &str) -> Credentials {
    match provider(id).auth_mode().credentials_type() {
        "OAUTH2_CC" => credentials(json!({"type": "OAUTH2_CC", "token": JWT, "client_id": "client-1",
            "client_secret": "client-secret-1", "raw": {}})),
        "API_KEY" => Credentials::api_key("key-12345"),
        "BASIC" => Credentials::basic("bot@acme.test", "token-12345"),
        "CUSTOM" => credentials(
            json!({"type": "CUSTOM", "app": {"type": "APP", "access_token": "app-token-1", "raw": {}},
            "user": user().to_stored(), "raw": {}}),
        ),
        _ => user(),
    }
}

async fn run(service: &Service, id: &str, config: &Value) -> Setup {
    run_with(service, id, "key", config, &credentials_of(id)).await
}

async fn run_with(
    service: &Service,
    id: &str,
    key: &str,
    config: &Value,
    credentials: &Credentials,
) -> Setup {
    let (provider, integration, config) = (provider(id), integration(key, id), map(config));
    let party = Party {
        egress: &service.egress,
        now: Timestamp(1_000),
        random: &SeededRandom::new(1),
        provider: &provider,
        integration: &integration,
        connection_id: "conn-42",
        connection_config: &config,
    };
    after_link(party, credentials).await.unwrap()
}

fn asked(service: &Service) -> Vec<String> {
    service.requests().into_iter().map(|(asked, _)| asked).collect()
}

#[tokio::test]
async fn every_routine_asks_and_keeps_what_it_should() {
    let service = Service::answering(NONE).await;
    for case in cases() {
        service.start_over(case.replies);
        let setup = run(&service, case.provider, &case.config).await;
        assert_eq!(setup.problem, None, "{}", case.provider);
        assert_eq!(Value::Object(setup.changes.set), case.set, "{}", case.provider);
        assert_eq!(setup.changes.remove, case.remove, "{}", case.provider);
        assert_eq!(asked(&service), case.asked, "{}", case.provider);
    }
}

#[test]
fn every_provider_that_names_a_routine_has_a_case() {
    let cases = cases();
    for provider in providers().iter().filter(|provider| provider.post_connection().is_some()) {
        assert!(cases.iter().any(|case| case.provider == provider.id()), "{}", provider.id());
    }
}

#[tokio::test]
async fn a_refusal_is_a_problem_and_nothing_is_kept_that_was_not_said() {
    let service = Service::answering([]).await;
    for case in cases().into_iter().filter(|case| !case.asked.is_empty()) {
        // Who linked it may stay unknown; the site was given.
        if case.provider == "atlassian-service-account-api-token" {
            continue;
        }
        service.start_over([Reply(
            403,
            "content-type: application/json\r\n",
            r#"{"message":"No scope for refresh-1"}"#,
        )]);
        let setup = run(&service, case.provider, &case.config).await;
        let problem = setup.problem.expect(case.provider).to_string();
        assert!(problem.contains("403") && problem.contains("No scope for"), "{}: {problem}", case.provider);
        // Known before anything is asked: the grant itself, and the tenant in the token.
        let kept: Vec<_> =
            setup.changes.set.keys().filter(|key| *key != "userCredentials" && *key != "tenantId").collect();
        assert!(kept.is_empty() && setup.changes.remove.is_empty(), "{}: {kept:?}", case.provider);
    }
}

#[tokio::test]
async fn an_answer_without_the_value_is_a_problem() {
    let service = Service::answering([]).await;
    let optional =
        ["gusto", "gusto-demo", "rippling-shop-app", "sentry-oauth", "atlassian-service-account-api-token"];
    for case in cases().into_iter().filter(|case| !case.asked.is_empty()) {
        for body in ["{}", "[]", "<html>", "null"] {
            service.start_over(vec![Reply(200, "", body)]);
            let setup = run(&service, case.provider, &case.config).await;
            let silent = optional.contains(&case.provider);
            let readable = body.starts_with(['{', '[', 'n']);
            if !(silent && (readable || setup.problem.is_none())) {
                assert!(setup.problem.is_some(), "{} took {body}", case.provider);
            }
        }
    }
}

#[tokio::test]
async fn what_was_given_is_neither_asked_for_nor_replaced() {
    let service = Service::answering([]).await;
    for (id, config) in [
        ("procore", json!({"companyId": "1"})),
        ("workable", json!({"subdomain": "mine"})),
        ("zoho", json!({"extension": "jp", "api_domain": "https://www.zohoapis.eu"})),
    ] {
        service.start_over([Reply(500, "", "")]);
        let setup = run(&service, id, &config).await;
        assert!(setup.problem.is_none() && setup.changes.is_empty(), "{id}: {setup:?}");
        assert!(asked(&service).is_empty(), "{id}");
    }
}

#[tokio::test]
async fn a_basecamp_account_that_was_chosen_stays_and_of_several_none_is_chosen() {
    let several = &[Reply(200, "", r#"{"accounts":[{"id":1},{"id":2}]}"#)];
    let one = &[Reply(200, "", r#"{"accounts":[{"id":1}]}"#)];
    for (replies, config) in [(&several[..], json!({})), (&one[..], json!({"accountId": "7"}))] {
        let setup = run(&Service::answering(replies).await, "basecamp", &config).await;
        assert_eq!(setup.changes.set.keys().collect::<Vec<_>>(), ["accounts"]);
    }
}

#[tokio::test]
async fn the_only_xero_tenant_is_taken_and_an_unknown_event_is_not_guessed() {
    let one = &[Reply(200, "", r#"[{"tenantId":"tenant-9","authEventId":"other"}]"#)];
    let setup = run(&Service::answering(one).await, "xero", &json!({})).await;
    assert_eq!(Value::Object(setup.changes.set), json!({"tenant_id": "tenant-9"}));
    let strangers =
        &[Reply(200, "", r#"[{"tenantId":"a","authEventId":"x"},{"tenantId":"b","authEventId":"y"}]"#)];
    let setup = run(&Service::answering(strangers).await, "xero", &json!({})).await;
    assert!(setup.problem.is_some() && setup.changes.is_empty());
}

#[tokio::test]
async fn the_provider_tells_a_sandbox_and_the_key_of_the_integration_does_not() {
    let service = Service::answering(USERINFO).await;
    run_with(&service, "docusign", "docusign-sandbox-eu", &json!({}), &user()).await;
    assert_eq!(asked(&service), ["GET https://account.docusign.com/oauth/userinfo"]);
}

#[tokio::test]
async fn credentials_are_shown_the_way_each_service_wants_them() {
    let service = Service::answering([]).await;
    for (id, config, needle) in [
        ("hubspot", json!({}), format!("authorization: Bearer {JWT}")),
        ("mailchimp", json!({}), format!("authorization: OAuth {JWT}")),
        ("checkr-partner", json!({}), format!("authorization: Basic {}", base64(&format!("{JWT}:")))),
        ("workable", json!({}), "authorization: Bearer key-12345".to_owned()),
        ("linear", json!({}), r#"{"query":"query { organization { id } }"}"#.to_owned()),
        (
            "sentry-oauth",
            json!({"installation.uuid": "u", "hostname": "sentry.io"}),
            r#"{"status":"installed"}"#.to_owned(),
        ),
        (
            "one-drive",
            json!({}),
            "scope=https%3A%2F%2F0a1b-tenant.sharepoint.com%2FSites.Read.All".to_owned(),
        ),
        ("one-drive", json!({}), "client_secret=app-secret-1".to_owned()),
        ("microsoft-teams-bot", json!({"botHostTenantId": "h"}), "grant_type=client_credentials".to_owned()),
    ] {
        service.start_over([Reply(200, "", "{}")]);
        run(&service, id, &config).await;
        let (_, request) = service.requests().remove(0);
        assert!(request.contains(&needle), "{id}: {request}");
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[tokio::test]
async fn tokens_that_a_routine_got_are_sealed() {
    let service = Service::answering(SHAREPOINT).await;
    let setup = run(&service, "one-drive", &json!({})).await;
    let update = config::split(&provider("one-drive"), setup.changes.set);
    assert_eq!(update.public.keys().collect::<Vec<_>>(), ["tenantId"]);
    assert_eq!(update.secret.keys().collect::<Vec<_>>(), ["sharepointAccessToken"]);
}

#[tokio::test]
async fn a_tenant_that_is_no_tenant_is_never_part_of_a_url() {
    let service = Service::answering(SHAREPOINT).await;
    let setup = run(&service, "microsoft-teams-bot", &json!({"botHostTenantId": "a/../../evil"})).await;
    assert!(setup.problem.is_some() && asked(&service).is_empty());
}

#[tokio::test]
async fn a_page_of_another_origin_is_no_answer() {
    let service = Service::answering(&[
        Reply(302, "location: https://elsewhere.test/\r\n", ""),
        Reply(200, "", r#"{"portalId":666}"#),
    ])
    .await;
    let setup = run(&service, "hubspot", &json!({})).await;
    assert!(setup.problem.is_some() && setup.changes.is_empty());
    assert!(!service.requests()[1].1.contains(JWT));
}

#[tokio::test]
async fn a_service_that_hangs_ends_after_ten_seconds_and_keeps_what_was_found() {
    let service = Service::answering(vec![Reply(200, "", SITES), Reply(0, "", "")]).await;
    let started = tokio::time::Instant::now();
    let config = json!({});
    let (setup, ()) = tokio::join!(run(&service, "jira", &config), async {
        service.asked(2).await;
        tokio::time::pause();
    });
    assert!(started.elapsed() >= ROUTINE_TOTAL && started.elapsed() < ROUTINE_TOTAL * 2);
    assert_eq!(setup.problem, Some(RoutineError::Late));
    assert_eq!(setup.changes.set.get("cloudId"), Some(&json!("cloud-1")));
}
