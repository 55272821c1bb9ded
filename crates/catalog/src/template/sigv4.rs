//! AWS Signature Version 4, the arithmetic of it. What is signed is decided by the callers.

use aws_lc_rs::{digest, hmac};

/// The key a request is signed with.
#[derive(Clone, Copy)]
pub struct SigV4Key<'a> {
    /// Access key id; public.
    pub access_key_id: &'a str,
    /// Secret access key.
    pub secret: &'a str,
    /// Region, such as `eu-west-3`.
    pub region: &'a str,
    /// Service, such as `s3`.
    pub service: &'a str,
}

/// Lower-case hex SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

/// The `Authorization` value. `date` is `YYYYMMDDTHHMMSSZ`; `headers` are lower-case and sorted by name;
/// path and query are canonical already; `payload_hash` is hex or `UNSIGNED-PAYLOAD`.
pub fn sigv4_signature(
    key: &SigV4Key<'_>,
    date: &str,
    method: &str,
    path: &str,
    query: &str,
    headers: &[(String, String)],
    payload_hash: &str,
) -> String {
    let day = date.get(..8).unwrap_or(date);
    let signed_names = headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
    let mut canonical = format!("{method}\n{path}\n{query}\n");
    for (name, value) in headers {
        let collapsed = value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        canonical.push_str(&format!("{name}:{collapsed}\n"));
    }
    canonical.push_str(&format!("\n{signed_names}\n{payload_hash}"));

    let scope = format!("{day}/{}/{}/aws4_request", key.region, key.service);
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", sha256_hex(canonical.as_bytes()));
    let mut signing = mac(format!("AWS4{}", key.secret).as_bytes(), day.as_bytes());
    for step in [key.region, key.service, "aws4_request", &to_sign] {
        signing = mac(signing.as_ref(), step.as_bytes());
    }
    format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed_names}, Signature={}",
        key.access_key_id,
        hex::encode(signing)
    )
}

fn mac(key: &[u8], message: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message)
}
