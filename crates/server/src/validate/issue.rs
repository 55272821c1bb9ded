//! One issue of a value, and the collector that schemas report to.

use serde::Serialize;
use serde_json::Value;

/// One thing wrong with a value (spec: http-api.md 1.9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// Kind of issue, for example `invalid_type`.
    pub code: &'static str,
    /// The sentence, compared literally by some clients.
    pub message: String,
    /// Where: object keys and array indexes, all as strings; empty for the value itself.
    pub path: Vec<String>,
    /// Whether rules over the whole object still run after this issue.
    #[serde(skip)]
    pub(super) fatal: bool,
}

impl Issue {
    /// An issue of a rule of ours (`custom`).
    pub fn custom<'a>(message: impl Into<String>, path: impl IntoIterator<Item = &'a str>) -> Self {
        Self::with_code("custom", message, path)
    }

    /// An issue with a code of its own.
    pub fn with_code<'a>(
        code: &'static str,
        message: impl Into<String>,
        path: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let path = path.into_iter().map(str::to_owned).collect();
        Self { code, message: message.into(), path, fatal: false }
    }
}

/// Collects issues while a schema reads a value, and knows where in the value it is.
#[derive(Debug, Default)]
pub struct Cx {
    path: Vec<String>,
    issues: Vec<Issue>,
}

impl Cx {
    /// Runs `read` one step deeper in the value.
    pub fn at<T>(&mut self, step: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step.to_owned());
        let out = read(self);
        self.path.pop();
        out
    }

    /// Reports an issue that leaves the value of the right type: rules over the whole object still run.
    pub fn issue(&mut self, code: &'static str, message: impl Into<String>) {
        self.push(code, message.into(), &[], false);
    }

    /// Reports a `custom` issue at a place below the current one.
    pub fn custom(&mut self, message: impl Into<String>, below: &[&str]) {
        self.push("custom", message.into(), below, false);
    }

    /// Reports an issue after which the value is not one of its type.
    pub fn fatal(&mut self, code: &'static str, message: impl Into<String>) {
        self.push(code, message.into(), &[], true);
    }

    pub(super) fn fatal_at(&mut self, below: &[&str], code: &'static str, message: impl Into<String>) {
        self.push(code, message.into(), below, true);
    }

    /// Reports `Invalid input: expected <expected>, received <what was found>`.
    pub(super) fn wrong_type(&mut self, expected: &str, found: Option<&Value>) {
        self.fatal("invalid_type", format!("Invalid input: expected {expected}, received {}", kind(found)));
    }

    /// How many issues were reported so far: a mark for [`Self::fatal_since`].
    pub(super) fn mark(&self) -> usize {
        self.issues.len()
    }

    /// Whether a fatal issue was reported after `mark`.
    pub(super) fn fatal_since(&self, mark: usize) -> bool {
        self.issues.iter().skip(mark).any(|issue| issue.fatal)
    }

    /// Whether any issue was reported after `mark`.
    pub(super) fn any_since(&self, mark: usize) -> bool {
        self.issues.len() > mark
    }

    /// Forgets the issues reported after `mark`.
    pub(super) fn rewind(&mut self, mark: usize) {
        self.issues.truncate(mark);
    }

    pub(super) fn into_issues(self) -> Vec<Issue> {
        self.issues
    }

    fn push(&mut self, code: &'static str, message: String, below: &[&str], fatal: bool) {
        let path = self.path.iter().cloned().chain(below.iter().map(|step| (*step).to_owned())).collect();
        self.issues.push(Issue { code, message, path, fatal });
    }
}

/// The name of a value's type in messages.
pub(super) fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}
