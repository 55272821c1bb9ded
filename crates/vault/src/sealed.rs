//! The bytes of a sealed value, and how they are made and opened.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use dovetail_model::Random;
use zeroize::{Zeroize, Zeroizing};

use crate::Context;

pub(crate) const KEY_LEN: usize = 32;
pub(crate) const KEY_ID_LEN: usize = 8;
const VERSION: u8 = 1;
const HEADER_LEN: usize = 1 + KEY_ID_LEN;
const TAG_LEN: usize = 16;

/// A sealed value as it is stored: `version | key id | nonce | ciphertext | tag`.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Wraps stored bytes; they are judged when opened.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes to store.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The id of the key it was sealed with.
    pub(crate) fn key_id(&self) -> Result<[u8; KEY_ID_LEN], OpenError> {
        match self.0.get(1..HEADER_LEN).and_then(|id| id.try_into().ok()) {
            Some(id) => Ok(id),
            None => Err(OpenError::Malformed),
        }
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// Why a sealed value does not open. None of these says anything about its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Too short, or of a version this program does not know.
    #[error("sealed value is malformed or of an unknown version")]
    Malformed,
    /// Sealed with a key that is not at hand: deleted, retired, or of another environment.
    #[error("sealed value needs a key that is not at hand")]
    UnknownKey,
    /// Changed, or taken from another place.
    #[error("sealed value was changed or moved")]
    Forged,
}

/// A key ready for use.
pub(crate) struct SealingKey {
    id: [u8; KEY_ID_LEN],
    key: LessSafeKey,
}

impl SealingKey {
    #[expect(clippy::expect_used, reason = "the length is fixed by the type")]
    pub(crate) fn new(id: [u8; KEY_ID_LEN], bytes: &[u8; KEY_LEN]) -> Self {
        let unbound = UnboundKey::new(&AES_256_GCM, bytes).expect("32 bytes are an AES-256 key");
        Self { id, key: LessSafeKey::new(unbound) }
    }

    #[expect(clippy::expect_used, reason = "AES-GCM only fails to seal beyond 64 GiB")]
    pub(crate) fn seal(&self, random: &dyn Random, context: &Context, plaintext: &[u8]) -> Sealed {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut bytes = Vec::with_capacity(HEADER_LEN + NONCE_LEN + plaintext.len() + TAG_LEN);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.id);
        let aad = Aad::from(context.associated_data(&bytes));
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(plaintext);
        let body = &mut bytes[HEADER_LEN + NONCE_LEN..];
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.key.seal_in_place_separate_tag(nonce, aad, body).expect("values are short");
        bytes.extend_from_slice(tag.as_ref());
        Sealed(bytes)
    }

    pub(crate) fn open(&self, context: &Context, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let bytes = sealed.as_bytes();
        if bytes.len() < HEADER_LEN + NONCE_LEN + TAG_LEN || bytes[0] != VERSION {
            return Err(OpenError::Malformed);
        }
        let (header, rest) = bytes.split_at(HEADER_LEN);
        let (nonce, body) = rest.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| OpenError::Malformed)?;
        let mut plaintext = Zeroizing::new(body.to_vec());
        let aad = Aad::from(context.associated_data(header));
        let length = match self.key.open_in_place(nonce, aad, &mut plaintext) {
            Ok(opened) => opened.len(),
            Err(_) => return Err(OpenError::Forged),
        };
        plaintext[length..].zeroize();
        plaintext.truncate(length);
        Ok(plaintext)
    }
}
