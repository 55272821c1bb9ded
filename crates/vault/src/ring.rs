//! The root keys at hand.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::{constant_time, hmac};
use dovetail_model::{Random, Secret};
use zeroize::Zeroizing;

use crate::sealed::SealingKey;
use crate::{Context, DataKey, HashPurpose, KeyCheck, LookupHash, OpenError, RootKey, RootKeyId, Sealed};

/// The current root key, and earlier ones that still open what they wrapped. Cheap to clone.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<[RingKey]>,
}

struct RingKey {
    id: RootKeyId,
    wrapping: SealingKey,
    lookup: hmac::Key,
    check: hmac::Key,
}

/// The data is under a root key that is not in the ring.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored data is sealed under root key {stored}, but the key given is {given}")]
pub struct UnknownRootKey {
    /// The id of the key the data needs.
    pub stored: String,
    /// The id of the current key of the ring.
    pub given: String,
}

impl KeyRing {
    /// A ring of one key.
    pub fn new(current: &RootKey) -> Self {
        Self::with_previous(current, &[])
    }

    /// A ring that wraps with `current` and still opens what the `previous` keys wrapped.
    pub fn with_previous(current: &RootKey, previous: &[RootKey]) -> Self {
        Self { keys: std::iter::once(current).chain(previous).map(RingKey::new).collect() }
    }

    /// The id of the current key.
    pub fn current_id(&self) -> RootKeyId {
        self.current().id
    }

    /// Wraps a data key for storing at `context`.
    pub fn wrap(&self, random: &dyn Random, context: &Context, key: &DataKey) -> Sealed {
        self.current().wrapping.seal(random, context, key.bytes())
    }

    /// Opens a wrapped data key.
    pub fn unwrap(&self, context: &Context, wrapped: &Sealed) -> Result<DataKey, OpenError> {
        let id = wrapped.key_id()?;
        let key = self.keys.iter().find(|key| key.id.0 == id).ok_or(OpenError::UnknownKey)?;
        let bytes: Zeroizing<Vec<u8>> = key.wrapping.open(context, wrapped)?;
        DataKey::from_slice(&bytes).ok_or(OpenError::Malformed)
    }

    /// The hash under which a new value is stored.
    pub fn lookup_hash(&self, purpose: HashPurpose, value: &Secret) -> LookupHash {
        LookupHash::compute(&self.current().lookup, purpose, value)
    }

    /// The hashes under which a value may be stored: by the current key, then by earlier ones.
    pub fn lookup_hashes(&self, purpose: HashPurpose, value: &Secret) -> Vec<LookupHash> {
        self.keys.iter().map(|key| LookupHash::compute(&key.lookup, purpose, value)).collect()
    }

    /// What is stored beside the data to recognise the current key.
    pub fn check(&self) -> KeyCheck {
        let current = self.current();
        KeyCheck { key_id: current.id.to_string(), value: hex::encode(current.check_value()) }
    }

    /// Whether the ring holds the key that the data is under.
    pub fn verify(&self, stored: &KeyCheck) -> Result<(), UnknownRootKey> {
        let value = hex::decode(&stored.value).unwrap_or_default();
        let known = self.keys.iter().any(|key| {
            key.id.to_string() == stored.key_id
                && constant_time::verify_slices_are_equal(key.check_value().as_ref(), &value).is_ok()
        });
        if known {
            return Ok(());
        }
        Err(UnknownRootKey { stored: stored.key_id.clone(), given: self.current_id().to_string() })
    }

    fn current(&self) -> &RingKey {
        &self.keys[0]
    }
}

impl RingKey {
    fn new(key: &RootKey) -> Self {
        let id = key.id();
        let mac = |purpose| hmac::Key::new(hmac::HMAC_SHA256, key.derive(purpose).as_slice());
        Self {
            id,
            wrapping: SealingKey::new(id.0, &key.derive("wrap data keys")),
            lookup: mac("lookup hashes"),
            check: mac("key check"),
        }
    }

    fn check_value(&self) -> hmac::Tag {
        hmac::sign(&self.check, b"dovetail key check")
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| key.id)).finish()
    }
}

#[cfg(test)]
mod tests {
    use dovetail_model::SeededRandom;

    use super::*;

    fn root(seed: u64) -> RootKey {
        RootKey::generate(&SeededRandom::new(seed))
    }

    #[test]
    fn a_check_is_recognised_by_its_own_key_only() {
        let check: KeyCheck = KeyRing::new(&root(1)).check().to_string().parse().unwrap();
        assert_eq!(KeyRing::new(&root(1)).verify(&check), Ok(()));
        assert_eq!(KeyRing::with_previous(&root(2), &[root(1)]).verify(&check), Ok(()));
        let error = KeyRing::new(&root(2)).verify(&check).unwrap_err();
        assert_eq!(error.stored, root(1).id().to_string());
        let forged: KeyCheck = format!("{}:00", root(1).id()).parse().unwrap();
        assert!(KeyRing::new(&root(1)).verify(&forged).is_err());
    }

    #[test]
    fn hashes_differ_by_key_purpose_and_value() {
        let ring = KeyRing::new(&root(1));
        let hash = |purpose, text: &str| ring.lookup_hash(purpose, &text.into());
        assert_eq!(hash(HashPurpose::ApiKey, "a"), hash(HashPurpose::ApiKey, "a"));
        assert_ne!(hash(HashPurpose::ApiKey, "a"), hash(HashPurpose::ApiKey, "b"));
        assert_ne!(hash(HashPurpose::ApiKey, "a"), hash(HashPurpose::UserSession, "a"));
        let other = KeyRing::with_previous(&root(2), &[root(1)]);
        assert_ne!(hash(HashPurpose::ApiKey, "a"), other.lookup_hash(HashPurpose::ApiKey, &"a".into()));
        assert_eq!(other.lookup_hashes(HashPurpose::ApiKey, &"a".into())[1], hash(HashPurpose::ApiKey, "a"));
    }
}
