use dovetail_egress::{BlockReason, Client, EgressConfig, EgressError, SendOptions};
use url::Url;

use crate::server::{Names, get, listen, local};

#[tokio::test]
async fn loopback_is_refused_unless_allowed() {
    let client = Client::new(EgressConfig::default()).unwrap();
    for url in [
        "http://127.0.0.1:9/",
        "http://2130706433:9/",
        "http://0x7f.1:9/",
        "http://[::ffff:127.0.0.1]:9/",
        "http://localhost:9/",
    ] {
        let error = client.send(get(url), SendOptions::default()).await.unwrap_err();
        assert!(matches!(error, EgressError::Blocked(_)), "{url}: {error:?}");
    }
}

#[tokio::test]
async fn a_name_with_one_private_answer_is_refused_and_nothing_is_dialled() {
    let (listener, addr) = listen().await;
    let names = Names::of(&[("rebind.test", "8.8.8.8 127.0.0.1")]);
    let client = Client::new(EgressConfig { resolver: names, ..EgressConfig::default() }).unwrap();
    let error =
        client.send(get(&format!("http://rebind.test:{}/", addr.port())), SendOptions::default()).await;
    assert!(matches!(error, Err(EgressError::Blocked(BlockReason::Resolved { .. }))), "{error:?}");
    let dialled = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await;
    assert!(dialled.is_err());
}

#[tokio::test]
async fn a_name_for_a_metadata_service_is_refused_even_if_all_is_allowed() {
    let names = Names::of(&[("harmless.test", "169.254.169.254")]);
    let allow = vec!["0.0.0.0/0".parse().unwrap()];
    let client = Client::new(EgressConfig { resolver: names, allow, ..EgressConfig::default() }).unwrap();
    let error =
        client.send(get("http://harmless.test/latest/meta-data"), SendOptions::default()).await.unwrap_err();
    assert_eq!(error.code(), "denied_dns");
}

#[tokio::test]
async fn an_address_with_a_zone_is_no_host() {
    let client = Client::new(local()).unwrap();
    for host in ["[fe80::1%25eth0]", "[::1%25lo]"] {
        let Ok(request) = http::Request::get(format!("http://{host}/")).body(dovetail_egress::Body::empty())
        else {
            continue;
        };
        let error = client.send(request, SendOptions::default()).await.unwrap_err();
        assert_eq!(error.code(), "ERR_INVALID_URL", "{host}");
    }
    assert!(Url::parse("http://[fe80::1%25eth0]/").is_err());
}

#[tokio::test]
async fn a_uri_that_is_not_absolute_is_refused() {
    let client = Client::new(local()).unwrap();
    let error = client.send(get("/only/a/path"), SendOptions::default()).await.unwrap_err();
    assert_eq!(error.code(), "ERR_INVALID_URL");
}

#[test]
fn a_url_to_store_is_judged_without_a_resolver() {
    let client = Client::new(EgressConfig::default()).unwrap();
    let verdict = |url: &str| client.check_url(&Url::parse(url).unwrap()).map_err(|error| error.code());
    assert_eq!(verdict("https://hooks.example.com/x"), Ok(()));
    assert_eq!(verdict("ftp://hooks.example.com/x"), Err("invalid_scheme"));
    assert_eq!(verdict("http://10.1.2.3/x"), Err("denied_ip"));
    assert_eq!(verdict("http://localhost:3000/x"), Err("denied_hostname"));
}
