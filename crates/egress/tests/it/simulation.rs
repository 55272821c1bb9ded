use dovetail_egress::{Body, Client, EgressConfig, SendOptions};
use http::Request;

use crate::server::{Names, body_text, get, head, serve, text};

async fn simulating() -> Client {
    let addr = serve(|request| async move { text(200, head(&request)) }).await;
    let simulate = Some(format!("http://{addr}").parse().unwrap());
    // No name resolves: the simulator needs none, and nothing else may be dialled.
    Client::new(EgressConfig { simulate, resolver: Names::of(&[]), ..EgressConfig::default() }).unwrap()
}

#[tokio::test]
async fn every_request_goes_to_the_simulator_as_it_would_have_gone_out() {
    let client = simulating().await;
    assert!(client.is_simulating());
    let request = Request::put("https://coda.io:8443/apis/v1/docs?limit=1%20")
        .header("authorization", "Bearer k")
        .header("user-agent", "t")
        .body(Body::from("{}"))
        .unwrap();
    let seen = body_text(client.send(request, SendOptions::default()).await.unwrap()).await;
    assert_eq!(
        seen,
        "PUT /apis/v1/docs?limit=1%20\nauthorization: Bearer k\nuser-agent: t\nhost: coda.io:8443\n\
         dovetail-simulated-url: https://coda.io:8443/apis/v1/docs?limit=1%20\ncontent-length: 2"
    );
}

#[tokio::test]
async fn the_intended_url_is_still_judged() {
    let client = simulating().await;
    for (url, code) in [("http://10.0.0.1/", "denied_ip"), ("http://localhost/", "denied_hostname")] {
        assert_eq!(client.send(get(url), SendOptions::default()).await.unwrap_err().code(), code);
    }
}

#[test]
fn only_a_plain_http_address_can_be_a_simulator() {
    for url in ["https://127.0.0.1:1", "http://u:p@127.0.0.1:1"] {
        let config = EgressConfig { simulate: Some(url.parse().unwrap()), ..EgressConfig::default() };
        assert!(Client::new(config).is_err(), "{url}");
    }
}
