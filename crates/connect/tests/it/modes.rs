//! Modes that exchange, sign or assume what an end user gives (auth-modes.md sections 6 and 13 to 18).

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dovetail_catalog::{CatalogHandle, Provider};
use dovetail_connect::modes::{Form, obtain};
use dovetail_connect::obtain::{ObtainError, Obtained, Party};
use dovetail_connect::renew::renew;
use dovetail_model::{
    Credentials, EnvironmentId, Integration, IntegrationId, IntegrationSecrets, Secret, SeededRandom,
    Timestamp,
};
use serde_json::{Map, Value, json};

use crate::service::{Reply, Service};

/// 2026-01-01T00:00:00Z.
const NOW: Timestamp = Timestamp(1_767_225_600_000);

const KEY: &str = include_str!("test_key.pem");

struct Kit {
    provider: Arc<Provider>,
    integration: Integration,
    config: Map<String, Value>,
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

impl Kit {
    fn new(id: &str, config: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("providers.yaml"), include_str!("modes.yaml")).unwrap();
        let handle = CatalogHandle::open(Some(folder.path().to_owned()));
        assert!(handle.problems().is_empty(), "{:?}", handle.problems());
        let provider = handle.current().shared(id).unwrap();
        let integration = Integration {
            id: IntegrationId(1),
            environment: EnvironmentId(1),
            unique_key: id.to_owned(),
            provider: id.to_owned(),
            display_name: None,
            forward_webhooks: true,
            secrets: IntegrationSecrets::default(),
            created_at: NOW,
            updated_at: NOW,
        };
        Self { provider, integration, config: object(config) }
    }

    fn with_custom(mut self, values: &[(&str, &str)]) -> Self {
        self.integration.secrets.custom = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)))
            .collect::<BTreeMap<_, _>>();
        self
    }

    async fn link(&self, service: &Service, fields: Value, option: Value) -> Result<Obtained, ObtainError> {
        let (fields, option) = (object(fields), object(option));
        let random = SeededRandom::new(7);
        let form = Form { credentials: &fields, assertion_option: &option };
        obtain(&self.party(service, &random, NOW), form).await
    }

    async fn renew(
        &self,
        service: &Service,
        at: Timestamp,
        old: &Credentials,
    ) -> Result<Obtained, ObtainError> {
        let random = SeededRandom::new(8);
        renew(&self.party(service, &random, at), old).await
    }

    fn party<'a>(&'a self, service: &'a Service, random: &'a SeededRandom, now: Timestamp) -> Party<'a> {
        Party {
            egress: &service.egress,
            now,
            random,
            provider: &self.provider,
            integration: &self.integration,
            connection_id: "conn-42",
            connection_config: &self.config,
        }
    }
}

fn stored(obtained: &Obtained) -> Value {
    obtained.credentials.to_stored()
}

fn claims(jwt: &str) -> (Value, Value) {
    let mut parts = jwt.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap_or_default());
    let mut part = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (part(), part())
}

#[tokio::test]
async fn client_credentials_go_into_the_body_and_the_answer_is_kept() {
    let service = Service::answering(&[Reply(
        200,
        "content-type: application/json\r\n",
        r#"{"access_token":"at-1","expires_in":900,"instance_url":"https://eu.kit.test"}"#,
    )])
    .await;
    let kit = Kit::new("cc", json!({"zone": "eu", "oauth_scopes": "a:read, b"}));
    let linked =
        kit.link(&service, json!({"client_id": "acme", "client_secret": "hush"}), json!({})).await.unwrap();
    let wire = stored(&linked);
    assert_eq!(wire["type"], "OAUTH2_CC");
    assert_eq!(wire["token"], "at-1");
    assert_eq!(linked.credentials.expires_at(), Some(Timestamp(NOW.0 + 900_000)));
    assert_eq!(Value::Object(linked.config), json!({"instance_url": "https://eu.kit.test"}));
    let head = &service.heads()[0];
    assert!(head.contains("dovetail-simulated-url: https://eu.kit.test/token"), "{head}");
    for part in ["grant_type=client_credentials", "client_id=acme", "client_secret=hush", "scope=a%3aread+b"]
    {
        assert!(head.contains(part), "{part} in {head}");
    }
}

#[tokio::test]
async fn a_client_proves_itself_in_one_way_only() {
    const TOKEN: &[Reply] = &[Reply(200, "", r#"{"data":{"token":"t"}}"#)];
    let config = json!({"zone": "eu", "oauth_scopes": "a,b", "authorization_params": {"audience": "x"}});
    let fields = json!({"client_id": "acme", "client_secret": "hush"});

    let service = Service::answering(&[Reply(200, "", r#"{"jwt":"j","expires_in":900000}"#)]).await;
    let linked =
        Kit::new("cc-basic", config.clone()).link(&service, fields.clone(), json!({})).await.unwrap();
    let head = &service.heads()[0];
    assert!(
        head.contains(&format!("authorization: basic {}", STANDARD.encode("acme:hush").to_lowercase())),
        "{head}"
    );
    assert!(!head.contains("client_secret"), "{head}");
    assert!(head.contains("scope=a%2bb") && head.contains("audience=x"), "{head}");
    assert_eq!(linked.credentials.expires_at(), Some(Timestamp(NOW.0 + 900_000)));

    let service = Service::answering(TOKEN).await;
    let linked =
        Kit::new("cc-custom", config.clone()).link(&service, fields.clone(), json!({})).await.unwrap();
    let head = &service.heads()[0];
    assert!(head.starts_with("post /token?"), "{head}");
    assert!(head.contains("username=acme&password=hush") && !head.contains("client_id"), "{head}");
    // No lifetime was named.
    assert_eq!(linked.credentials.expires_at(), Some(Timestamp(NOW.0 + 55 * 60_000)));

    let service = Service::answering(TOKEN).await;
    let fields = json!({"client_id": "acme", "client_private_key": KEY});
    Kit::new("cc-key", config).link(&service, fields, json!({})).await.unwrap();
    let head = &service.heads()[0];
    assert!(head.contains("client_assertion_type=urn%3aietf") && !head.contains("client_secret"), "{head}");
}

#[tokio::test]
async fn a_refused_client_is_told_with_the_services_words_and_never_with_its_secret() {
    let service = Service::answering(&[Reply(
        401,
        "content-type: application/json\r\n",
        r#"{"error":"invalid_client","error_description":"secret hush-hush-hush is wrong"}"#,
    )])
    .await;
    let kit = Kit::new("cc", json!({"zone": "eu"}));
    let fields = json!({"client_id": "acme", "client_secret": "hush-hush-hush"});
    let error = kit.link(&service, fields, json!({})).await.unwrap_err();
    assert_eq!(error.code(), Some("invalid_client"));
    assert!(!error.to_string().contains("hush"), "{error}");
    assert!(error.to_string().contains("*** is wrong"), "{error}");
}

#[tokio::test]
async fn a_missing_part_of_the_address_is_named_before_anything_is_sent() {
    let service = Service::answering(&[Reply(200, "", "{}")]).await;
    for config in [json!({}), json!({"zone": "evil.test/"}), json!({"zone": "a@evil.test"})] {
        let kit = Kit::new("cc", config);
        let fields = json!({"client_id": "acme", "client_secret": "hush"});
        let error = kit.link(&service, fields, json!({})).await.unwrap_err();
        assert!(matches!(&error, ObtainError::Unbuildable(text) if text.contains("zone")), "{error}");
    }
    assert!(service.heads().is_empty());
}

#[tokio::test]
async fn client_credentials_are_renewed_with_the_same_client() {
    let service = Service::answering(&[
        Reply(200, "", r#"{"access_token":"at-1","expires_in":60}"#),
        Reply(200, "", r#"{"access_token":"at-2","expires_in":60}"#),
    ])
    .await;
    let kit = Kit::new("cc", json!({"zone": "eu"}));
    let fields = json!({"client_id": "acme", "client_secret": "hush"});
    let linked = kit.link(&service, fields, json!({})).await.unwrap();
    let renewed = kit.renew(&service, NOW, &linked.credentials).await.unwrap();
    assert_eq!(stored(&renewed)["token"], "at-2");
    assert_eq!(stored(&renewed)["client_secret"], "hush");
    assert!(service.heads()[1].contains("client_id=acme"));
}

#[tokio::test]
async fn a_jwt_carries_the_claims_that_have_a_value() {
    let service = Service::answering(&[]).await;
    let fields = json!({
        "type": "API_KEY", "issuerId": "iss-1", "privateKeyId": "kid-1", "privateKey": KEY.replace('\n', "\\n")
    });
    let kit = Kit::new("apple", json!({"scope": "GET /v1/apps, GET /v1/users,"}));
    let linked = kit.link(&service, fields, json!({})).await.unwrap();
    let wire = stored(&linked);
    assert_eq!(wire["type"], "JWT");
    let (header, payload) = claims(wire["token"].as_str().unwrap());
    assert_eq!(header, json!({"alg": "RS256", "typ": "JWT", "kid": "kid-1"}));
    assert_eq!(
        payload,
        json!({
            "iss": "iss-1", "aud": "appstoreconnect-v1", "scope": ["GET /v1/apps", "GET /v1/users"],
            "iat": 1_767_225_600, "exp": 1_767_226_500
        })
    );
    let kit = Kit::new("apple", json!({}));
    let renewed = kit.renew(&service, Timestamp(NOW.0 + 60_000), &linked.credentials).await.unwrap();
    let (_, payload) = claims(stored(&renewed)["token"].as_str().unwrap());
    assert_eq!(payload["iat"], 1_767_225_660);
    assert!(payload.get("scope").is_none(), "{payload}");
}

#[tokio::test]
async fn shared_keys_sign_as_the_vectors_say() {
    let service = Service::answering(&[]).await;
    let key = format!("0102030405060708090a0b0c:{}{}", "00".repeat(16), "ff".repeat(16));
    let linked =
        Kit::new("ghost", json!({})).link(&service, json!({"privateKey": key}), json!({})).await.unwrap();
    let token = stored(&linked)["token"].as_str().unwrap().to_owned();
    assert!(token.ends_with(".NKPXeV5J1qqkoEC_YfQRAW7rd0H-9TwFejzjmZM7KPY"), "{token}");

    let fields = json!({"apiSecretId": "id-1", "apiSecretKey": "KeY9"});
    let linked = Kit::new("hey", json!({})).link(&service, fields, json!({})).await.unwrap();
    let token = stored(&linked)["token"].as_str().unwrap().to_owned();
    assert!(token.ends_with(".3TbRjMOXQ_ieRHY08pnZCC-lWdT6W-4B_0a_6l_yVyg"), "{token}");
}

#[tokio::test]
async fn a_key_of_another_kind_is_refused_without_repeating_it() {
    let service = Service::answering(&[]).await;
    let fields = json!({"issuerId": "iss-1", "privateKeyId": "kid-1", "privateKey": "hush"});
    let error = Kit::new("apple", json!({})).link(&service, fields, json!({})).await.unwrap_err();
    assert_eq!(error.to_string(), "the private key is not in a usable form");
}

#[tokio::test]
async fn bill_logs_in_and_keeps_the_session() {
    let service =
        Service::answering(&[Reply(200, "", r#"{"sessionId":"s-1","userId":"u-1","organizationId":"008"}"#)])
            .await;
    let fields = json!({"username": "pia", "password": "hush", "organization_id": "008", "dev_key": "dk"});
    let linked = Kit::new("bill", json!({})).link(&service, fields, json!({})).await.unwrap();
    let wire = stored(&linked);
    assert_eq!((&wire["session_id"], &wire["user_id"]), (&json!("s-1"), &json!("u-1")));
    assert_eq!(linked.credentials.expires_at(), Some(Timestamp(NOW.0 + 35 * 60_000)));
    assert!(service.heads()[0].contains(r#""organizationid":"008","devkey":"dk""#), "{}", service.heads()[0]);

    let service = Service::answering(&[Reply(401, "", "[]")]).await;
    let fields = json!({"username": "pia", "password": "no", "organization_id": "008", "dev_key": "dk"});
    let error = Kit::new("bill", json!({})).link(&service, fields, json!({})).await.unwrap_err();
    assert!(matches!(error, ObtainError::Refused { status: 401, .. }), "{error}");
}

#[tokio::test]
async fn a_login_of_several_steps_reads_the_last_answer() {
    let service = Service::answering(&[
        Reply(200, "set-cookie: A=1; Path=/\r\n", r#"{"endpoint":"https://t7.kit.test","id":9}"#),
        Reply(200, "set-cookie: B=2\r\n", r#"{"access_token":"tok","expires_in":"15m"}"#),
    ])
    .await;
    let fields = json!({"team": "a/b c", "username": "pia", "password": "hush", "raw": "evil", "other": "x"});
    let linked = Kit::new("steps", json!({})).link(&service, fields, json!({})).await.unwrap();
    let heads = service.heads();
    assert!(heads[0].starts_with("get /server?team=a%2fb%20c "), "{}", heads[0]);
    assert!(heads[1].contains("dovetail-simulated-url: https://t7.kit.test/api/token"), "{}", heads[1]);
    assert!(heads[1].contains("x-req: 9"), "{}", heads[1]);
    assert!(
        heads[1].contains(r#"{"username":"pia","password":"hush","nested":{"fixed":1}}"#),
        "{}",
        heads[1]
    );
    let wire = stored(&linked);
    assert_eq!(wire["token"], "tok");
    assert_eq!(wire["_cookies"], "A=1; B=2");
    assert_eq!(wire["raw"], json!({"access_token": "tok", "expires_in": "15m"}));
    assert!(wire.get("other").is_none());
    assert_eq!(linked.credentials.expires_at(), Some(Timestamp(NOW.0 + 900_000)));
    assert_eq!(Value::Object(linked.config), json!({"endpoint": "https://t7.kit.test"}));
}

/// auth-modes.md 28.5.
#[tokio::test]
async fn a_life_of_zero_is_no_end() {
    let service = Service::answering(&[Reply(200, "", r#"{"access_token":"at-1"}"#)]).await;
    let kit = Kit::new("lasting", json!({}));
    let linked = kit.link(&service, json!({"email": "pia@acme.test"}), json!({})).await.unwrap();
    assert_eq!(linked.credentials.expires_at(), None);
}

#[tokio::test]
async fn a_refresh_token_is_used_where_there_is_one_and_a_dead_one_falls_back_to_the_login() {
    let service = Service::answering(&[
        Reply(200, "", r#"{"access_token":"at-1","refresh_token":"rt-1"}"#),
        Reply(200, "", r#"{"access_token":"at-2"}"#),
        Reply(401, "", "{}"),
        Reply(200, "", r#"{"access_token":"at-3","refresh_token":"rt-3"}"#),
        Reply(503, "", "{}"),
    ])
    .await;
    let kit = Kit::new("rotating", json!({}));
    let fields = json!({"email": "pia@acme.test", "password": "hush"});
    let first = kit.link(&service, fields, json!({})).await.unwrap();
    let second = kit.renew(&service, NOW, &first.credentials).await.unwrap();
    assert_eq!(
        (&stored(&second)["token"], &stored(&second)["refresh_token"]),
        (&json!("at-2"), &json!("rt-1"))
    );
    let third = kit.renew(&service, NOW, &second.credentials).await.unwrap();
    assert_eq!(
        (&stored(&third)["token"], &stored(&third)["refresh_token"]),
        (&json!("at-3"), &json!("rt-3"))
    );
    let heads = service.heads();
    assert!(
        heads[1].starts_with("post /refresh ") && heads[1].contains(r#"{"refresh":"rt-1"}"#),
        "{}",
        heads[1]
    );
    assert!(heads[3].starts_with("post /login "), "{}", heads[3]);
    // An outage says nothing about the refresh token: no password is sent.
    let error = kit.renew(&service, NOW, &third.credentials).await.unwrap_err();
    assert!(error.is_temporary(), "{error}");
    assert_eq!(service.heads().len(), 5);
}

#[tokio::test]
async fn a_value_in_a_quoted_text_cannot_leave_it() {
    let service = Service::answering(&[Reply(200, "", r#"{"data":{"signIn":{"token":"t"}}}"#)]).await;
    let fields = json!({"email": "pia@acme.test", "password": "x\") { evil } #"});
    Kit::new("graph", json!({})).link(&service, fields, json!({})).await.unwrap();
    let head = service.heads()[0].clone();
    let body: Value = serde_json::from_str(head.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert!(body["query"].as_str().unwrap().contains(r#"password: "x\") { evil } #")"#), "{body}");
}

#[tokio::test]
async fn a_one_time_key_signs_an_assertion_that_outlives_it() {
    let service = Service::answering(&[Reply(200, "", r#"{"access_token":"at-1"}"#)]).await;
    let kit = Kit::new("asserted", json!({}));
    let fields = json!({"clientId": "c-1", "keyId": "k-1"});
    let linked = kit.link(&service, fields, json!({"privateKey": KEY})).await.unwrap();
    let wire = stored(&linked);
    let (header, payload) = claims(wire["assertion"].as_str().unwrap());
    assert_eq!(header, json!({"alg": "PS256", "typ": "JWT", "kid": "k-1"}));
    assert_eq!((&payload["iss"], &payload["exp"]), (&json!("c-1"), &json!(1_767_229_200)));
    assert!(!wire.to_string().contains("PRIVATE KEY"));

    let renewed = kit.renew(&service, Timestamp(NOW.0 + 1_800_000), &linked.credentials).await.unwrap();
    assert_eq!(stored(&renewed)["assertion"], wire["assertion"]);
    let error = kit.renew(&service, Timestamp(NOW.0 + 3_590_000), &linked.credentials).await.unwrap_err();
    assert!(error.to_string().contains("linked again"), "{error}");
}

#[tokio::test]
async fn a_saml_assertion_is_signed_and_kept_while_it_is_good() {
    let service = Service::answering(&[Reply(200, "", r#"{"access_token":"at-1"}"#)]).await;
    let kit = Kit::new("saml", json!({"apiServer": "api41.kit.test"}));
    let option = json!({"userName": "pia & <co>", "privateKey": KEY});
    let linked = kit.link(&service, json!({"apiKey": "ak-1"}), option).await.unwrap();
    let assertion = stored(&linked)["assertion"].as_str().unwrap().to_owned();
    let xml = String::from_utf8(STANDARD.decode(&assertion).unwrap()).unwrap();
    for part in [
        "<saml2:Issuer>www.kit.test</saml2:Issuer><ds:Signature",
        ">pia &amp; &lt;co></saml2:NameID>".replace("co>", "co&gt;").as_str(),
        "NotOnOrAfter=\"2026-01-01T00:10:00.000Z\" Recipient=\"https://api41.kit.test/oauth/token\"",
        "<saml2:Audience>www.kit.test</saml2:Audience>",
        ">ak-1</saml2:AttributeValue>",
        ">true</saml2:AttributeValue>",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    let renewed = kit.renew(&service, Timestamp(NOW.0 + 300_000), &linked.credentials).await.unwrap();
    assert_eq!(stored(&renewed)["assertion"], assertion);
    assert!(kit.renew(&service, Timestamp(NOW.0 + 599_000), &linked.credentials).await.is_err());
}

#[tokio::test]
async fn permanent_tokens_need_their_account() {
    let service = Service::answering(&[]).await;
    let fields = json!({"token_id": "t-1", "token_secret": "hush"});
    let error = Kit::new("tba", json!({})).link(&service, fields.clone(), json!({})).await.unwrap_err();
    assert!(error.to_string().contains("account ID"), "{error}");
    let kit = Kit::new("tba", json!({"accountId": "1234567-sb1"}));
    let linked = kit.link(&service, fields, json!({})).await.unwrap();
    assert_eq!(
        stored(&linked),
        json!({"type": "TBA", "token_id": "t-1", "token_secret": "hush", "config_override": {}})
    );
    assert_eq!(kit.renew(&service, NOW, &linked.credentials).await.unwrap_err(), ObtainError::NotRenewable);
}

#[tokio::test]
async fn a_user_name_token_is_made_anew_with_a_nonce_of_its_own() {
    let service = Service::answering(&[]).await;
    let kit = Kit::new("wsse", json!({}));
    let linked = kit.link(&service, json!({"username": "ana", "password": "hush"}), json!({})).await.unwrap();
    let renewed = kit.renew(&service, NOW, &linked.credentials).await.unwrap();
    assert_ne!(stored(&linked)["token"], stored(&renewed)["token"]);
    assert_eq!(linked.credentials.expires_at(), Some(Timestamp(NOW.0 + 300_000)));
    let quoted = kit.link(&service, json!({"username": "a\"b", "password": "hush"}), json!({})).await;
    assert!(matches!(quoted, Err(ObtainError::Unbuildable(_))));
}

const ASSUMED: &str = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AK</AccessKeyId>\
    <SecretAccessKey>SK</SecretAccessKey><SessionToken>ST</SessionToken>\
    <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
const WHO: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
    <Arn>arn:aws:sts::111122223333:assumed-role/Dove/dovetail-1</Arn>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";
const XML: &str = "content-type: text/xml\r\n";

#[tokio::test]
async fn a_role_is_assumed_and_checked_to_be_the_one_that_was_named() {
    let custom = [
        ("service", "s3"),
        ("stsMode", "builtin"),
        ("awsAccessKeyId", "AKOWN"),
        ("awsSecretAccessKey", "hush"),
    ];
    let config = json!({"region": "eu-west-3", "external_id": "7c1f3c58-0d55-4a4e-9d4a-6a2f5b1c0e11"});
    let kit = Kit::new("role", config).with_custom(&custom);

    let service = Service::answering(&[Reply(200, XML, ASSUMED), Reply(200, XML, WHO)]).await;
    let fields = json!({"role_arn": "arn:aws:iam::111122223333:role/Dove"});
    let linked = kit.link(&service, fields, json!({})).await.unwrap();
    let heads = service.heads();
    assert!(
        heads[0].contains("dovetail-simulated-url: https://sts.eu-west-3.amazonaws.com/"),
        "{}",
        heads[0]
    );
    assert!(heads[0].contains("externalid=7c1f3c58-0d55-4a4e-9d4a-6a2f5b1c0e11"), "{}", heads[0]);
    assert!(heads[0].contains("authorization: aws4-hmac-sha256 credential=akown/"), "{}", heads[0]);
    assert!(heads[1].starts_with("get /?action=getcalleridentity"), "{}", heads[1]);
    assert!(heads[1].contains("x-amz-security-token: st"), "{}", heads[1]);
    assert_eq!(stored(&linked)["access_key_id"], "AK");
    assert_eq!(linked.config["service"], "s3");

    let service = Service::answering(&[Reply(200, XML, ASSUMED), Reply(200, XML, WHO)]).await;
    let fields = json!({"role_arn": "arn:aws:iam::999922223333:role/Dove"});
    let error = kit.link(&service, fields, json!({})).await.unwrap_err();
    assert!(error.to_string().contains("another role"), "{error}");
}

#[tokio::test]
async fn a_role_can_be_assumed_by_a_service_of_the_owner() {
    let custom = [
        ("service", "s3"),
        ("defaultRegion", "eu-west-3"),
        ("stsMode", "custom"),
        ("stsEndpointUrl", "https://sts.owner.test/assume"),
        ("stsAuthType", "api_key"),
        ("stsApiKey", "owner-key"),
    ];
    let kit = Kit::new("role", json!({})).with_custom(&custom);
    let service = Service::answering(&[
        Reply(200, "", r#"{"credentials":{"accessKeyId":"AK","secretAccessKey":"SK","sessionToken":"ST"}}"#),
        Reply(200, XML, WHO),
    ])
    .await;
    let fields = json!({"role_arn": "arn:aws:iam::111122223333:role/Dove"});
    let linked = kit.link(&service, fields, json!({})).await.unwrap();
    assert!(service.heads()[0].contains("x-api-key: owner-key"), "{}", service.heads()[0]);
    assert_eq!(linked.credentials.expires_at(), Some(Timestamp(NOW.0 + 3_600_000)));
}

#[tokio::test]
async fn a_role_needs_complete_settings() {
    let service = Service::answering(&[]).await;
    let fields = json!({"role_arn": "arn:aws:iam::111122223333:role/Dove"});
    for (custom, missing) in [
        (vec![], "AWS service"),
        (vec![("service", "s3"), ("stsMode", "builtin")], "access key"),
        (vec![("service", "s3")], "STS endpoint"),
        (vec![("service", "s3"), ("stsEndpointUrl", "http://sts.owner.test")], "not valid"),
        (vec![("service", "s3"), ("stsEndpointUrl", "https://sts.owner.test")], "region"),
    ] {
        let kit = Kit::new("role", json!({})).with_custom(&custom);
        let error = kit.link(&service, fields.clone(), json!({})).await.unwrap_err();
        assert!(error.to_string().contains(missing), "{missing}: {error}");
    }
    assert!(service.heads().is_empty());
}
