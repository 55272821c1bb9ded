//! What names mean at the place where a template stands (providers.md 4.3, 4.4).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::moment::Moment;

/// How names are looked up and which operators exist (providers.md 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A: TWO_STEP parameters and headers, JWT parts, assertions. No `||`; any non-null flat value counts.
    Flat,
    /// B: OAuth URLs and their parameters.
    Tree,
    /// C: proxy URL, headers, query, body. `||` only where a placeholder stands.
    Proxy,
}

/// The names a template may use. Values are borrowed: credentials are not copied.
#[derive(Clone, Default)]
pub struct Context<'a> {
    entries: Vec<(Cow<'a, str>, Entry<'a>)>,
    moment: Option<&'a Moment>,
}

#[derive(Clone)]
enum Entry<'a> {
    Text(Cow<'a, str>),
    Json(&'a Value),
    Map(&'a Map<String, Value>),
}

impl<'a> Context<'a> {
    /// A context without names, in which `now` and `random` mean `moment`.
    pub fn new(moment: &'a Moment) -> Self {
        Self { entries: Vec::new(), moment: Some(moment) }
    }

    /// A context without names in which `now` and `random` never resolve.
    pub fn timeless() -> Self {
        Self::default()
    }

    /// Adds a text. A later entry hides an earlier one of the same name.
    #[must_use]
    pub fn text(mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        self.entries.push((name.into(), Entry::Text(value.into())));
        self
    }

    /// Adds a JSON value: dotted paths walk into it.
    #[must_use]
    pub fn json(mut self, name: impl Into<Cow<'a, str>>, value: &'a Value) -> Self {
        self.entries.push((name.into(), Entry::Json(value)));
        self
    }

    /// Adds an object under a name: `name.key` and deeper.
    #[must_use]
    pub fn map(mut self, name: impl Into<Cow<'a, str>>, value: &'a Map<String, Value>) -> Self {
        self.entries.push((name.into(), Entry::Map(value)));
        self
    }

    /// Adds every key of an object as a name of its own.
    #[must_use]
    pub fn flat(mut self, values: &'a Map<String, Value>) -> Self {
        self.entries
            .extend(values.iter().map(|(key, value)| (Cow::Borrowed(key.as_str()), Entry::Json(value))));
        self
    }

    /// Adds the connection config under both of its names.
    #[must_use]
    pub fn connection_config(self, values: &'a Map<String, Value>) -> Self {
        self.map("connectionConfig", values).map("connection_config", values)
    }

    pub(super) fn moment(&self) -> Option<&'a Moment> {
        self.moment
    }

    /// The text of `name`, if it has one in this mode.
    pub(super) fn lookup(&self, name: &str, mode: Mode) -> Option<Cow<'_, str>> {
        match mode {
            Mode::Flat => self.flat_value(name, true).or_else(|| self.path(name)),
            Mode::Tree | Mode::Proxy => self
                .path(name)
                .or_else(|| self.flat_value(name, false))
                .or_else(|| (name == "endpoint").then_some(Cow::Borrowed(""))),
        }
    }

    fn entry(&self, name: &str) -> Option<&Entry<'a>> {
        self.entries.iter().rev().find(|(known, _)| known == name).map(|(_, entry)| entry)
    }

    fn flat_value(&self, name: &str, any_type: bool) -> Option<Cow<'_, str>> {
        match self.entry(name)? {
            Entry::Text(text) => Some(Cow::Borrowed(text)),
            Entry::Json(value) => scalar(value).or_else(|| any_type.then(|| stringified(value)).flatten()),
            Entry::Map(_) => any_type.then_some(Cow::Borrowed("[object Object]")),
        }
    }

    /// Walks a dotted path. Keys may contain dots themselves (`connectionConfig.installation.uuid` is the
    /// key `installation.uuid` of the connection config): the longest key wins.
    fn path(&self, name: &str) -> Option<Cow<'_, str>> {
        if let Some(Entry::Text(text)) = self.entry(name) {
            return Some(Cow::Borrowed(text));
        }
        cuts(name).find_map(|(head, rest)| match (self.entry(head)?, rest) {
            (Entry::Text(_) | Entry::Map(_), None) | (Entry::Text(_), Some(_)) => None,
            (Entry::Json(value), None) => scalar(value),
            (Entry::Json(value), Some(rest)) => walk(value, rest),
            (Entry::Map(map), Some(rest)) => walk_map(map, rest),
        })
    }
}

/// Every way to cut a path into a head and a rest, longest head first.
fn cuts(path: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    std::iter::once((path, None))
        .chain(path.rmatch_indices('.').map(|(at, _)| (&path[..at], Some(&path[at + 1..]))))
}

fn walk<'v>(value: &'v Value, path: &str) -> Option<Cow<'v, str>> {
    match value {
        Value::Object(map) => walk_map(map, path),
        Value::Array(items) => cuts(path).find_map(|(head, rest)| {
            let item = items.get(head.parse::<usize>().ok()?)?;
            rest.map_or_else(|| scalar(item), |rest| walk(item, rest))
        }),
        _ => None,
    }
}

fn walk_map<'v>(map: &'v Map<String, Value>, path: &str) -> Option<Cow<'v, str>> {
    cuts(path).find_map(|(head, rest)| {
        let value = map.get(head)?;
        rest.map_or_else(|| scalar(value), |rest| walk(value, rest))
    })
}

fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

fn stringified(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::Bool(yes) => Some(Cow::Borrowed(if *yes { "true" } else { "false" })),
        Value::Object(_) => Some(Cow::Borrowed("[object Object]")),
        Value::Array(items) => Some(Cow::Owned(
            items.iter().map(|item| stringified(item).unwrap_or_default()).collect::<Vec<_>>().join(","),
        )),
        Value::String(_) | Value::Number(_) => scalar(value),
    }
}
