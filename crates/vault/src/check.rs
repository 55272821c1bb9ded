//! Telling at start whether the root key is the one the data was sealed under.

use std::fmt;
use std::str::FromStr;

/// Stored beside the data: a root key's id and a value only that key can compute, as `id:value`.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyCheck {
    pub(crate) key_id: String,
    pub(crate) value: String,
}

impl KeyCheck {
    /// The id of the root key the data is under.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }
}

impl fmt::Display for KeyCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.key_id, self.value)
    }
}

impl fmt::Debug for KeyCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyCheck({})", self.key_id)
    }
}

impl FromStr for KeyCheck {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key_id, value) = text.split_once(':').ok_or("a key check reads `id:value`")?;
        Ok(Self { key_id: key_id.to_owned(), value: value.to_owned() })
    }
}
