//! Calls by which the product finds out about an account, or checks credentials where no plain request tells.

use dovetail_catalog::outgoing::CallBody;
use serde_json::{Value, json};

use crate::harness::{Answer, World, get};

/// Calls with the demo credentials, and with wrong ones.
async fn both(world: &World, provider: &str, method: &str, path: &str) -> [Answer; 2] {
    let provider = world.catalog.current().shared(provider).unwrap();
    let body = if method == "GET" { CallBody::Absent } else { CallBody::Bytes(b"{}") };
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    let good = world.linked(&provider);
    let wrong = world.linked(&provider).with_wrong_credentials();
    [
        world.call(&provider, &good, method, path, &headers, body).await,
        world.call(&provider, &wrong, method, path, &headers, body).await,
    ]
}

#[tokio::test]
async fn routines_are_answered_as_each_service_does() {
    let world = World::shared();
    checks(world).await;
    hosts_that_no_definition_names(world).await;
    aws_keys(world).await;
}

async fn checks(world: &World) {
    for (provider, method, path, telling) in [
        ("apollo", "GET", "/v1/auth/health", json!({"healthy": true, "is_logged_in": true})),
        ("skio", "POST", "/v1/graphql", json!({"data": {"Orders": []}})),
        ("expensify", "POST", "/ExpensifyIntegrations", json!({"policyList": [], "responseCode": 200})),
    ] {
        let [good, wrong] = both(world, provider, method, path).await;
        assert_eq!((good.status.as_u16(), &good.body), (200, &telling), "{provider}");
        assert_eq!(wrong.status, 401, "{provider}");
    }
    for (provider, method, path, telling) in [
        ("pushpay-chms-v1", "GET", "/api.php?srv=api_status", "<daily_limit>"),
        ("vantage-apparel", "POST", "/", "<getAccountsByEmailResponse/>"),
    ] {
        let [good, wrong] = both(world, provider, method, path).await;
        let Value::String(xml) = &good.body else { panic!("{provider}: {}", good.body) };
        assert!(xml.contains(telling) && good.status == 200, "{provider}: {xml}");
        assert_eq!(wrong.status, 401, "{provider}");
    }
}

async fn hosts_that_no_definition_names(world: &World) {
    let url = "https://login.mailchimp.com/oauth2/metadata";
    let answer = world.send(get(url, &[("authorization", "OAuth demo")])).await;
    assert_eq!((answer.status.as_u16(), &answer.body["dc"]), (200, &json!("us6")));
    assert_eq!(world.send(get(url, &[])).await.status, 401);
}

async fn aws_keys(world: &World) {
    let provider = world.catalog.current().shared("aws-iam").unwrap();
    let key = world.linked(&provider).credentials.text("username").unwrap().to_owned();
    let url = "https://sts.eu-west-3.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15";
    for (key, status) in [(key.as_str(), 200), ("AKIAOTHER", 401)] {
        let signed =
            format!("AWS4-HMAC-SHA256 Credential={key}/20260101/eu-west-3/sts/aws4_request, Signature=0");
        assert_eq!(world.send(get(url, &[("authorization", &signed)])).await.status, status, "{key}");
    }
}
