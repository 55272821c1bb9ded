//! Signatures over a whole request (proxy.md section 9).

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::Url;

use super::{body::FinalBody, error::OutgoingError, facts::Call, headers::streams};
use crate::{
    definition::SignatureMethod,
    template::{SigV4Key, amz_date, canonical_pairs, encode_rfc3986, sha256_hex, sigv4_signature},
};

/// Keys of an OAuth 1.0 signature (RFC 5849).
#[derive(Clone)]
pub struct Oauth1<'a> {
    /// Client.
    pub consumer_key: &'a str,
    /// Client's secret.
    pub consumer_secret: &'a str,
    /// Token; may be empty.
    pub token: &'a str,
    /// Token's secret; may be empty.
    pub token_secret: &'a str,
    /// Method.
    pub method: SignatureMethod,
    /// Realm, put first.
    pub realm: Option<String>,
}

/// What a signature covers beside the keys.
#[derive(Clone, Copy)]
pub struct Oauth1Request<'a> {
    /// Method.
    pub method: &'a str,
    /// URL with its query.
    pub url: &'a Url,
    /// Decoded pairs of a form body.
    pub form: &'a [(String, String)],
    /// Further protocol parameters: `oauth_callback`, `oauth_verifier`.
    pub more: &'a [(&'a str, &'a str)],
    /// Seconds since the epoch.
    pub timestamp: i64,
    /// Letters and digits, used once.
    pub nonce: &'a str,
}

/// The `Authorization` value for a call. `form` holds the decoded pairs of a form body.
pub fn oauth1_header(
    keys: &Oauth1<'_>,
    call: &Call<'_>,
    url: &Url,
    form: &[(String, String)],
) -> Result<String, OutgoingError> {
    let timestamp = call.moment.now_ms.div_euclid(1_000);
    let request = Oauth1Request { method: call.method, url, form, more: &[], timestamp, nonce: call.nonce };
    oauth1_authorization(keys, &request)
}

/// The `Authorization` value for a request (RFC 5849 section 3.5.1).
pub fn oauth1_authorization(keys: &Oauth1<'_>, request: &Oauth1Request<'_>) -> Result<String, OutgoingError> {
    let timestamp = request.timestamp.to_string();
    let mut params: Vec<(&str, &str)> = vec![
        ("oauth_consumer_key", keys.consumer_key),
        ("oauth_nonce", request.nonce),
        ("oauth_signature_method", keys.method.as_str()),
        ("oauth_timestamp", &timestamp),
        ("oauth_token", keys.token),
        ("oauth_version", "1.0"),
    ];
    params.retain(|(name, value)| *name != "oauth_token" || !value.is_empty());
    params.extend_from_slice(request.more);
    let signature = signature(keys, request.method, request.url, &params, request.form)?;
    params.push(("oauth_signature", &signature));
    params.sort_unstable();
    let quoted = |(name, value): &(&str, &str)| format!("{name}=\"{}\"", encode_rfc3986(value));
    let listed = params.iter().map(quoted).collect::<Vec<_>>().join(", ");
    Ok(match &keys.realm {
        Some(realm) => format!("OAuth realm=\"{realm}\", {listed}"),
        None => format!("OAuth {listed}"),
    })
}

fn signature(
    keys: &Oauth1<'_>,
    method: &str,
    url: &Url,
    oauth: &[(&str, &str)],
    form: &[(String, String)],
) -> Result<String, OutgoingError> {
    let key = format!("{}&{}", encode_rfc3986(keys.consumer_secret), encode_rfc3986(keys.token_secret));
    let algorithm = match keys.method {
        SignatureMethod::HmacSha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        SignatureMethod::HmacSha256 => hmac::HMAC_SHA256,
        SignatureMethod::Plaintext => return Ok(key),
        SignatureMethod::RsaSha1 => {
            return Err(OutgoingError::UnsupportedAuth {
                reason: "OAuth 1 signatures of method RSA-SHA1 are not supported".to_owned(),
            });
        }
    };
    let mut pairs: Vec<(String, String)> =
        oauth.iter().map(|(k, v)| (encode_rfc3986(k), encode_rfc3986(v))).collect();
    let query = canonical_pairs(url.query().unwrap_or_default());
    pairs.extend(query.iter().chain(form).map(|(k, v)| (encode_rfc3986(k), encode_rfc3986(v))));
    pairs.sort_unstable();
    let params = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
    let mut plain = url.clone();
    plain.set_query(None);
    plain.set_fragment(None);
    let base = format!(
        "{}&{}&{}",
        method.to_ascii_uppercase(),
        encode_rfc3986(plain.as_str()),
        encode_rfc3986(&params)
    );
    Ok(STANDARD.encode(hmac::sign(&hmac::Key::new(algorithm, key.as_bytes()), base.as_bytes())))
}

/// Headers of an AWS Signature Version 4 over all headers so far (proxy.md 9.3).
pub(super) fn aws_headers(
    call: &Call<'_>,
    url: &Url,
    body: &FinalBody<'_>,
    headers: &[(String, String)],
) -> Result<Vec<(String, String)>, OutgoingError> {
    let credentials = call.connection.credentials;
    let needed = |name: &str| {
        credentials.text(name).ok_or_else(|| OutgoingError::UnsupportedAuth {
            reason: format!("the AWS credentials have no {name}"),
        })
    };
    let key = SigV4Key {
        access_key_id: needed("access_key_id")?,
        secret: needed("secret_access_key")?,
        region: needed("region")?,
        service: needed("service")?,
    };
    let date = amz_date(call.moment.now_ms);
    let payload_hash = match (&body.bytes, streams(call)) {
        (Some(bytes), _) => sha256_hex(bytes),
        (None, true) if key.service == "s3" => "UNSIGNED-PAYLOAD".to_owned(),
        (None, _) => sha256_hex(b""),
    };
    let host = url.host_str().unwrap_or_default();
    let mut added = vec![
        ("x-amz-date".to_owned(), date.clone()),
        ("x-amz-content-sha256".to_owned(), payload_hash.clone()),
    ];
    added.extend(
        credentials.text("session_token").map(|token| ("x-amz-security-token".to_owned(), token.to_owned())),
    );

    let mut signed: Vec<(String, String)> = headers
        .iter()
        .filter(|(name, _)| {
            name != "host" && name != "authorization" && !added.iter().any(|(own, _)| own == name)
        })
        .cloned()
        .chain(added.iter().cloned())
        .collect();
    signed.push((
        "host".to_owned(),
        url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    ));
    signed.sort_unstable();

    let path = if key.service == "s3" {
        url.path().to_owned()
    } else {
        url.path().split('/').map(encode_rfc3986).collect::<Vec<_>>().join("/")
    };
    let mut query: Vec<(String, String)> = canonical_pairs(url.query().unwrap_or_default())
        .iter()
        .map(|(name, value)| (encode_rfc3986(name), encode_rfc3986(value)))
        .collect();
    query.sort_unstable();
    let query = query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let authorization = sigv4_signature(&key, &date, call.method, &path, &query, &signed, &payload_hash);
    added.push(("authorization".to_owned(), authorization));
    Ok(added)
}
