//! providers.md section 14, vectors 48 to 60, and proxy.md section 19.

use dovetail_catalog::{
    Provider,
    outgoing::{
        self, Call, CallBody, ConnectionFacts, CredentialKind, CredentialView, IntegrationFacts,
        OutgoingError, Request,
    },
    template::Moment,
};
use serde_json::{Map, Value, json};

use crate::support::{moment, provider};

/// A call in the making; every part has a default.
struct Sample {
    provider: std::sync::Arc<Provider>,
    credentials: CredentialView,
    config: Map<String, Value>,
    metadata: Map<String, Value>,
    custom: Map<String, Value>,
    headers: Vec<(String, String)>,
    method: &'static str,
    body: Option<Vec<u8>>,
    base_override: Option<String>,
    moment: Moment,
    nonce: &'static str,
    client: Option<(&'static str, &'static str)>,
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

impl Sample {
    fn new(proxy: &str) -> Self {
        Self::of(provider(&format!("auth_mode: API_KEY\nproxy:\n{proxy}")))
    }

    fn base(base: &str) -> Self {
        Self::new(&format!("  base_url: {}", Value::from(base)))
    }

    fn of(provider: std::sync::Arc<Provider>) -> Self {
        Self {
            provider,
            credentials: CredentialView {
                kind: CredentialKind::ApiKey,
                fields: object(json!({"apiKey": "k"})),
            },
            config: Map::new(),
            metadata: Map::new(),
            custom: Map::new(),
            headers: Vec::new(),
            method: "GET",
            body: None,
            base_override: None,
            moment: moment(),
            nonce: "n0nceN0nceN0nceN0nceN0nceN0nceAB",
            client: None,
        }
    }

    fn config(mut self, config: Value) -> Self {
        self.config = object(config);
        self
    }

    fn credentials(mut self, kind: CredentialKind, fields: Value) -> Self {
        self.credentials = CredentialView { kind, fields: object(fields) };
        self
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn post(mut self, content_type: &str, body: &str) -> Self {
        self.method = "POST";
        self.body = Some(body.as_bytes().to_vec());
        if content_type.is_empty() { self } else { self.header("content-type", content_type) }
    }

    fn build(&self, endpoint: &str) -> Result<Request, OutgoingError> {
        let (client_id, client_secret) = self.client.unzip();
        outgoing::build(&Call {
            provider: Some(&self.provider),
            connection: ConnectionFacts {
                connection_id: "c-1",
                connection_config: &self.config,
                metadata: &self.metadata,
                credentials: &self.credentials,
            },
            integration: IntegrationFacts { client_id, client_secret, custom: &self.custom },
            method: self.method,
            endpoint,
            base_override: self.base_override.as_deref(),
            headers: &self.headers,
            body: self.body.as_deref().map_or(CallBody::Absent, CallBody::Bytes),
            moment: &self.moment,
            nonce: self.nonce,
        })
    }

    fn url(&self, endpoint: &str) -> String {
        self.build(endpoint).unwrap().url.to_string()
    }

    fn headers(&self, endpoint: &str) -> Value {
        let headers = self.build(endpoint).unwrap().headers;
        headers.into_iter().map(|(name, value)| (name, Value::String(value))).collect::<Map<_, _>>().into()
    }

    fn sent(&self) -> String {
        String::from_utf8(self.build("/x").unwrap().body.unwrap_or_default()).unwrap()
    }
}

#[test]
fn every_vector_of_proxy_urls_holds() {
    assert_eq!(Sample::base("https://h.io/v1/").url("/a//b/"), "https://h.io/v1/a//b/");
    assert_eq!(Sample::base("https://h.io/v1").url("/?x=1"), "https://h.io/v1/?x=1");
    assert_eq!(Sample::base("https://h.io").url("https://h.io/x"), "https://h.io/x");
    assert_eq!(
        Sample::base("https://h.io").url("https://h.io.evil.com/x"),
        "https://h.io/https://h.io.evil.com/x"
    );
    let either = "https://${connectionConfig.a} || https://${connectionConfig.b}.io";
    assert_eq!(Sample::base(either).config(json!({"b": "bb"})).url("/x"), "https://bb.io/x");
    assert_eq!(Sample::base(either).config(json!({"a": "aa.io"})).url("/x"), "https://aa.io/x");
    let pair = "https://${connectionConfig.a}-${connectionConfig.b}.io || https://z-${connectionConfig.b}.io";
    assert_eq!(Sample::base(pair).config(json!({"b": "bb"})).url("/x"), "https://z-bb.io/x");
    assert_eq!(Sample::base("https://h.io/bot${apiKey}").url("/me"), "https://h.io/botk/me");
    let mut meta = Sample::base("https://${metadata.m}.io");
    meta.metadata = object(json!({"m": "meta"}));
    assert_eq!(meta.url("/x"), "https://meta.io/x");
    let prefixed =
        Sample::base("https://${connectionConfig.d}").config(json!({"connectionConfig.d": "acme.io"}));
    assert_eq!(prefixed.url("/x"), "https://acme.io/x");
    assert_eq!(Sample::base("https://h.io").url("/q?a=%20b&c=d e"), "https://h.io/q?a=%20b&c=d%20e");
    let keyed = Sample::new("  base_url: https://h.io\n  query: {key: '${apiKey}'}");
    // Ours: the caller's pairs stay as they are.
    assert_eq!(keyed.url("/q?a=%20b&c=d e"), "https://h.io/q?a=%20b&c=d%20e&key=k");
    let unkeyed = Sample::new("  base_url: https://h.io\n  query: {key: '${nope}'}");
    assert_eq!(unkeyed.url("/q?a=%20b"), "https://h.io/q?a=%20b");
    let whole = Sample::base("${connectionConfig.u}").config(json!({"u": "https://acme.io/"}));
    assert_eq!(whole.url("/x"), "https://acme.io/x");
}

#[test]
fn urls_of_the_proxy_specification_hold() {
    assert_eq!(Sample::base("https://ex.test/").url("a/b"), "https://ex.test/a/b");
    let zone = Sample::base("https://www.z.${connectionConfig.ext}").config(json!({"ext": "eu"}));
    assert_eq!(zone.url("v1/x?y=1"), "https://www.z.eu/v1/x?y=1");
    assert_eq!(
        Sample::base("https://api.ex.test").url("/https://api.ex.test/u?x=1"),
        "https://api.ex.test/u?x=1"
    );
    let foreign = Sample::base("https://api.ex.test").build("https://api.ex.test.evil.test/x").unwrap();
    assert_eq!(foreign.url.host_str(), Some("api.ex.test"));
    assert_eq!(
        Sample::base("https://api.ex.test").url("/go?to=https://api.ex.test/z"),
        "https://api.ex.test/go?to=https://api.ex.test/z"
    );
    let keyed = Sample::new("  base_url: https://h.io\n  query: {api_key: '${apiKey}'}");
    let spaced = keyed.credentials(CredentialKind::ApiKey, json!({"apiKey": "k 1"}));
    assert_eq!(spaced.url("/p?foo=bar"), "https://h.io/p?foo=bar&api_key=k%201");
    assert_eq!(spaced.url("/p?api_key=mine&x=1&api_key=again"), "https://h.io/p?api_key=k%201&x=1");
    let mine =
        Sample::base("https://${apiKey}.t").credentials(CredentialKind::ApiKey, json!({"apiKey": "abc"}));
    assert_eq!(mine.url("/p"), "https://abc.t/p");
    let dotted = Sample::base("${connectionConfig.installation.apiEndPoint}");
    let dotted = dotted.config(json!({"installation.apiEndPoint": "https://acme.tw.test/"}));
    assert_eq!(dotted.url("/p"), "https://acme.tw.test/p");
}

#[test]
fn a_callers_text_reaches_no_secret_and_keeps_its_bars() {
    let sample = Sample::base("https://${connectionConfig.h}").config(json!({"h": "h.io", "p": "a b"}));
    assert_eq!(sample.url("/x?q=a||b"), "https://h.io/x?q=a||b");
    assert_eq!(sample.url("/x/${connectionConfig.p}?k=${apiKey}"), "https://h.io/x/a%20b?k=${apiKey}");
    assert_eq!(sample.url("/x?n=connectionConfig"), "https://h.io/x?n=connectionConfig");
    let error = sample.build("/x/${connectionConfig.nope}").unwrap_err();
    assert_eq!(error.code(), "missing_connection_config");
}

#[test]
fn a_call_that_cannot_go_anywhere_says_why() {
    let no_base = Sample::of(provider("auth_mode: NONE"));
    assert_eq!(no_base.build("/x"), Err(OutgoingError::UnsupportedProvider));
    assert_eq!(Sample::base("https://h.io").build(""), Err(OutgoingError::MissingApiUrl));
    let lacking = Sample::base("https://${connectionConfig.sub}.h.io").build("/x");
    assert_eq!(lacking, Err(OutgoingError::MissingConnectionConfig { name: "sub".to_owned() }));
    let mut elsewhere = Sample::base("https://h.io");
    elsewhere.base_override = Some("not a url".to_owned());
    assert_eq!(elsewhere.build("/x"), Err(OutgoingError::InvalidUrl));
    elsewhere.base_override = Some("https://other.test/v2/".to_owned());
    assert_eq!(elsewhere.url("/x"), "https://other.test/v2/x");
}

#[test]
fn headers_are_layered_as_specified() {
    let keyed = Sample::new("  base_url: https://h.io\n  headers: {my-token: '${apiKey}', x-test: t}");
    assert_eq!(keyed.headers("/x"), json!({"my-token": "k", "x-test": "t"}));

    let basic = |password: &str| {
        Sample::base("https://h.io")
            .credentials(CredentialKind::Basic, json!({"username": "u", "password": password}))
    };
    assert_eq!(basic("p").headers("/x"), json!({"authorization": "Basic dTpw"}));
    assert_eq!(basic("").headers("/x"), json!({"authorization": "Basic dTo="}));

    let own =
        Sample::new("  base_url: https://h.io\n  headers: {authorization: 'ApiKey ${credentials.username}'}")
            .credentials(CredentialKind::Basic, json!({"username": "u", "password": "p"}));
    assert_eq!(own.headers("/x"), json!({"authorization": "ApiKey u"}));
    assert_eq!(own.header("Authorization", "Bearer s").headers("/x"), json!({"authorization": "Bearer s"}));

    let token = "  base_url: https://h.io\n  headers: {x-t: '${accessToken}'}";
    let oauth = Sample::new(token).credentials(CredentialKind::Oauth2, json!({"access_token": "AT"}));
    assert_eq!(oauth.headers("/x"), json!({"authorization": "Bearer AT", "x-t": "AT"}));
    let two_step = Sample::new(token).credentials(CredentialKind::TwoStep, json!({"token": "AT"}));
    assert_eq!(two_step.headers("/x"), json!({"x-t": "AT"}));

    let lacking = "  base_url: https://h.io\n  headers: {x-a: '${connectionConfig.a}-${credentials.missing}', x-b: '${nope}'}";
    assert_eq!(Sample::new(lacking).config(json!({"a": "1"})).headers("/x"), json!({}));

    let agent =
        Sample::new("  base_url: https://h.io\n  headers: {user-agent: app}").header("user-agent", "mine");
    assert_eq!(agent.headers("/x"), json!({"user-agent": "app"}));
}

#[test]
fn a_value_that_looks_like_a_placeholder_is_sent_as_it_is() {
    let sample = Sample::new("  base_url: https://h.io\n  headers: {x-a: '${apiKey}'}")
        .credentials(CredentialKind::ApiKey, json!({"apiKey": "${credentials.other}", "other": "secret"}));
    assert_eq!(sample.headers("/x"), json!({"x-a": "${credentials.other}"}));
}

#[test]
fn a_body_is_merged_by_its_type() {
    let mandrill = || {
        Sample::new(
            "  base_url: https://h.io\n  body: {key: '${apiKey}', auth: {id: '${apiKey}', none: '${nope}'}, e: {x: '${nope}'}}",
        )
    };
    let mut bare = mandrill();
    bare.method = "POST";
    assert_eq!(bare.sent(), r#"{"key":"k","auth":{"id":"k"}}"#);
    assert_eq!(bare.headers("/x"), json!({"content-type": "application/json"}));
    let big = mandrill().post("application/json", r#"{"n":7584781588001541408000.10,"key":"mine"}"#);
    assert_eq!(big.sent(), r#"{"n":7584781588001541408000.10,"key":"k","auth":{"id":"k"}}"#);
    let form = mandrill().post("application/x-www-form-urlencoded", "a=b");
    assert_eq!(form.sent(), "a=b&key=k&auth%5Bid%5D=k");
    let parts = mandrill().post(
        "multipart/form-data; boundary=Bx",
        "--Bx\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n--Bx--\r\n",
    );
    assert!(parts.sent().ends_with("name=\"auth[id]\"\r\n\r\nk\r\n--Bx--\r\n"), "{}", parts.sent());
    // Only a line of its own ends the parts, wherever else the same letters stand.
    let tricky = "--Bx\r\n\r\na --Bx-- \r\n--Bx--x\r\n--Bx-- \r\nepilogue\r\n--Bx--";
    let tricky = mandrill().post("multipart/form-data; boundary=Bx", tricky);
    assert!(tricky.sent().starts_with("--Bx\r\n\r\na --Bx-- \r\n--Bx--x\r\n--Bx\r\ncontent-disposition"));
    assert!(tricky.sent().ends_with("k\r\n--Bx-- \r\nepilogue\r\n--Bx--"), "{}", tricky.sent());
    for untouched in ["multipart/form-data; boundary=", "multipart/form-data"] {
        assert_eq!(mandrill().post(untouched, "----\r\n----").sent(), "----\r\n----");
    }
    assert_eq!(mandrill().post("text/plain", "hi").sent(), "hi");
    assert_eq!(mandrill().post("application/json", "[1]").sent(), "[1]");
    assert_eq!(mandrill().build("/x").unwrap().body, None);
}

#[test]
fn an_integration_can_place_its_own_key() {
    let generic = "auth_mode: API_KEY\nproxy: {base_url: 'https://unset.test/'}\nintegration_config:\n  keyPlacement: {type: string, title: p, enum: [header, query]}\n  keyName: {type: string, title: n}\n  valueTemplate: {type: string, title: v}\n  baseUrl: {type: string, title: b}\n";
    let mut sample = Sample::of(provider(generic));
    sample.custom = object(
        json!({"keyName": "X-Key", "valueTemplate": "Api-Key ${apiKey}", "baseUrl": "https://own.test/v1"}),
    );
    assert_eq!(sample.url("/a"), "https://own.test/v1/a");
    assert_eq!(sample.headers("/a"), json!({"x-key": "Api-Key k"}));
    sample.custom =
        object(json!({"keyName": "X-Key", "keyPlacement": "query", "baseUrl": "https://own.test/v1"}));
    assert_eq!(sample.url("/a?b=c"), "https://own.test/v1/a?b=c&X-Key=k");
    assert_eq!(sample.headers("/a"), json!({}));
}

#[test]
fn duo_requests_are_signed_over_date_method_host_path_and_parameters() {
    let duo = provider(
        "auth_mode: BASIC\nproxy:\n  base_url: https://${connectionConfig.hostname}\n  headers:\n    date: '${now:ddd, DD MMM YYYY HH:mm:ss ZZ}'\n    authorization: \"Basic ${base64(${credentials.username}:${hmacSha1Hex(${now:ddd, DD MMM YYYY HH:mm:ss ZZ}\\n${method}\\n${host}\\n${path}\\n${params}, ${credentials.password})})}\"\n",
    );
    let mut sample = Sample::of(duo)
        .credentials(CredentialKind::Basic, json!({"username": "DIKEY", "password": "skey"}))
        .config(json!({"hostname": "api-7a.duo.test"}));
    sample.moment = Moment::new(1_770_091_506_000, "r");
    assert_eq!(
        sample.headers("/admin/v1/users?username=r%20b&limit=10"),
        json!({
            "authorization": "Basic RElLRVk6ZTA2N2QxMWEwYjkyODNmMGY2ZjQyMmRlYzQ3ZjNjYjUwZGQwOTNjOA==",
            "date": "Tue, 03 Feb 2026 04:05:06 +0000",
        })
    );
}

#[test]
fn oauth1_signatures_hold() {
    let mut sample = Sample::base("https://api.example.test")
        .credentials(CredentialKind::Oauth1, json!({"oauth_token": "tk1", "oauth_token_secret": "ts1"}));
    sample.moment = Moment::new(1_700_000_000_000, "r");
    sample.method = "POST";
    assert_eq!(sample.build("/1.1/items.json").unwrap_err().code(), "unsupported_auth");
    sample.client = Some(("ck1", "cs1"));
    let header =
        sample.headers("/1.1/items.json?page=2&name=caf%C3%A9")["authorization"].as_str().unwrap().to_owned();
    assert!(header.contains("oauth_signature=\"niCS7%2Bz1QxDgrOaI3uXlavy2Dqs%3D\""), "{header}");

    let mut tba = Sample::base("https://1234567.suitetalk.api.netsuite.com")
        .credentials(CredentialKind::Tba, json!({"token_id": "tok-id", "token_secret": "tok-secret", "config_override": {"client_id": "ck-tba", "client_secret": "cs-tba"}}))
        .config(json!({"accountId": "1234567-sb1"}));
    tba.moment = Moment::new(1_700_000_000_000, "r");
    let header = tba.headers("/services/rest/record/v1/customer?limit=5&q=a%20b")["authorization"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        header.starts_with("OAuth realm=\"1234567_SB1\", oauth_consumer_key=\"ck-tba\", oauth_nonce="),
        "{header}"
    );
    assert!(
        header.contains("oauth_signature=\"UKM0%2FWtSNgfZpWEOG1O8P%2F6SyDek9zX6XcmfWpaXTzY%3D\""),
        "{header}"
    );
}

fn aws(service: &str, session: &str) -> Sample {
    let mut sample = Sample::base("https://unused.test").credentials(
        CredentialKind::AwsSigv4,
        json!({"access_key_id": "AKIADOVETAILTEST0001", "secret_access_key": "dovetail/secret/key/for/tests/0123456789",
               "session_token": session, "region": "eu-west-3", "service": service}),
    );
    sample.moment = Moment::new(1_770_091_506_000, "r");
    sample
}

#[test]
fn aws_signatures_hold() {
    let mut dynamo = aws("dynamodb", "sess-1")
        .post("application/x-amz-json-1.0", r#"{"Limit":3}"#)
        .header("x-amz-target", "DynamoDB_20120810.ListTables");
    dynamo.base_override = Some("https://dynamodb.eu-west-3.amazonaws.com".to_owned());
    let value = dynamo.headers("/")["authorization"].as_str().unwrap().to_owned();
    assert!(value.contains(
        "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target,"
    ));
    assert!(
        value.ends_with("Signature=93db7d579b71dd834126fcae7ddab6b57f5b84f3264234d77fff743843d96583"),
        "{value}"
    );

    let mut s3 = aws("s3", "sess-1");
    s3.base_override = Some("https://dovetail-bkt.s3.eu-west-3.amazonaws.com".to_owned());
    let value = s3.headers("/dir%2Ffile%20a.txt?list-type=2&prefix=a%2Fb")["authorization"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        value.ends_with("Signature=d63c9722eba9863da270dd39411a7f14a443c71cc240acc2e335d7d3dab8da68"),
        "{value}"
    );

    let mut api = aws("execute-api", "");
    api.base_override = Some("https://abc.execute-api.eu-west-3.amazonaws.com".to_owned());
    let value = api.headers("/prod/items/a%20b")["authorization"].as_str().unwrap().to_owned();
    assert!(
        value.ends_with("Signature=87468beed110aff564a970cf04943ef0fded9d9e2d56474b7cb5a7b43123c4c9"),
        "{value}"
    );
}
