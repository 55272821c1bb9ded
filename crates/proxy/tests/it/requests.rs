use dovetail_egress::Body;
use dovetail_proxy::ProxyPolicy;
use http::Method;
use serde_json::json;

use crate::service::{Caller, echo, keyed};

#[tokio::test]
async fn the_key_is_added_and_only_prefixed_fields_pass() {
    let addr = echo().await;
    let seen = Caller::get(&keyed(addr), "/docs?limit=2&q=a%20b,c")
        .with("nango-proxy-x-trace", "t1")
        .with("nango-proxy-te", "trailers")
        .with("accept", "text/html")
        .with("cookie", "session=1")
        .with("x-other", "1")
        .text()
        .await;
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        seen,
        format!(
            "GET /v1/docs?limit=2&q=a%20b,c\nx-acme-key: k-live-12345\naccept-encoding: identity\nx-trace: t1\n\
             accept: application/json, text/plain, */*\nuser-agent: dovetail/{version}\nhost: {addr}\n\n"
        )
    );
}

#[tokio::test]
async fn the_callers_field_wins_over_the_definitions() {
    let addr = echo().await;
    let seen = Caller::get(&keyed(addr), "/").with("nango-proxy-x-acme-key", "mine").text().await;
    assert!(seen.contains("x-acme-key: mine") && !seen.contains("k-live"), "{seen}");
}

#[tokio::test]
async fn every_method_is_forwarded() {
    let addr = echo().await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "REPORT"] {
        let method: Method = method.parse().unwrap();
        let seen = Caller { method: method.clone(), ..Caller::get(&keyed(addr), "/x") }.text().await;
        assert!(seen.starts_with(&format!("{method} /v1/x")), "{seen}");
    }
}

#[tokio::test]
async fn a_value_of_the_connection_shapes_the_url_and_a_missing_one_is_named() {
    let addr = echo().await;
    let provider = keyed(addr).replace(&format!("http://{addr}/v1"), "http://${connectionConfig.host}/v2")
        + "connection_config:\n  host:\n    type: string\n    title: Host\n    description: Host\n";
    let config = json!({ "host": addr.to_string() });
    let seen = Caller { config, ..Caller::get(&provider, "/x") }.text().await;
    assert!(seen.starts_with("GET /v2/x\n"), "{seen}");
    let error = Caller::get(&provider, "/x").call().await.unwrap_err();
    assert_eq!(error.wire().1, "missing_connection_config");
    assert!(error.to_string().contains("host"), "{error}");
}

#[tokio::test]
async fn the_caller_may_name_another_base_unless_that_is_switched_off() {
    let (addr, other) = (echo().await, echo().await);
    let over = |base: String| Caller::get(&keyed(addr), "/x").with("base-url-override", base);
    let seen = over(format!("http://{other}/own")).text().await;
    assert!(seen.starts_with("GET /own/x\n") && seen.contains(&format!("host: {other}")), "{seen}");

    let refused = over("http://169.254.169.254/latest".to_owned()).call().await.unwrap_err();
    assert_eq!(refused.body(&Method::GET)["error"]["reason"], "denied_ip");
    let off = ProxyPolicy { base_url_override: false, ..ProxyPolicy::default() };
    let refused = Caller { policy: off, ..over(format!("http://{other}")) }.call().await.unwrap_err();
    assert_eq!(refused.wire().1, "base_url_override_disabled");
}

#[tokio::test]
async fn a_foreign_host_field_is_refused() {
    let addr = echo().await;
    let seen = Caller::get(&keyed(addr), "/").with("nango-proxy-host", addr.to_string()).text().await;
    assert!(seen.contains(&format!("host: {addr}")), "{seen}");
    let error =
        Caller::get(&keyed(addr), "/").with("nango-proxy-host", "evil.test").call().await.unwrap_err();
    assert_eq!(error.wire().1, "invalid_headers");
}

#[tokio::test]
async fn what_the_caller_can_decompress_is_asked_for() {
    let addr = echo().await;
    let seen = Caller::get(&keyed(addr), "/").with("accept-encoding", "gzip, br").text().await;
    assert!(seen.contains("accept-encoding: gzip, br"), "{seen}");
    let plain = Caller::get(&keyed(addr), "/")
        .with("accept-encoding", "gzip")
        .with("decompress", "true")
        .text()
        .await;
    assert!(plain.contains("accept-encoding: identity"), "{plain}");
}

#[tokio::test]
async fn an_empty_post_says_that_it_is_empty() {
    let addr = echo().await;
    let seen = Caller::post(&keyed(addr), "/x", Body::empty()).text().await;
    assert!(seen.contains("content-length: 0"), "{seen}");
    assert!(!seen.contains("content-type"), "{seen}");
}

/// A definition whose integrations name their own base URL.
const OWN_BASE: &str =
    "integration_config:\n  baseUrl:\n    type: string\n    title: Base URL\n    description: Base URL\n";

#[tokio::test]
async fn only_allowed_hosts_may_be_named_in_place_of_the_definitions() {
    let (addr, other) = (echo().await, echo().await);
    let only = |host: &str| ProxyPolicy { allowed_hosts: vec![host.to_owned()], ..ProxyPolicy::default() };
    let provider = keyed(addr) + OWN_BASE;
    for (allowed, reason) in [("127.0.0.1", None), ("acme.test", Some("allowlist_miss"))] {
        let own = Caller::get(&provider, "/x").with_custom("baseUrl", format!("http://{other}"));
        let header = Caller::get(&keyed(addr), "/x").with("base-url-override", format!("http://{other}"));
        for (caller, sentence) in [(own, "This base URL is"), (header, "This base URL override is")] {
            match (Caller { policy: only(allowed), ..caller }.call().await, reason) {
                (Ok(_), None) => {}
                (Err(error), Some(reason)) => {
                    let body = error.body(&Method::GET);
                    assert_eq!(body["error"]["reason"], reason);
                    assert!(body["error"]["message"].as_str().unwrap().starts_with(sentence), "{body}");
                }
                (outcome, _) => panic!("{allowed}: {outcome:?}"),
            }
        }
        // The definition's own base is nobody's choice.
        assert!(Caller { policy: only(allowed), ..Caller::get(&keyed(addr), "/x") }.call().await.is_ok());
    }
    let off = ProxyPolicy { base_url_override: false, ..ProxyPolicy::default() };
    let own = Caller::get(&provider, "/x").with_custom("baseUrl", format!("http://{other}"));
    assert_eq!(
        Caller { policy: off, ..own }.call().await.unwrap_err().wire().1,
        "base_url_override_disabled"
    );
}

#[tokio::test]
async fn a_denied_host_is_not_reached_whoever_names_it() {
    let addr = echo().await;
    let policy = ProxyPolicy { denied_hosts: vec!["127.0.0.1".to_owned()], ..ProxyPolicy::default() };
    let error = Caller { policy, ..Caller::get(&keyed(addr), "/x") }.call().await.unwrap_err();
    assert_eq!(error.body(&Method::GET)["error"]["reason"], "denied_hostname");
}
