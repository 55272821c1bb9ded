//! What is wrong with a catalogue file, told so that it can be mended.

use std::fmt;

/// One defect of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file as it was named: a path, or `catalog/<id>/provider.yaml` for an embedded one.
    pub file: String,
    /// Line in the file, from 1; 0 when the whole file is meant.
    pub line: u64,
    /// Dotted key, from the definition's root; empty when the whole definition is meant.
    pub key: String,
    /// What is wrong, one sentence without a full stop.
    pub reason: String,
}

impl Problem {
    /// A defect of a whole file.
    pub fn file(file: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { file: file.into(), line: 0, key: String::new(), reason: reason.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for Problem {}
