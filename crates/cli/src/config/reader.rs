//! Reads settings from flags, environment, file and defaults, and collects every problem.

use std::collections::BTreeMap;
use std::fmt;

use super::strings::Strings;

/// The embedded defaults, which are also the documentation of every setting.
pub const DEFAULTS: &str = include_str!("../../config.default.toml");

/// Names under which one setting can be given.
pub struct Setting {
    /// Key in the configuration file and name of the flag.
    pub key: &'static str,
    /// Our environment variable.
    pub env: &'static str,
    /// The reference's variables with the same meaning.
    pub aliases: &'static [&'static str],
}

/// A mistake in one setting: where it was given, what is wrong and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Flag, variable or file key as the operator wrote it.
    pub source: String,
    /// What is wrong and what would be right. Never the value of a secret.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.text)
    }
}

/// A value together with the place it was given, for messages.
pub struct Given<T> {
    /// The value.
    pub value: T,
    /// Flag, variable or file key.
    pub source: String,
}

/// Reads settings in order of precedence.
pub struct Reader<'a> {
    flags: BTreeMap<&'static str, String>,
    env: &'a dyn Strings,
    file: toml::Table,
    defaults: toml::Table,
    problems: Vec<Problem>,
    warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    /// A reader over `flags` (by setting key), `env` and the text of a configuration file, if any.
    pub fn new(
        flags: BTreeMap<&'static str, String>,
        env: &'a dyn Strings,
        file: Option<(&str, &str)>,
    ) -> Self {
        let mut problems = Vec::new();
        let defaults = DEFAULTS.parse::<toml::Table>().unwrap_or_default();
        let file = match file {
            None => toml::Table::new(),
            Some((name, text)) => text.parse::<toml::Table>().unwrap_or_else(|error| {
                problems.push(Problem { source: name.to_owned(), text: error.to_string() });
                toml::Table::new()
            }),
        };
        Self { flags, env, file, defaults, problems, warnings: Vec::new() }
    }

    /// The environment itself, for settings whose names are open-ended.
    pub fn env(&self) -> &'a dyn Strings {
        self.env
    }

    /// The text of a setting; lists of the file are joined by commas.
    pub fn text(&mut self, setting: &Setting) -> Option<Given<String>> {
        if let Some(value) = self.flags.get(setting.key) {
            return Some(Given {
                value: value.clone(),
                source: format!("--{}", setting.key.replace('_', "-")),
            });
        }
        for name in std::iter::once(&setting.env).chain(setting.aliases) {
            if let Some(value) = self.env.get(name) {
                return Some(Given { value, source: (*name).to_owned() });
            }
        }
        if let Some(value) = self.file.get(setting.key) {
            return Some(Given { value: plain(value), source: format!("`{}` in the file", setting.key) });
        }
        self.defaults
            .get(setting.key)
            .map(|value| Given { value: plain(value), source: format!("default of `{}`", setting.key) })
    }

    /// A setting parsed by `parse`; its error text becomes a [`Problem`].
    pub fn parsed<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Given<T>> {
        let given = self.text(setting)?;
        match parse(given.value.trim()) {
            Ok(value) => Some(Given { value, source: given.source }),
            Err(text) => {
                self.problems.push(Problem { source: given.source, text });
                None
            }
        }
    }

    /// A comma-separated list, each item parsed by `parse`; empty items are skipped.
    pub fn list<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> Result<T, String>) -> Vec<T> {
        let Some(given) = self.text(setting) else { return Vec::new() };
        let mut items = Vec::new();
        for item in given.value.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            match parse(item) {
                Ok(value) => items.push(value),
                Err(text) => self.problems.push(Problem { source: given.source.clone(), text }),
            }
        }
        items
    }

    /// A yes-or-no setting.
    pub fn switch(&mut self, setting: &Setting) -> bool {
        self.parsed(setting, |text| match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err("expected true or false".to_owned()),
        })
        .is_some_and(|given| given.value)
    }

    /// Records a problem that only shows when settings are seen together.
    pub fn problem(&mut self, source: impl Into<String>, text: impl Into<String>) {
        self.problems.push(Problem { source: source.into(), text: text.into() });
    }

    /// Records something legal but risky; shown at start and by `doctor`.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }

    /// Refuses file keys that no setting has, and hands over what was found.
    pub fn finish(mut self, known: &[&Setting]) -> (Vec<Problem>, Vec<String>) {
        for key in self.file.keys() {
            if !known.iter().any(|setting| setting.key == key) {
                self.problems.push(Problem {
                    source: format!("`{key}` in the file"),
                    text: "no such setting; `dovetail config` prints all of them".to_owned(),
                });
            }
        }
        (self.problems, self.warnings)
    }
}

fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
