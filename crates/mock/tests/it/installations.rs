//! Apps, plug-ins, roles, logins and token endpoints that depart from the standard, in their providers' names.

use axum::body::Body;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use dovetail_mock::SIMULATED_URL;
use dovetail_model::Clock as _;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use url::Url;

use crate::harness::{Answer, World};

fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let parsed = Url::parse(url).unwrap();
    let mut out = Request::builder()
        .method(method)
        .uri(&parsed[url::Position::BeforePath..])
        .header(SIMULATED_URL, url);
    for (name, value) in headers {
        out = out.header(*name, *value);
    }
    out.body(Body::from(body.to_owned())).unwrap()
}

fn link(page: &Answer, id: &str) -> Url {
    let html = page.body.as_str().unwrap();
    let rest = html.split(&format!("id=\"{id}\" href=\"")).nth(1).unwrap();
    Url::parse(&rest.split('"').next().unwrap().replace("&amp;", "&")).unwrap()
}

fn param(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
}

const BACK: (&str, &str) = ("dovetail-simulated-callback", "https://dovetail.test/oauth/callback");

fn jwt(world: &World, life: i64) -> String {
    let now = world.clock.now().millis() / 1000;
    let claims = json!({"iss": "9", "iat": now, "exp": now + life}).to_string();
    format!("Bearer e30.{}.sig", BASE64_URL_SAFE_NO_PAD.encode(claims))
}

#[tokio::test]
async fn an_app_is_installed_described_and_given_tokens() {
    let world = World::new();
    let page = "https://github.com/apps/dove/installations/new?state=st-1";
    let shown = world.send(request("GET", page, &[BACK], "")).await;
    let back = link(&shown, "allow");
    assert_eq!((param(&back, "state"), param(&back, "setup_action")), ("st-1".into(), "install".into()));
    assert_eq!(param(&link(&shown, "request"), "setup_action"), "request");
    let id = param(&back, "installation_id");
    let at = format!("https://api.github.com/app/installations/{id}");
    let app = jwt(&world, 540);
    let described = world.send(request("GET", &at, &[("authorization", &app)], "")).await;
    assert_eq!((described.status, &described.body["app_id"]), (StatusCode::OK, &json!(9)));
    let token =
        world.send(request("POST", &format!("{at}/access_tokens"), &[("authorization", &app)], "{}")).await;
    assert_eq!(token.status, StatusCode::CREATED, "{:?}", token.body);
    let bearer = format!("Bearer {}", token.body["token"].as_str().unwrap());
    let seen = world
        .send(request(
            "GET",
            "https://api.github.com/user/installations?per_page=100&page=1",
            &[("authorization", &bearer)],
            "",
        ))
        .await;
    assert_eq!(seen.body["installations"][0]["id"].to_string(), id);
    let called =
        world.send(request("GET", "https://api.github.com/repos", &[("authorization", &bearer)], "")).await;
    assert_eq!(called.status, StatusCode::OK);

    for (what, header) in
        [("too long", jwt(&world, 3600)), ("over", jwt(&world, -1)), ("none", "Bearer x".into())]
    {
        let refused = world.send(request("GET", &at, &[("authorization", &header)], "")).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{what}");
    }
    let unknown = "https://api.github.com/app/installations/424242/access_tokens";
    let refused = world.send(request("POST", unknown, &[("authorization", &app)], "{}")).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_plug_in_is_installed_and_only_its_own_key_confirms_it() {
    let world = World::new();
    let page = "https://app.crisp.chat/initiate/plugin/p-1/?payload=st-1";
    let shown = world.send(request("GET", page, &[BACK], "")).await;
    let back = link(&shown, "allow");
    assert_eq!(param(&back, "payload"), "st-1");
    let demo = |field: &str| {
        let values = world.demo("crisp-plugin-install");
        values.iter().find(|value| value.field == field).unwrap().value.clone()
    };
    let pair = format!("{}:{}", demo("credentials.username"), demo("credentials.password"));
    let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    let headers = [("authorization", basic.as_str()), ("x-crisp-tier", "plugin")];
    let account =
        world.send(request("GET", "https://api.crisp.chat/v1/plugin/connect/account", &headers, "")).await;
    let plugin = account.body["data"]["plugin_id"].as_str().unwrap();
    let url = format!(
        "https://api.crisp.chat/v1/plugins/subscription/{}/{plugin}/settings",
        param(&back, "website_id")
    );
    let settings = world.send(request("GET", &url, &headers, "")).await;
    assert_eq!(settings.body["data"]["token"], param(&back, "token"));
    let stranger = world.send(request("GET", &url, &[("authorization", "Basic eDp5")], "")).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_login_at_bill_opens_the_session_that_its_calls_show() {
    let world = World::new();
    let demo = |field: &str| {
        let field = format!("credentials.{field}");
        world.demo("bill").iter().find(|value| value.field == field).unwrap().value.clone()
    };
    let body = json!({
        "username": demo("username"), "password": demo("password"),
        "organizationId": demo("organization_id"), "devKey": demo("dev_key")
    });
    let provider = world.catalog.current().shared("bill").unwrap();
    let dovetail_catalog::TokenUrl::One(url) = provider.token_url.as_ref().unwrap() else { panic!() };
    let json_type = [("content-type", "application/json")];
    let opened = world.send(request("POST", url.source(), &json_type, &body.to_string())).await;
    assert_eq!(opened.body["sessionId"], "demo-session", "{:?}", opened.body);
    let wrong = body.to_string().replace(&demo("password"), "guessed");
    assert_eq!(
        world.send(request("POST", url.source(), &json_type, &wrong)).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_role_is_assumed_and_says_whose_keys_they_are() {
    let world = World::new();
    let form = "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FDove&ExternalId=e-1";
    let headers = [
        ("authorization", "AWS4-HMAC-SHA256 Credential=own/x"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let keys = world.send(request("POST", "https://sts.eu-west-3.amazonaws.com/", &headers, form)).await;
    let xml = keys.body.as_str().unwrap();
    assert!(xml.contains("<AccessKeyId>ASIADEMODEMODEMODEMO</AccessKeyId>"), "{xml}");
    let unsigned =
        world.send(request("POST", "https://sts.eu-west-3.amazonaws.com/", &headers[1..], form)).await;
    assert_eq!(unsigned.status, StatusCode::FORBIDDEN);
    let forged = [
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=ASIADEMODEMODEMODEMO/20260101/eu-west-3/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=00",
        ),
        ("x-amz-date", "20260101T000000Z"),
    ];
    let url = "https://sts.eu-west-3.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15";
    assert_eq!(world.send(request("GET", url, &forged, "")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn endpoints_that_depart_from_the_standard_answer_in_their_own_words() {
    let world = World::new();
    let consent = async |url: &str| link(&world.send(request("GET", url, &[], "")).await, "allow");
    let back = "redirect_uri=https%3A%2F%2Fdovetail.test%2Fcb&state=s";
    let code = param(
        &consent(&format!("https://business-api.tiktok.com/portal/auth?app_id=c&{back}")).await,
        "code",
    );
    let body = json!({"auth_code": code, "app_id": "c", "secret": "s"}).to_string();
    let json_type = [("content-type", "application/json")];
    let url = "https://business-api.tiktok.com/open_api/v1.3/oauth2/access_token/";
    let tokens = world.send(request("POST", url, &json_type, &body)).await;
    assert!(tokens.body["data"]["access_token"].is_string(), "{:?}", tokens.body);

    let code = param(
        &consent(&format!("https://api.braintreegateway.com/oauth/connect?client_id=c&{back}")).await,
        "code",
    );
    let xml = format!("<?xml version=\"1.0\"?><credentials><code>{code}</code></credentials>");
    let url = "https://api.braintreegateway.com/oauth/access_tokens";
    let tokens = world.send(request("POST", url, &[("content-type", "application/xml")], &xml)).await;
    assert!(tokens.body.as_str().unwrap().contains("<access-token>demo-access-token"), "{:?}", tokens.body);

    let refresh = "grant_type=refresh_token&refresh_token=demo-refresh-token&client_id=c&client_secret=s";
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let kept =
        world.send(request("POST", "https://open.coros.com/oauth2/refresh-token", &form, refresh)).await;
    assert_eq!((&kept.body["result"], kept.body.get("access_token")), (&json!("0000"), None::<&Value>));
    let login = "https://rest.bullhornstaffing.com/rest-services/login?version=*&access_token=demo-access-token&ttl=10080";
    let session = world.send(request("POST", login, &[], "")).await;
    assert!(session.body["BhRestToken"].is_string(), "{:?}", session.body);
}
