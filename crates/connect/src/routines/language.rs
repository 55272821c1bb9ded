//! The language of routines: which request, and what is taken from its answer.

use dovetail_catalog::outgoing::CredentialView;
use serde_json::Value;

/// A routine: its steps in order. A step that fails ends it; what was taken before stays.
#[derive(Clone, Copy)]
pub(crate) struct Table(pub(crate) &'static [Step]);

/// One step.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// The request; none when everything is there already.
    pub(crate) ask: Option<Ask>,
    /// What becomes configuration.
    pub(crate) take: &'static [Take],
    /// Configuration that is removed.
    pub(crate) remove: &'static [&'static str],
}

impl Step {
    /// A request, and what is taken from its answer.
    pub(crate) const fn ask(ask: Ask, take: &'static [Take]) -> Self {
        Self { ask: Some(ask), take, remove: &[] }
    }

    /// Values that are there already.
    pub(crate) const fn take(take: &'static [Take]) -> Self {
        Self { ask: None, take, remove: &[] }
    }

    /// Removes configuration at the end of the step.
    pub(crate) const fn removing(self, remove: &'static [&'static str]) -> Self {
        Self { remove, ..self }
    }
}

/// A request with the connection's credentials, built as the proxy builds its own.
#[derive(Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) base: Base,
    /// Template of path and query.
    pub(crate) path: &'static str,
    /// Templates of headers that replace the definition's. They see the finished request; an empty one is left out.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: Content,
}

impl Ask {
    /// A `GET` below the definition's base URL.
    pub(crate) const fn get(path: &'static str) -> Self {
        Self { method: "GET", base: Base::Definition, path, headers: &[], body: Content::None }
    }

    /// A request with a body.
    pub(crate) const fn send(method: &'static str, path: &'static str, body: Content) -> Self {
        Self { method, base: Base::Definition, path, headers: &[], body }
    }

    /// The same at another place.
    pub(crate) const fn at(self, base: &'static str) -> Self {
        Self { base: Base::At(base), ..self }
    }

    /// The same at a place that depends on the provider's name.
    pub(crate) const fn by_name(self, part: &'static str, with: &'static str, without: &'static str) -> Self {
        Self { base: Base::ByName { part, with, without }, ..self }
    }

    /// The same with these headers.
    pub(crate) const fn with(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }
}

/// Where a request goes.
#[derive(Clone, Copy)]
pub(crate) enum Base {
    /// Below the definition's base URL.
    Definition,
    /// Below this template.
    At(&'static str),
    /// Below one of two: sandboxes and demos are told by the provider's name, never by what somebody called an
    /// integration.
    ByName { part: &'static str, with: &'static str, without: &'static str },
}

/// A body.
#[derive(Clone, Copy)]
pub(crate) enum Content {
    None,
    Json(&'static str),
    /// Made from the credentials; the first is its content type.
    Of(&'static str, fn(&CredentialView) -> String),
}

/// A value that becomes configuration.
#[derive(Clone, Copy)]
pub(crate) struct Take {
    pub(crate) key: &'static str,
    pub(crate) from: Source,
    pub(crate) shape: Option<fn(&Value) -> Option<Value>>,
    /// What is configured already stays.
    pub(crate) only_if_missing: bool,
    /// Without it the step fails.
    pub(crate) needed: bool,
}

impl Take {
    /// A needed value that replaces what was configured.
    pub(crate) const fn new(key: &'static str, from: Source) -> Self {
        Self { key, from, shape: None, only_if_missing: false, needed: true }
    }

    /// Of the answer.
    pub(crate) const fn answer(key: &'static str, path: &'static str) -> Self {
        Self::new(key, Source::Answer(path))
    }

    /// The same, made into something else; what it cannot shape is missing.
    pub(crate) const fn shaped(self, shape: fn(&Value) -> Option<Value>) -> Self {
        Self { shape: Some(shape), ..self }
    }

    /// The same, unless it is configured already.
    pub(crate) const fn only_if_missing(self) -> Self {
        Self { only_if_missing: true, ..self }
    }

    /// The same, and it may be absent.
    pub(crate) const fn optional(self) -> Self {
        Self { needed: false, ..self }
    }
}

/// Where a value comes from.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// The answer to the step's request, by a path: names and positions, separated by dots; `name=value` is the first
    /// item of a list with that member. An empty path is the whole answer.
    Answer(&'static str),
    /// A claim of the access token, when that is a JWT.
    Claim(&'static str),
    /// The token endpoint's answer, by a path.
    Raw(&'static str),
    /// A field of the credentials.
    Credential(&'static str),
    /// Another value of the configuration.
    Config(&'static str),
}

/// The text after the last slash.
pub(crate) fn last_segment(value: &Value) -> Option<Value> {
    let text = value.as_str()?.trim_end_matches('/');
    text.rsplit('/').next().filter(|segment| !segment.is_empty()).map(Value::from)
}

/// A text or a number as a text: for values that a form would ask for as text.
pub(crate) fn as_text(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => Some(Value::from(text.as_str())),
        Value::Number(number) => Some(Value::from(number.to_string())),
        _ => None,
    }
}
