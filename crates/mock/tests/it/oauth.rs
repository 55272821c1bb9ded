//! Consent, codes and tokens in a provider's name.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::Value;
use url::Url;

use crate::harness::{Answer, World};
use dovetail_mock::SIMULATED_URL;

const AUTHORIZE: &str = "https://auth.kit.test/authorize?response_type=code&client_id=c&redirect_uri=https%3A%2F%2Fapp.test%2Fcb&scope=read&state=s-1&code_challenge=XiQqV3BGEGHRXl5nfxJP9BDdNC6QAm1VjnOi9z1DGZk&code_challenge_method=S256";
const VERIFIER: &str = "6d0c1f7a9be24488c2a35e1190f4d7761b3a5c8e2f40d917";

fn to(method: &str, url: &str, body: &str, authorization: Option<&str>) -> Request<Body> {
    let parsed = Url::parse(url).unwrap();
    let mut request = Request::builder()
        .method(method)
        .uri(&parsed[url::Position::BeforePath..])
        .header(SIMULATED_URL, url)
        .header("content-type", "application/x-www-form-urlencoded");
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

fn world() -> World {
    World::with(&[
        (
            "kit-oauth2",
            "display_name: Kit\nauth_mode: OAUTH2\nauthorization_url: https://auth.kit.test/authorize\ntoken_url: https://auth.kit.test/token\ndocs: /guides/kit-oauth2\nproxy:\n  base_url: https://api.kit.test\n",
        ),
        (
            "kit-oauth1",
            "display_name: Kit 1\nauth_mode: OAUTH1\nrequest_url: https://one.kit.test/request\nauthorization_url: https://one.kit.test/authorize\ntoken_url: https://one.kit.test/access\nsignature_method: HMAC-SHA1\ndocs: /guides/kit-oauth1\nproxy:\n  base_url: https://one.kit.test/api\n",
        ),
    ])
}

/// The target of a link of the consent page.
fn link(page: &Answer, id: &str) -> Url {
    let html = page.body.as_str().unwrap();
    let rest = html.split(&format!("id=\"{id}\" href=\"")).nth(1).unwrap();
    Url::parse(&rest.split('"').next().unwrap().replace("&amp;", "&")).unwrap()
}

fn param(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
}

async fn token(world: &World, body: &str) -> Answer {
    world.send(to("POST", "https://auth.kit.test/token", body, None)).await
}

#[tokio::test]
async fn a_consent_leads_to_tokens_that_the_api_accepts() {
    let world = world();
    let page = world.send(to("GET", AUTHORIZE, "", None)).await;
    let back = link(&page, "allow");
    assert_eq!((back.host_str(), param(&back, "state")), (Some("app.test"), "s-1".to_owned()));
    assert_eq!(param(&link(&page, "deny"), "error"), "access_denied");
    assert_eq!(param(&link(&page, "fail"), "error"), "server_error");

    let code = param(&back, "code");
    let redirect = "redirect_uri=https%3A%2F%2Fapp.test%2Fcb&client_id=c";
    let exchange = format!("grant_type=authorization_code&code={code}&{redirect}");
    assert_eq!(token(&world, &exchange).await.body["error"], "invalid_grant", "no verifier");
    let other = format!("{exchange}&code_verifier={VERIFIER}").replace("app.test", "evil.test");
    assert_eq!(token(&world, &other).await.body["error"], "invalid_grant");
    let tokens = token(&world, &format!("{exchange}&code_verifier={VERIFIER}")).await;
    assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.body);
    assert_eq!(tokens.body["expires_in"], 3600);

    let bearer = format!("Bearer {}", tokens.body["access_token"].as_str().unwrap());
    let echo = world.send(to("GET", "https://api.kit.test/me", "", Some(&bearer))).await;
    assert_eq!((echo.status, &echo.body["provider"]), (StatusCode::OK, &Value::from("kit-oauth2")));
    let forged = world.send(to("GET", "https://api.kit.test/me", "", Some("Bearer forged"))).await;
    assert_eq!(forged.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_second_use_revokes_them() {
    let world = world();
    let refresh = async |token_text: &str| {
        token(&world, &format!("grant_type=refresh_token&refresh_token={token_text}")).await
    };
    let first = refresh("demo-refresh-token").await;
    let next = first.body["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(next, "demo-refresh-token");
    let second = refresh(&next).await;
    assert_eq!(second.status, StatusCode::OK);
    let newest = second.body["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(refresh(&next).await.body["error"], "invalid_grant");
    assert_eq!(refresh(&newest).await.body["error"], "invalid_grant", "the family is revoked");
}

#[tokio::test]
async fn oauth_1_has_its_three_legs() {
    let world = world();
    let signed = |more: &str| format!("OAuth oauth_consumer_key=\"c\", oauth_signature=\"x\"{more}");
    let callback = ", oauth_callback=\"https%3A%2F%2Fapp.test%2Fcb%3Fstate%3Ds\"";
    let given = world.send(to("POST", "https://one.kit.test/request", "", Some(&signed(callback)))).await;
    let form = given.body.as_str().unwrap().to_owned();
    let request_token = form.split('&').next().unwrap().strip_prefix("oauth_token=").unwrap().to_owned();
    let page = format!(
        "https://one.kit.test/authorize?oauth_token={request_token}&oauth_callback=https%3A%2F%2Fapp.test%2Fcb%3Fstate%3Ds"
    );
    let back = link(&world.send(to("GET", &page, "", None)).await, "allow");
    assert_eq!(param(&back, "state"), "s");
    let access = async |verifier: &str| {
        let more = format!(", oauth_token=\"{request_token}\", oauth_verifier=\"{verifier}\"");
        world.send(to("POST", "https://one.kit.test/access", "", Some(&signed(&more)))).await
    };
    assert_eq!(access("wrong").await.status, StatusCode::UNAUTHORIZED);
    let verifier = param(&back, "oauth_verifier");
    assert!(access(&verifier).await.body.as_str().unwrap().starts_with("oauth_token=demo-oauth-token&"));
    assert_eq!(access(&verifier).await.status, StatusCode::UNAUTHORIZED, "good once");
    let call = "OAuth oauth_token=\"demo-oauth-token\"";
    let echo = world.send(to("GET", "https://one.kit.test/api/me", "", Some(call))).await;
    assert_eq!(echo.status, StatusCode::OK, "{:?}", echo.body);
}

#[tokio::test]
async fn a_page_that_leads_nowhere_is_refused() {
    let world = world();
    for target in ["", "javascript%3Aalert(1)"] {
        let url = format!("https://auth.kit.test/authorize?client_id=c&redirect_uri={target}");
        assert_eq!(world.send(to("GET", &url, "", None)).await.status, StatusCode::BAD_REQUEST);
    }
}
