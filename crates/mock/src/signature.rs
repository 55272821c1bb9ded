//! Signatures of requests, worked out here anew so that the product is not measured by its own code: OAuth 1.0a
//! (RFC 5849 section 3.4) and AWS Signature Version 4.

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::received::Received;

/// Everything but the unreserved characters of RFC 3986.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What signs a demo request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keys<'a> {
    pub(crate) consumer_secret: &'a str,
    pub(crate) token_secret: &'a str,
}

/// A parameter of an `Authorization: OAuth` header.
pub(crate) fn oauth_param(header: &str, name: &str) -> Option<String> {
    pairs(header).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn pairs(header: &str) -> Vec<(String, String)> {
    let listed = header.strip_prefix("OAuth ").unwrap_or_default();
    listed
        .split(',')
        .filter_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            let value = percent_decode_str(value.trim_matches('"')).decode_utf8().ok()?;
            Some((key.to_owned(), value.into_owned()))
        })
        .collect()
}

/// Whether an OAuth 1.0a header is signed with these keys.
pub(crate) fn is_oauth1(request: &Received, header: &str, keys: Keys<'_>) -> bool {
    let given = pairs(header);
    let value = |name: &str| given.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let (Some(signature), Some(method)) = (value("oauth_signature"), value("oauth_signature_method")) else {
        return false;
    };
    let key = format!("{}&{}", encode(keys.consumer_secret), encode(keys.token_secret));
    let algorithm = match method {
        "HMAC-SHA1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "HMAC-SHA256" => hmac::HMAC_SHA256,
        "PLAINTEXT" => return signature == key,
        _ => return false,
    };
    let mut all: Vec<(String, String)> = given
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "realm" | "oauth_signature"))
        .cloned()
        .chain(request.url.query_pairs().into_owned())
        .collect();
    let kind = request.header("content-type").unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        all.extend(url::form_urlencoded::parse(&request.body).into_owned());
    }
    let mut encoded: Vec<String> =
        all.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    encoded.sort_unstable();
    let plain = &request.url[..url::Position::AfterPath];
    let base = format!("{}&{}&{}", request.parts.method, encode(plain), encode(&encoded.join("&")));
    let tag = hmac::sign(&hmac::Key::new(algorithm, key.as_bytes()), base.as_bytes());
    STANDARD.encode(tag) == signature
}

/// Whether an AWS header is signed with this access key.
pub(crate) fn is_sigv4(request: &Received, header: &str, access_key: &str, secret: &str) -> bool {
    let part = |name: &str| {
        header.split([' ', ',']).find_map(|part| part.trim().strip_prefix(name)).map(str::to_owned)
    };
    let (Some(credential), Some(names), Some(signature)) =
        (part("Credential="), part("SignedHeaders="), part("Signature="))
    else {
        return false;
    };
    let scope: Vec<&str> = credential.split('/').collect();
    let [id, day, region, service, "aws4_request"] = scope[..] else { return false };
    let Some(date) = request.header("x-amz-date") else { return false };
    if id != access_key || !date.starts_with(day) || !names.split(';').any(|name| name == "host") {
        return false;
    }
    let payload = hex::encode(digest::digest(&digest::SHA256, &request.body));
    if request.header("x-amz-content-sha256").is_some_and(|told| told != payload) {
        return false;
    }
    let path: Vec<String> = request.url.path().split('/').map(encode).collect();
    let mut query: Vec<String> = request
        .url
        .query_pairs()
        .map(|(name, value)| format!("{}={}", encode(&name), encode(&value)))
        .collect();
    query.sort_unstable();
    let mut canonical = format!("{}\n{}\n{}\n", request.parts.method, path.join("/"), query.join("&"));
    for name in names.split(';') {
        let value = match name {
            "host" => match request.url.port() {
                Some(port) => format!("{}:{port}", request.host()),
                None => request.host().to_owned(),
            },
            name => request.header(name).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "),
        };
        canonical.push_str(&format!("{name}:{value}\n"));
    }
    canonical.push_str(&format!("\n{names}\n{payload}"));
    let digest = hex::encode(digest::digest(&digest::SHA256, canonical.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{day}/{region}/{service}/aws4_request\n{digest}");
    let mut key = format!("AWS4{secret}").into_bytes();
    for step in [day, region, service, "aws4_request", &to_sign] {
        key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), step.as_bytes()).as_ref().to_vec();
    }
    hex::encode(&key) == signature
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}
