//! Testing credentials (connect.md 5.3).

use std::sync::Arc;

use dovetail_catalog::{CatalogHandle, Provider};
use dovetail_connect::verify::{Reason, Report, Subject, TestFailure, Verdict, verify};
use dovetail_egress::{Client, EgressConfig};
use dovetail_model::{
    Credentials, EnvironmentId, Integration, IntegrationId, IntegrationSecrets, SeededRandom, Timestamp,
};
use serde_json::{Map, Value, json};

use crate::service::{Reply, Service};

fn provider(id: &str) -> Arc<Provider> {
    CatalogHandle::embedded().current().shared(id).unwrap()
}

fn integration(provider: &str) -> Integration {
    Integration {
        id: IntegrationId(1),
        environment: EnvironmentId(1),
        unique_key: provider.to_owned(),
        provider: provider.to_owned(),
        display_name: None,
        forward_webhooks: true,
        secrets: IntegrationSecrets::default(),
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

async fn test_with(egress: &Client, id: &str, credentials: &Credentials, config: Value) -> Report {
    let (provider, integration) = (provider(id), integration(id));
    let config: Map<String, Value> = config.as_object().cloned().unwrap();
    let subject = Subject {
        provider: &provider,
        integration: &integration,
        connection_id: "conn-42",
        connection_config: &config,
        credentials,
    };
    verify(egress, Timestamp(0), &SeededRandom::new(1), subject).await
}

async fn coda(service: &Service) -> Report {
    test_with(&service.egress, "coda", &Credentials::api_key("k_live_1"), json!({})).await
}

fn failed(report: Report) -> TestFailure {
    report.outcome.unwrap_err()
}

#[tokio::test]
async fn a_2xx_passes_and_the_key_went_where_the_definition_says() {
    let service = Service::answering(&[Reply(200, "", "{}")]).await;
    let report = coda(&service).await;
    assert_eq!(report.outcome, Ok(Verdict::Accepted { status: 200 }));
    assert_eq!(report.exchanges[0].url, "https://coda.io/apis/v1/whoami");
    let head = &service.heads()[0];
    assert!(head.starts_with("get /apis/v1/whoami "), "{head}");
    assert!(head.contains("authorization: bearer k_live_1"));
    assert!(head.contains("dovetail-simulated-url: https://coda.io/apis/v1/whoami"));
}

#[tokio::test]
async fn a_refusal_carries_status_and_sentence_but_never_the_key() {
    let service = Service::answering(&[Reply(
        401,
        "content-type: application/json\r\n",
        r#"{"statusCode":401,"message":"Key k_live_1 is unknown"}"#,
    )])
    .await;
    let report = coda(&service).await;
    let shown = format!("{report:?}");
    assert!(!shown.contains("k_live_1"), "{shown}");
    let failure = failed(report);
    assert_eq!(failure.reason, Reason::Refused(401));
    assert_eq!(
        failure.to_string(),
        "Coda answered 401: these credentials are not valid. Coda wrote: “Key *** is unknown”"
    );
}

#[tokio::test]
async fn a_key_sent_as_user_name_is_masked_as_itself_and_as_it_was_sent() {
    let service = Service::answering(&[Reply(
        401,
        "content-type: application/json\r\n",
        r#"{"message":"No fd-key-12345 in Basic ZmQta2V5LTEyMzQ1Olg="}"#,
    )])
    .await;
    let credentials = Credentials::basic("fd-key-12345", "X");
    let report = test_with(&service.egress, "freshdesk", &credentials, json!({"subdomain": "acme"})).await;
    assert!(
        service.heads()[0].contains("authorization: basic zmqta2v5lteymzq1olg="),
        "as the answer quotes it"
    );
    assert_eq!(failed(report).detail.as_deref(), Some("No *** in Basic ***"));
}

#[tokio::test]
async fn other_statuses_are_told_apart() {
    for (reply, reason) in [
        (&[Reply(403, "", "")], Reason::Refused(403)),
        (&[Reply(404, "", "")], Reason::Unexpected(404)),
        (&[Reply(429, "", "")], Reason::Busy),
        (&[Reply(503, "", "")], Reason::Broken(503)),
    ] {
        let service = Service::answering(reply).await;
        assert_eq!(failed(coda(&service).await).reason, reason);
    }
}

#[tokio::test]
async fn an_empty_password_is_sent_as_such() {
    let service = Service::answering(&[Reply(200, "", "{}")]).await;
    let credentials = Credentials::basic("key-1", "X");
    let report = test_with(&service.egress, "freshdesk", &credentials, json!({"subdomain": "acme"})).await;
    assert_eq!(report.outcome, Ok(Verdict::Accepted { status: 200 }));
    assert!(service.heads()[0].contains("dovetail-simulated-url: https://acme.freshdesk.com/api/v2/"));
}

#[tokio::test]
async fn the_other_host_of_a_definition_is_called() {
    let service = Service::answering(&[Reply(200, "", "[]")]).await;
    let report =
        test_with(&service.egress, "dixa", &Credentials::api_key("k_live_1"), json!({"apiType": "exports"}))
            .await;
    assert_eq!(report.exchanges[0].url, "https://dev.dixa.io/v1/agents");
}

#[tokio::test]
async fn a_host_that_is_no_host_is_never_called() {
    let service = Service::answering(&[Reply(200, "", "{}")]).await;
    let credentials = Credentials::basic("key-1", "X");
    let config = json!({"subdomain": "evil.test/x?"});
    let report = test_with(&service.egress, "freshdesk", &credentials, config).await;
    assert_eq!(failed(report).reason, Reason::NotBuildable);
    assert!(service.heads().is_empty());
}

#[tokio::test]
async fn a_redirect_on_the_same_host_is_followed_with_the_key() {
    let service =
        Service::answering(&[Reply(302, "location: /apis/v2/whoami\r\n", ""), Reply(200, "", "{}")]).await;
    assert_eq!(coda(&service).await.outcome, Ok(Verdict::Accepted { status: 200 }));
    assert!(service.heads()[1].contains("authorization: bearer k_live_1"));
}

#[tokio::test]
async fn a_page_elsewhere_proves_nothing_and_gets_no_key() {
    let service = Service::answering(&[
        Reply(302, "location: https://login.coda.test/\r\n", ""),
        Reply(200, "content-type: text/html\r\n", "<html>Sign in</html>"),
    ])
    .await;
    assert_eq!(failed(coda(&service).await).reason, Reason::SentAway);
    assert!(!service.heads()[1].contains("k_live_1"));
}

#[tokio::test]
async fn a_redirect_into_the_own_network_is_blocked() {
    let service =
        Service::answering(&[Reply(302, "location: http://169.254.169.254/latest/meta-data\r\n", "")]).await;
    assert_eq!(failed(coda(&service).await).reason, Reason::Blocked);
    assert_eq!(service.heads().len(), 1);
}

#[tokio::test]
async fn an_address_of_the_own_network_is_blocked() {
    let egress = Client::new(EgressConfig::default()).unwrap();
    let credentials = Credentials::basic("ck_1", "cs_1");
    let config = json!({"storeURL": "127.0.0.1"});
    let report = test_with(&egress, "woocommerce", &credentials, config).await;
    assert_eq!(failed(report).reason, Reason::Blocked);
}

#[tokio::test]
async fn a_service_that_hangs_ends_in_a_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let simulate = Some(format!("http://{}", listener.local_addr().unwrap()).parse().unwrap());
    let egress = Client::new(EgressConfig { simulate, ..EgressConfig::default() }).unwrap();
    // The connection is made by the kernel; nobody ever answers on it.
    tokio::time::pause();
    let report = test_with(&egress, "coda", &Credentials::api_key("k_live_1"), json!({})).await;
    let failure = failed(report);
    assert_eq!(failure.reason, Reason::Timeout);
    assert!(failure.reason.is_temporary());
    drop(listener);
}

#[tokio::test]
async fn a_key_that_no_header_can_carry_is_told_as_such() {
    let service = Service::answering(&[Reply(200, "", "{}")]).await;
    let report = test_with(&service.egress, "coda", &Credentials::api_key("a\nb"), json!({})).await;
    assert_eq!(failed(report).reason, Reason::NotBuildable);
    assert!(service.heads().is_empty());
}

#[tokio::test]
async fn no_authentication_is_not_tested() {
    let service = Service::answering(&[Reply(500, "", "")]).await;
    let report = test_with(&service.egress, "unauthenticated", &Credentials::None, json!({})).await;
    assert_eq!(report.outcome, Ok(Verdict::Untested));
    assert!(service.heads().is_empty());
}
