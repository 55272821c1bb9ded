//! `SIGNATURE`: a user name token of Web Services Security in a header (auth-modes.md section 15).

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dovetail_model::{Credentials, Secret, SignatureCredentials, Timestamp};
use serde_json::{Map, Value};

use super::text;
use crate::obtain::{ObtainError, Obtained, Party};

/// Bytes of a nonce.
const NONCE_BYTES: usize = 16;

/// How long a token is used when the definition does not say. Services accept some minutes of clock difference.
const LIFETIME_MS: i64 = 5 * 60 * 1_000;

pub(super) fn obtain(party: &Party<'_>, fields: &Map<String, Value>) -> Result<Obtained, ObtainError> {
    signed(party, text(fields, "username"), text(fields, "password"))
}

/// Signs anew with the same user name and password.
pub(crate) fn renew(party: &Party<'_>, stored: &SignatureCredentials) -> Result<Obtained, ObtainError> {
    signed(party, &stored.username, stored.password.expose())
}

fn signed(party: &Party<'_>, username: &str, password: &str) -> Result<Obtained, ObtainError> {
    if username.contains(['"', '\\']) || username.chars().any(char::is_control) {
        return Err(ObtainError::Unbuildable(
            "The user name has a character that a signature cannot hold.".to_owned(),
        ));
    }
    let mut nonce = [0; NONCE_BYTES];
    party.random.fill(&mut nonce);
    let token = username_token(username, password, &hex::encode(nonce), party.now);
    let lifetime = party.provider.token.as_ref().and_then(|token| token.expires_in_ms).unwrap_or(LIFETIME_MS);
    let credentials = SignatureCredentials {
        username: username.to_owned(),
        password: Secret::new(password),
        token: Some(Secret::new(token)),
        expires_at: Some(Timestamp(party.now.0 + lifetime)),
    };
    Ok(Obtained { credentials: Credentials::Signature(credentials), config: Map::new() })
}

/// The value of `X-WSSE`. The digest is the base64 of the hexadecimal SHA-1, as the service wants it, not of its
/// bytes as the standard says.
fn username_token(username: &str, password: &str, nonce: &str, now: Timestamp) -> String {
    let created = now.iso_z();
    let sha1 =
        digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, format!("{nonce}{created}{password}").as_bytes());
    let digest = STANDARD.encode(hex::encode(sha1));
    format!(
        r#"UsernameToken Username="{username}", PasswordDigest="{digest}", Nonce="{nonce}", Created="{created}""#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_base64_of_the_hexadecimal_sha1() {
        let token = username_token(
            "ana",
            "s3cret-pw",
            "00112233445566778899aabbccddeeff",
            Timestamp(1_767_225_600_000),
        );
        assert_eq!(
            token,
            "UsernameToken Username=\"ana\", \
             PasswordDigest=\"YTczY2M3NjE1YjNkMzMzMzg5NjdmMDgzNzliMzdhMGM4NTYxNzlmNA==\", \
             Nonce=\"00112233445566778899aabbccddeeff\", Created=\"2026-01-01T00:00:00.000Z\""
        );
    }
}
