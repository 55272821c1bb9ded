//! The functions of the template language.

use aws_lc_rs::{
    digest,
    encoding::AsDer as _,
    hmac, rsa,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    context::{Context, Mode},
    moment::amz_date,
    pem::pem_to_der,
    sigv4::{self, SigV4Key},
};

pub(super) fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

pub(super) fn sha256_hex(text: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

pub(super) fn sha256_base64(text: &str) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

pub(super) fn hmac_sha1_hex(message: &str, key: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
    hex::encode(hmac::sign(&key, message.as_bytes()))
}

pub(super) fn ed25519_sign(message: &str, pem: &str) -> Option<String> {
    if message.is_empty() {
        return None;
    }
    let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pem_to_der(pem)?).ok()?;
    Some(STANDARD.encode(key.sign(message.as_bytes())))
}

/// `SHA256:` and the digest of the public key's SubjectPublicKeyInfo. Takes a private or a public key.
pub(super) fn fingerprint(pem: &str) -> Option<String> {
    let der = pem_to_der(pem)?;
    let spki = if pem.contains("PUBLIC KEY") {
        der
    } else if let Ok(key) = rsa::KeyPair::from_pkcs8(&der).or_else(|_| rsa::KeyPair::from_der(&der)) {
        key.public_key().as_der().ok()?.as_ref().to_vec()
    } else {
        let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).ok()?;
        key.public_key().as_der().ok()?.as_ref().to_vec()
    };
    Some(format!("SHA256:{}", STANDARD.encode(digest::digest(&digest::SHA256, &spki))))
}

/// `awsSigV4(akid, secret, region, service[, host])` (proxy.md 9.4): signs method, path, query and body of the
/// request that the context describes, with the headers `[content-type;]host;x-amz-date`.
pub(super) fn aws_sigv4(arguments: &[String], mode: Mode, context: &Context<'_>) -> Option<String> {
    let [access_key_id, secret, region, service, rest @ ..] = arguments else { return None };
    let name = |name: &str| context.lookup(name, mode).unwrap_or_default();
    let host = rest.first().cloned().unwrap_or_else(|| format!("{service}.amazonaws.com"));
    let date = amz_date(context.moment()?.now_ms);
    let content_type = name("contentType");
    let mut headers = Vec::new();
    if !content_type.is_empty() {
        headers.push(("content-type".to_owned(), content_type.into_owned()));
    }
    headers.push(("host".to_owned(), host));
    headers.push(("x-amz-date".to_owned(), date.clone()));
    let path = name("path");
    Some(sigv4::sigv4_signature(
        &SigV4Key { access_key_id, secret, region, service },
        &date,
        &name("method"),
        if path.is_empty() { "/" } else { &path },
        &name("urlCanonicalParams"),
        &headers,
        &sigv4::sha256_hex(name("bodyCanonicalParams").as_bytes()),
    ))
}
