//! How a receiver knows that a webhook is ours (webhooks.md A4, Standard Webhooks 1.0).

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dovetail_model::{Secret, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue};

/// HMAC-SHA256 of the body in lower-case hex: what published verifiers check.
pub const HMAC_SHA256: HeaderName = HeaderName::from_static("x-nango-hmac-sha256");
/// SHA-256 over key and body in lower-case hex. Deprecated, still checked by old verifiers.
pub const LEGACY_SIGNATURE: HeaderName = HeaderName::from_static("x-nango-signature");
/// Id of the event, the same in every attempt: receivers drop what they have seen.
pub const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
/// Unix seconds of the attempt.
pub const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
/// `v1,<base64>` for each active key, separated by a space.
pub const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// The signing keys of an environment.
#[derive(Debug, Clone)]
pub struct SigningKeys {
    /// Signs everything.
    pub current: Secret,
    /// The key before a rotation: signs too while receivers change over. Only
    /// [`WEBHOOK_SIGNATURE`] can carry two signatures.
    pub previous: Option<Secret>,
}

/// The signature headers of one attempt. Key bytes are the UTF-8 of the key; Standard
/// Webhooks libraries take it as `whsec_` + base64 of these bytes.
pub fn signature_headers(keys: &SigningKeys, event_id: &str, at: Timestamp, body: &[u8]) -> HeaderMap {
    let seconds = at.millis().div_euclid(1000);
    let current = keys.current.expose().as_bytes();
    let signed = format!("{event_id}.{seconds}.");
    let standard =
        |key: &[u8]| format!("v1,{}", STANDARD.encode(hmac_sha256(key, &[signed.as_bytes(), body])));
    let mut signatures = standard(current);
    if let Some(previous) = &keys.previous {
        signatures.push(' ');
        signatures.push_str(&standard(previous.expose().as_bytes()));
    }
    let mut headers = HeaderMap::with_capacity(5);
    let texts = [
        (HMAC_SHA256, hex::encode(hmac_sha256(current, &[body]))),
        (LEGACY_SIGNATURE, hex::encode(sha256(&[current, body]))),
        (WEBHOOK_ID, event_id.to_owned()),
        (WEBHOOK_TIMESTAMP, seconds.to_string()),
        (WEBHOOK_SIGNATURE, signatures),
    ];
    for (name, text) in texts {
        // Hex, base64, digits and UUIDs are always header text; anything else is left out.
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
    headers
}

fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    context.sign()
}

fn sha256(parts: &[&[u8]]) -> digest::Digest {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    context.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "3f1c9a52-7f0e-4c55-9b0a-6d2f9d7f1e11";
    const BODY: &str = r#"{"authMode":"OAUTH2","connectionId":"conn-42","environment":"dev","from":"nango","operation":"creation","provider":"github","providerConfigKey":"github-demo","success":true,"tags":{"end_user_id":"u_7"},"type":"auth"}"#;

    fn keys(previous: Option<&str>) -> SigningKeys {
        SigningKeys { current: KEY.to_owned().into(), previous: previous.map(|key| key.to_owned().into()) }
    }

    #[test]
    fn the_vectors_of_the_specification() {
        let headers = signature_headers(&keys(None), "evt", Timestamp(0), BODY.as_bytes());
        assert_eq!(headers[HMAC_SHA256], "d30bae460e9b29994c305a0590f800682f5f0235ce1bc6848758337a1ff1311e");
        assert_eq!(
            headers[LEGACY_SIGNATURE],
            "e403815d92550842c180622a3b4be9e7fb748728bd55f3d651e297442c1e29d5"
        );
    }

    #[test]
    fn a_standard_webhooks_verifier_accepts_it() {
        let at = Timestamp(1_770_091_506_789);
        let headers = signature_headers(&keys(None), "evt_1", at, b"{}");
        assert_eq!(headers[WEBHOOK_TIMESTAMP], "1770091506");
        let given = headers[WEBHOOK_SIGNATURE].to_str().unwrap().strip_prefix("v1,").unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
        hmac::verify(&key, b"evt_1.1770091506.{}", &STANDARD.decode(given).unwrap()).unwrap();
    }

    #[test]
    fn both_keys_sign_during_a_rotation() {
        let old = "00000000-0000-4000-8000-000000000000";
        let both = signature_headers(&keys(Some(old)), "evt", Timestamp(0), b"{}");
        let alone = SigningKeys { current: old.to_owned().into(), previous: None };
        let alone = signature_headers(&alone, "evt", Timestamp(0), b"{}");
        let signatures = both[WEBHOOK_SIGNATURE].to_str().unwrap().to_owned();
        assert_eq!(signatures.split(' ').count(), 2);
        assert!(signatures.ends_with(alone[WEBHOOK_SIGNATURE].to_str().unwrap()));
    }
}
