//! The keys that seal values.

use std::collections::HashMap;
use std::fmt;

use dovetail_model::{DataKeyId, EnvironmentId, Random};
use zeroize::{Zeroize, Zeroizing};

use crate::sealed::{KEY_LEN, SealingKey};
use crate::{Context, OpenError, Sealed};

/// 32 random bytes that seal one environment's values.
#[derive(Clone)]
pub struct DataKey([u8; KEY_LEN]);

/// What a data key is still good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataKeyState {
    /// Seals and opens.
    Active,
    /// Only opens: its values are being sealed again under the active key.
    Retiring,
    /// Neither: nothing is left under it.
    Retired,
}

impl DataKeyState {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }

    /// Reads the stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Retiring, Self::Retired].into_iter().find(|state| state.as_str() == text)
    }
}

impl DataKey {
    /// A fresh key.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; KEY_LEN];
        random.fill(&mut bytes);
        Self(bytes)
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }
}

impl Drop for DataKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(***)")
    }
}

/// The keys of one environment, ready for use: one seals, all open.
pub struct EnvironmentKeys {
    environment: EnvironmentId,
    active: DataKeyId,
    keys: HashMap<DataKeyId, SealingKey>,
}

impl EnvironmentKeys {
    /// Sets out with the active key.
    pub fn new(environment: EnvironmentId, active: DataKeyId, key: &DataKey) -> Self {
        let keys = HashMap::from([(active, sealing_key(active, key))]);
        Self { environment, active, keys }
    }

    /// Adds a retiring key, which only opens.
    #[must_use]
    pub fn with_retiring(mut self, id: DataKeyId, key: &DataKey) -> Self {
        self.keys.entry(id).or_insert_with(|| sealing_key(id, key));
        self
    }

    /// The environment whose values these keys seal.
    pub fn environment(&self) -> EnvironmentId {
        self.environment
    }

    /// Seals a value for one place in the database.
    ///
    /// # Panics
    /// When the place is in another environment: that is a mistake in the program, and going on would lose
    /// the value.
    pub fn seal(&self, random: &dyn Random, context: &Context, plaintext: &[u8]) -> Sealed {
        assert!(context.environment == self.environment, "sealed for the wrong environment");
        self.keys[&self.active].seal(random, context, plaintext)
    }

    /// Opens a value found in one place in the database.
    pub fn open(&self, context: &Context, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let id = DataKeyId(i64::from_be_bytes(sealed.key_id()?));
        self.keys.get(&id).ok_or(OpenError::UnknownKey)?.open(context, sealed)
    }

    /// Whether a value should be sealed again: it is under another than the active key.
    pub fn is_stale(&self, sealed: &Sealed) -> bool {
        sealed.key_id().is_ok_and(|id| i64::from_be_bytes(id) != self.active.0)
    }
}

impl fmt::Debug for EnvironmentKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvironmentKeys")
            .field("environment", &self.environment)
            .field("active", &self.active)
            .finish_non_exhaustive()
    }
}

fn sealing_key(id: DataKeyId, key: &DataKey) -> SealingKey {
    SealingKey::new(id.0.to_be_bytes(), key.bytes())
}
