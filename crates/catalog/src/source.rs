//! Entries before they meet each other: what one source (the binary, or one overlay file) holds.

use std::{ops::Range, sync::Arc};

use dovetail_model::AuthMode;
use serde_json::Value;

use crate::embedded::Block;

/// Text (JSON, or SVG) that is in the binary, or that was read from a file.
#[derive(Clone)]
pub(crate) enum Text {
    Embedded(&'static Block, Range<usize>),
    Read(Arc<str>),
}

impl Text {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Embedded(block, range) => block.text().get(range.clone()).unwrap_or_default(),
            Self::Read(text) => text,
        }
    }

    pub(crate) fn is_embedded(&self) -> bool {
        matches!(self, Self::Embedded(..))
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_embedded() { "Text::Embedded" } else { "Text::Read" })
    }
}

/// One definition before its aliases are resolved. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct RawProvider {
    pub id: Arc<str>,
    /// Where it was read from, for problems.
    pub file: Arc<str>,
    /// Line of the entry in the file; 0 where the whole file is the entry.
    pub line: u64,
    pub name: Arc<str>,
    pub categories: Option<Arc<[Box<str>]>>,
    pub mode: Option<AuthMode>,
    pub alias: Option<Arc<str>>,
    pub text: Text,
}

impl RawProvider {
    /// From a definition that was read and found sound by its types.
    pub(crate) fn read(id: &str, file: &Arc<str>, line: u64, value: &Value) -> Self {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(Arc::from);
        let words = |list: &Vec<Value>| list.iter().filter_map(Value::as_str).map(Box::from).collect();
        Self {
            id: id.into(),
            file: Arc::clone(file),
            line,
            name: text("display_name").unwrap_or_else(|| id.into()),
            categories: value.get("categories").and_then(Value::as_array).map(words),
            mode: value.get("auth_mode").and_then(Value::as_str).and_then(|mode| mode.parse().ok()),
            alias: text("alias"),
            text: Text::Read(value.to_string().into()),
        }
    }
}

/// One guide before it meets its providers. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct RawGuide {
    pub file: Arc<str>,
    pub provider: Arc<str>,
    pub covers: Arc<[Box<str>]>,
    pub text: Text,
}

/// The scopes that a provider is known to have: a JSON list.
#[derive(Debug, Clone)]
pub(crate) struct RawScopes {
    pub provider: Arc<str>,
    pub text: Text,
}

/// The picture of a provider: an SVG document.
#[derive(Debug, Clone)]
pub(crate) struct RawLogo {
    pub provider: Arc<str>,
    pub text: Text,
}

/// Everything of one source.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entries {
    pub providers: Vec<RawProvider>,
    pub guides: Vec<RawGuide>,
    pub scopes: Vec<RawScopes>,
    pub logos: Vec<RawLogo>,
}
