//! The key above all others.

use std::fmt;

use aws_lc_rs::hkdf;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dovetail_model::{Random, Secret};
use zeroize::{Zeroize, Zeroizing};

use crate::sealed::{KEY_ID_LEN, KEY_LEN};

/// 32 random bytes. `Debug` shows only the id.
#[derive(Clone)]
pub struct RootKey([u8; KEY_LEN]);

/// The id of a root key: 8 bytes derived from it one way, shown as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RootKeyId(pub(crate) [u8; KEY_ID_LEN]);

/// Why a text is no root key; never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RootKeyError {
    /// Not base64.
    #[error("the encryption key is not base64 text")]
    NotBase64,
    /// Base64 of another length.
    #[error("the encryption key must be 32 bytes in base64 (44 characters), got {0} bytes")]
    WrongLength(usize),
}

impl RootKey {
    /// A fresh key.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; KEY_LEN];
        random.fill(&mut bytes);
        Self(bytes)
    }

    /// Reads base64 (RFC 4648 4) of 32 bytes; surrounding white space is allowed.
    pub fn from_base64(text: &Secret) -> Result<Self, RootKeyError> {
        let bytes = STANDARD.decode(text.expose().trim()).map_err(|_| RootKeyError::NotBase64)?;
        let bytes = Zeroizing::new(bytes);
        let length = bytes.len();
        match <[u8; KEY_LEN]>::try_from(bytes.as_slice()) {
            Ok(bytes) => Ok(Self(bytes)),
            Err(_) => Err(RootKeyError::WrongLength(length)),
        }
    }

    /// The text to put into a key file.
    pub fn to_base64(&self) -> Secret {
        Secret::new(STANDARD.encode(self.0))
    }

    /// The key's id.
    pub fn id(&self) -> RootKeyId {
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&self.derive("root key id")[..KEY_ID_LEN]);
        RootKeyId(id)
    }

    /// Another key for one purpose (HKDF-SHA256, RFC 5869).
    #[expect(clippy::expect_used, reason = "32 bytes are within HKDF's bound of 255 blocks")]
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; KEY_LEN]> {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"dovetail/vault/1");
        let pseudo_random = salt.extract(&self.0);
        let info = [purpose.as_bytes()];
        let mut key = Zeroizing::new([0; KEY_LEN]);
        let output = pseudo_random.expand(&info, hkdf::HKDF_SHA256).expect("one block");
        output.fill(key.as_mut_slice()).expect("one block");
        key
    }
}

impl Drop for RootKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootKey({})", self.id())
    }
}

impl fmt::Display for RootKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for RootKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use dovetail_model::SeededRandom;

    use super::*;

    #[test]
    fn a_key_reads_back_from_its_text() {
        let key = RootKey::generate(&SeededRandom::new(1));
        let again = RootKey::from_base64(&Secret::new(format!("{}\n", key.to_base64().expose()))).unwrap();
        assert_eq!(again.id(), key.id());
        assert_ne!(RootKey::generate(&SeededRandom::new(2)).id(), key.id());
    }

    #[test]
    fn other_texts_are_refused_without_quoting_them() {
        assert_eq!(RootKey::from_base64(&"hush!".into()).unwrap_err(), RootKeyError::NotBase64);
        assert_eq!(RootKey::from_base64(&"aHVzaA==".into()).unwrap_err(), RootKeyError::WrongLength(4));
    }

    #[test]
    fn debug_shows_only_the_id() {
        let key = RootKey::generate(&SeededRandom::new(1));
        assert_eq!(format!("{key:?}"), format!("RootKey({})", key.id()));
    }
}
