//! One thing the doctor saw.

use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, but look at it.
    Warn,
    /// The server cannot work like this.
    Fail,
}

/// What was seen, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What was looked at.
    pub topic: &'static str,
    /// What was seen.
    pub text: String,
    /// What to do; empty when nothing is to be done.
    pub mend: String,
}

impl Finding {
    /// All is well with `topic`.
    pub fn ok(topic: &'static str, text: impl Into<String>) -> Self {
        Self { level: Level::Ok, topic, text: text.into(), mend: String::new() }
    }

    /// Something to look at.
    pub fn warn(topic: &'static str, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { level: Level::Warn, topic, text: text.into(), mend: mend.into() }
    }

    /// Something that must be mended.
    pub fn fail(topic: &'static str, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { level: Level::Fail, topic, text: text.into(), mend: mend.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.level {
            Level::Ok => "ok  ",
            Level::Warn => "warn",
            Level::Fail => "FAIL",
        };
        write!(f, "{word}  {:<10} {}", self.topic, self.text)?;
        if !self.mend.is_empty() {
            write!(f, "\n                 -> {}", self.mend)?;
        }
        Ok(())
    }
}
