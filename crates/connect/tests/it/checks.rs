//! Verification routines (auth-modes.md section 22) against a scripted service.

use dovetail_connect::verify::{Reason, Report, Subject, Verdict, verify};
use dovetail_model::{Credentials, SeededRandom, Timestamp};
use serde_json::{Value, json};

use crate::overlay::{integration, map, provider, providers};
use crate::service::{Reply, Service};

const JSON: &str = "content-type: application/json\r\n";

struct Case {
    provider: &'static str,
    config: Value,
    asked: &'static str,
    /// Parts of the request.
    shows: &'static [&'static str],
    good: &'static [Reply],
    /// Answers to bad credentials, and the sentence that is told.
    bad: &'static [(Reply, Option<&'static str>)],
}

#[expect(clippy::too_many_lines, reason = "one entry a provider")]
fn cases() -> Vec<Case> {
    vec![
        Case {
            provider: "apollo",
            config: json!({}),
            asked: "GET https://app.apollo.io/api/v1/auth/health",
            shows: &["x-api-key: key-12345"],
            good: &[Reply(200, JSON, r#"{"healthy":true,"is_logged_in":true}"#)],
            bad: &[
                (Reply(200, JSON, r#"{"healthy":true,"is_logged_in":false}"#), None),
                (Reply(200, JSON, "{}"), None),
                (Reply(401, JSON, r#"{"error":"Bad key key-12345"}"#), Some("Bad key ***")),
            ],
        },
        Case {
            provider: "aws-iam",
            config: json!({"region": "eu-west-3"}),
            asked: "GET https://sts.eu-west-3.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
            // Computed independently, with openssl, over the canonical request of 1970-01-01T00:00:00Z.
            shows: &[
                "x-amz-date: 19700101T000000Z",
                "authorization: AWS4-HMAC-SHA256 Credential=user-1/19700101/eu-west-3/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=6934d20d61672c96333473f19a547a4874dbd6265edd6207c18ad773b5718d15",
            ],
            good: &[Reply(200, "", "<GetCallerIdentityResponse/>")],
            bad: &[(Reply(403, "", "<ErrorResponse/>"), None)],
        },
        Case {
            provider: "aws-inspector2",
            config: json!({"region": "us-east-1"}),
            asked: "GET https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
            shows: &["Credential=user-1/19700101/us-east-1/sts/aws4_request"],
            good: &[Reply(200, "", "<GetCallerIdentityResponse/>")],
            bad: &[(Reply(403, "", "<ErrorResponse/>"), None)],
        },
        Case {
            provider: "azure-devops",
            config: json!({"organizationUrl": "dev.azure.com/acme"}),
            asked: "GET https://dev.azure.com/acme/_apis/projects",
            shows: &["authorization: Basic dXNlci0xOnBhc3MtMTIzNDU="],
            good: &[Reply(200, JSON, r#"{"count":0,"value":[]}"#)],
            bad: &[
                (Reply(203, "content-type: text/html\r\n", "<html>Sign In</html>"), None),
                (Reply(401, "", ""), None),
            ],
        },
        Case {
            provider: "bitdefender",
            config: json!({"ACCESS_URL": "https://cloud.gravityzone.bitdefender.com/api"}),
            asked: "POST https://cloud.gravityzone.bitdefender.com/api/v1.0/jsonrpc/general",
            shows: &[r#""method":"getApiKeyDetails""#, "content-type: application/json"],
            good: &[Reply(200, JSON, r#"{"result":{}}"#)],
            bad: &[(Reply(401, JSON, r#"{"error":{"message":"Invalid API key"}}"#), Some("Invalid API key"))],
        },
        Case {
            provider: "cdw",
            config: json!({"baseUrl": "apiconnect.cdw.com/b2b"}),
            asked: "POST https://apiconnect.cdw.com/b2b/v1/customers/orders",
            shows: &["subscription-key: key-12345", "\r\n\r\n{}"],
            good: &[Reply(400, JSON, r#"{"message":"An order is needed"}"#), Reply(200, JSON, "{}")],
            bad: &[(Reply(401, JSON, r#"{"message":"Access denied"}"#), Some("Access denied"))],
        },
        Case {
            provider: "expensify",
            config: json!({}),
            asked: "POST https://integrations.expensify.com/Integration-Server/ExpensifyIntegrations",
            shows: &[
                "content-type: application/x-www-form-urlencoded",
                "requestJobDescription=%7B%22type%22%3A%22get%22",
                "partnerUserSecret%22%3A%22pass-12345%22",
            ],
            good: &[Reply(200, JSON, r#"{"policyList":[],"responseCode":200}"#)],
            bad: &[(
                Reply(
                    200,
                    JSON,
                    r#"{"responseMessage":"Authentication error for pass-12345","responseCode":500}"#,
                ),
                Some("Authentication error for ***"),
            )],
        },
        Case {
            provider: "lastpass",
            config: json!({}),
            asked: "POST https://lastpass.com/enterpriseapi.php",
            shows: &[r#"{"cid":"user-1","provhash":"pass-12345","cmd":"getuserdata"}"#],
            good: &[Reply(200, JSON, r#"{"Users":{}}"#)],
            bad: &[(
                Reply(200, "content-type: text/html\r\n", "Authorization Error"),
                Some("Authorization Error"),
            )],
        },
        Case {
            provider: "pushpay-chms-v1",
            config: json!({"subdomain": "acme"}),
            asked: "GET https://acme.ccbchurch.com/api.php?srv=api_status",
            shows: &["authorization: Basic dXNlci0xOnBhc3MtMTIzNDU="],
            good: &[Reply(200, "", "<ccb_api><response><daily_limit>9</daily_limit></response></ccb_api>")],
            bad: &[
                (
                    Reply(
                        200,
                        "",
                        "<ccb_api><response><errors><error number=\"002\">Invalid username or password.</error></errors></response></ccb_api>",
                    ),
                    Some("Invalid username or password."),
                ),
                (Reply(200, "", "<ccb_api><error/></ccb_api>"), None),
            ],
        },
        Case {
            provider: "skio",
            config: json!({}),
            asked: "POST https://graphql.skio.com/v1/graphql",
            shows: &["authorization: API key-12345", "Orders"],
            good: &[Reply(200, JSON, r#"{"data":{"Orders":[]}}"#)],
            bad: &[(
                Reply(200, JSON, r#"{"errors":[{"message":"Malformed Authorization header"}]}"#),
                Some("Malformed Authorization header"),
            )],
        },
        Case {
            provider: "snipe-it",
            config: json!({"hostname": "acme.snipe-it.io"}),
            asked: "GET https://acme.snipe-it.io/api/v1/users?limit=1",
            shows: &["authorization: Bearer key-12345"],
            good: &[Reply(200, JSON, r#"{"total":0,"rows":[]}"#)],
            bad: &[
                (Reply(401, JSON, r#"{"error":"Unauthorized."}"#), Some("Unauthorized.")),
                (Reply(200, JSON, r#"{"status":"error","messages":"You may not"}"#), Some("You may not")),
            ],
        },
        Case {
            provider: "vantage-apparel",
            config: json!({}),
            asked: "POST https://brandedpromoapparel.com/WebServices",
            shows: &["content-type: text/xml", "<password>pass-12345</password>", "getAccountsByEmail"],
            good: &[Reply(200, "", "<Envelope><getAccountsByEmailResponse/></Envelope>")],
            bad: &[(
                Reply(
                    500,
                    "",
                    "<Envelope><code>105</code><description>Authentication Credentials failed</description></Envelope>",
                ),
                Some("Authentication credentials failed"),
            )],
        },
    ]
}

async fn test(service: &Service, case: &Case) -> Report {
    let credentials = match provider(case.provider).auth_mode().credentials_type() {
        "API_KEY" => Credentials::api_key("key-12345"),
        _ => Credentials::basic("user-1", "pass-12345"),
    };
    test_with(service, case.provider, &case.config, &credentials).await
}

async fn test_with(service: &Service, id: &str, config: &Value, credentials: &Credentials) -> Report {
    let (provider, integration, config) = (provider(id), integration("key", id), map(config));
    let subject = Subject {
        provider: &provider,
        integration: &integration,
        connection_id: "conn-42",
        connection_config: &config,
        credentials,
    };
    verify(&service.egress, Timestamp(0), &SeededRandom::new(1), subject).await
}

#[tokio::test]
async fn good_credentials_pass_and_are_shown_the_way_each_service_wants_them() {
    let service = Service::answering([]).await;
    for case in cases() {
        for reply in case.good {
            service.start_over(vec![*reply]);
            let report = test(&service, &case).await;
            assert_eq!(report.outcome, Ok(Verdict::Accepted { status: reply.0 }), "{}", case.provider);
            let (asked, request) = service.requests().remove(0);
            assert_eq!(asked, case.asked);
            for part in case.shows {
                assert!(request.contains(part), "{}: no {part} in {request}", case.provider);
            }
            assert_eq!(report.exchanges.len(), 1);
        }
    }
}

#[tokio::test]
async fn bad_credentials_are_refused_in_the_services_words_without_secrets() {
    let service = Service::answering([]).await;
    for case in cases() {
        for (reply, sentence) in case.bad {
            service.start_over(vec![*reply]);
            let report = test(&service, &case).await;
            let shown = format!("{report:?}");
            assert!(!shown.contains("12345"), "{shown}");
            let failure = report.outcome.unwrap_err();
            assert!(
                matches!(failure.reason, Reason::Denied | Reason::Refused(_)),
                "{}: {failure:?}",
                case.provider
            );
            assert_eq!(failure.detail.as_deref(), *sentence, "{}", case.provider);
            assert_eq!(report.exchanges[0].failure.as_ref(), Some(&failure));
        }
    }
}

#[tokio::test]
async fn a_service_that_is_down_says_nothing_about_credentials() {
    let service = Service::answering([]).await;
    for case in cases() {
        service.start_over([Reply(503, "", "")]);
        let failure = test(&service, &case).await.outcome.unwrap_err();
        assert_eq!(failure.reason, Reason::Broken(503), "{}", case.provider);
        assert!(failure.reason.is_temporary());
    }
}

#[test]
fn every_provider_that_names_a_check_has_a_case() {
    let cases = cases();
    for provider in providers().iter().filter(|provider| provider.credentials_verification().is_some()) {
        assert!(cases.iter().any(|case| case.provider == provider.id()), "{}", provider.id());
    }
}

#[tokio::test]
async fn an_address_that_is_no_soap_service_leaves_vantage_untested() {
    let service = Service::answering([]).await;
    let case = cases().pop().unwrap();
    for reply in
        [Reply(404, "", "<html>"), Reply(500, "", "<Envelope><Fault>no such operation</Fault></Envelope>")]
    {
        service.start_over(vec![reply]);
        assert_eq!(test(&service, &case).await.outcome, Ok(Verdict::Untested));
    }
}

#[tokio::test]
async fn markup_in_a_password_stays_text() {
    let service = Service::answering(&[Reply(200, "", "<Envelope/>")]).await;
    let credentials = Credentials::basic("a&b", "</password><x>");
    test_with(&service, "vantage-apparel", &json!({}), &credentials).await;
    let (_, request) = service.requests().remove(0);
    assert!(request.contains("<id>a&amp;b</id><password>&lt;/password&gt;&lt;x&gt;</password>"), "{request}");
}

#[tokio::test]
async fn a_missing_region_asks_nobody() {
    let service = Service::answering(&[Reply(200, "", "")]).await;
    let credentials = Credentials::basic("user-1", "pass-12345");
    let report = test_with(&service, "aws-iam", &json!({}), &credentials).await;
    assert_eq!(report.outcome.unwrap_err().reason, Reason::NotBuildable);
    assert!(service.requests().is_empty());
}
