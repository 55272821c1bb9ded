//! Finding a key or token without storing it.

use std::fmt;

use aws_lc_rs::{digest, hmac};
use dovetail_model::Secret;

/// What a hashed value is; the same text hashes differently for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashPurpose {
    /// An API key.
    ApiKey,
    /// The token of a connect session.
    ConnectSession,
    /// The cookie of a signed-in browser.
    UserSession,
    /// The `state` of an authorization request.
    AuthState,
    /// The cookie of the browser that began an authorization request.
    AuthBinding,
    /// The code that pairs a device with a browser.
    PairingCode,
    /// The one-time token that sets up the owner's account.
    SetupToken,
}

impl HashPurpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::ApiKey => b"api key",
            Self::ConnectSession => b"connect session",
            Self::UserSession => b"user session",
            Self::AuthState => b"auth state",
            Self::AuthBinding => b"auth binding",
            Self::PairingCode => b"pairing code",
            Self::SetupToken => b"setup token",
        }
    }
}

/// A keyed hash (HMAC-SHA256, RFC 2104) as 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LookupHash(String);

impl LookupHash {
    pub(crate) fn compute(key: &hmac::Key, purpose: HashPurpose, value: &Secret) -> Self {
        let mut context = hmac::Context::with_key(key);
        context.update(purpose.label());
        context.update(&[0]);
        context.update(value.expose().as_bytes());
        Self(hex::encode(context.sign()))
    }

    /// The text to store and to look for.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LookupHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookupHash(***)")
    }
}

/// A plain SHA-256: for what stays in this memory.
pub fn sha256(bytes: &[u8]) -> [u8; digest::SHA256_OUTPUT_LEN] {
    let mut hash = [0; digest::SHA256_OUTPUT_LEN];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// A plain SHA-256 in hexadecimal: for checksums of public bytes, never for secrets.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}
