//! Values that must not be shown by accident.

use std::fmt;

use aws_lc_rs::constant_time;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use zeroize::Zeroize;

/// A secret text. It has no `Display`, its `Debug` shows stars, its memory is wiped on drop, and it compares
/// in constant time. Serialising one takes `#[serde(with = "...")]` on purpose; see [`Secret::expose`].
#[derive(Clone, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Never log it, never put it into a URL or an error.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(self.0.as_bytes(), other.0.as_bytes()).is_ok()
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// A JSON document that holds secrets (a token response, submitted fields): shown as stars.
#[derive(Clone, Default, PartialEq)]
pub struct SecretJson(Value);

impl SecretJson {
    /// Wraps a document.
    pub fn new(value: Value) -> Self {
        Self(value)
    }

    /// The document itself. Never log it.
    pub fn expose(&self) -> &Value {
        &self.0
    }

    /// Takes the document out.
    pub fn into_inner(self) -> Value {
        self.0
    }
}

impl fmt::Debug for SecretJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretJson(***)")
    }
}

impl From<Value> for SecretJson {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl<'de> Deserialize<'de> for SecretJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self)
    }
}

/// `#[serde(with)]` modules that write a secret in the open: only for a value that is about to be sealed, or
/// answered to a caller who may read it.
pub(crate) mod exposed {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Secret, SecretJson};

    pub(crate) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        Secret::deserialize(deserializer)
    }

    pub(crate) mod option {
        use super::*;

        #[expect(clippy::ref_option, reason = "the signature serde asks for")]
        pub(crate) fn serialize<S: Serializer>(secret: &Option<Secret>, to: S) -> Result<S::Ok, S::Error> {
            secret.as_ref().map(Secret::expose).serialize(to)
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
            Option::<Secret>::deserialize(from)
        }
    }

    pub(crate) mod json {
        use super::*;

        pub(crate) fn serialize<S: Serializer>(json: &SecretJson, to: S) -> Result<S::Ok, S::Error> {
            json.expose().serialize(to)
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SecretJson, D::Error> {
            SecretJson::deserialize(from)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_stars() {
        let shown = format!("{:?} {:?}", Secret::new("k_live_1"), SecretJson::new(Value::from("k_live_1")));
        assert!(!shown.contains("k_live"), "{shown}");
    }

    #[test]
    fn secrets_compare_by_text() {
        assert_eq!(Secret::new("a"), Secret::from("a"));
        assert_ne!(Secret::new("a"), Secret::from("ab"));
    }
}
