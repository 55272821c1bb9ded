//! auth-modes.md section 28.2: OAuth 1.0a signatures.

use dovetail_catalog::SignatureMethod;
use dovetail_catalog::outgoing::{Oauth1, Oauth1Request, oauth1_authorization};
use url::Url;

fn signature(keys: &Oauth1<'_>, request: &Oauth1Request<'_>) -> String {
    let header = oauth1_authorization(keys, request).unwrap();
    let at = header.find("oauth_signature=\"").unwrap() + 17;
    let value = &header[at..at + header[at..].find('"').unwrap()];
    percent_encoding::percent_decode_str(value).decode_utf8().unwrap().into_owned()
}

fn keys<'a>(token: &'a str, token_secret: &'a str) -> Oauth1<'a> {
    Oauth1 {
        consumer_key: "ck_9",
        consumer_secret: "cs/9+!",
        token,
        token_secret,
        method: SignatureMethod::HmacSha1,
        realm: None,
    }
}

#[test]
fn every_vector_of_oauth_1_holds() {
    let url = |text: &str| Url::parse(text).unwrap();
    let request_token = url("https://api.dove.test/oauth/request_token");
    let form = [("x_auth_access_type".to_owned(), "write".to_owned())];
    let first = Oauth1Request {
        method: "POST",
        url: &request_token,
        form: &form,
        more: &[("oauth_callback", "https://auth.dove.test/oauth/callback?state=s-1")],
        timestamp: 1_767_225_600,
        nonce: "n0nceN0nceN0nceN0nceN0nceN0nce01",
    };
    assert_eq!(signature(&keys("", ""), &first), "xM30e8ov9CNtn8HtPbrgvTH6xbM=");

    let access_token = url("https://api.dove.test/oauth/access_token");
    let second = Oauth1Request {
        url: &access_token,
        form: &[],
        more: &[("oauth_verifier", "vf-4")],
        timestamp: 1_767_225_601,
        nonce: "n0nceN0nceN0nceN0nceN0nceN0nce02",
        ..first
    };
    assert_eq!(signature(&keys("rt_1", "rts 1"), &second), "2E+Y04qG4xPdW/so1usswezg+aw=");

    let list = url("https://api.dove.test/1.1/list.json?count=5&q=a%20b");
    let third = Oauth1Request {
        method: "GET",
        url: &list,
        more: &[],
        timestamp: 1_767_225_602,
        nonce: "n0nceN0nceN0nceN0nceN0nceN0nce03",
        ..second
    };
    assert_eq!(signature(&keys("at_1", "ats"), &third), "UYM1OeAEyA6Kkjkb3YnGVXVZrm8=");

    let plain = Oauth1 { method: SignatureMethod::Plaintext, ..keys("at_1", "ats") };
    assert_eq!(signature(&plain, &third), "cs%2F9%2B%21&ats");
}

#[test]
fn the_vector_of_token_based_authentication_holds() {
    let url =
        Url::parse("https://1234567-sb1.suitetalk.api.netsuite.com/services/rest/record/v1/customer?limit=2")
            .unwrap();
    let keys = Oauth1 {
        consumer_key: "nsck",
        consumer_secret: "nscs",
        token: "tokid",
        token_secret: "toksec",
        method: SignatureMethod::HmacSha256,
        realm: Some("1234567_SB1".to_owned()),
    };
    let request = Oauth1Request {
        method: "GET",
        url: &url,
        form: &[],
        more: &[],
        timestamp: 1_767_225_603,
        nonce: "n0nceN0nceN0nceN0nceN0nceN0nce04",
    };
    assert_eq!(signature(&keys, &request), "xIH+EGkrMW3FGQ2jooIX30IwDz4OuWzd+948K371y7c=");
}
