//! Parameter values: templates, and nested maps and lists of them.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{
    ast::Template,
    context::{Context, Mode},
};
use crate::ordered_map::OrderedMap;

/// A value of `token_params`, `proxy.body`, `token.payload` and the like.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// A text, which may hold placeholders.
    Text(Template),
    /// A number, boolean or null, kept as it is.
    Other(Value),
    /// A list.
    List(Vec<Tree>),
    /// A map.
    Map(OrderedMap<Tree>),
}

/// What to do with a text leaf after evaluation.
pub enum Leaf {
    /// Put this value.
    Put(Value),
    /// Leave the entry out.
    Drop,
}

impl Tree {
    /// Parses every text of a JSON value as a template.
    pub fn from_value(value: Value) -> Self {
        match value {
            Value::String(text) => Self::Text(Template::parse(text)),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from_value).collect()),
            Value::Object(entries) => {
                Self::Map(entries.into_iter().map(|(key, value)| (key, Self::from_value(value))).collect())
            }
            other => Self::Other(other),
        }
    }

    /// Evaluates every text leaf; leaves with an unresolved placeholder are left out.
    pub fn render(&self, mode: Mode, context: &Context<'_>) -> Option<Value> {
        self.render_with(&mut |template| match template.render(mode, context).complete() {
            Some(text) => Leaf::Put(Value::String(text)),
            None => Leaf::Drop,
        })
    }

    /// Evaluates every text leaf with `leaf`. `None` when the whole is left out.
    pub fn render_with(&self, leaf: &mut dyn FnMut(&Template) -> Leaf) -> Option<Value> {
        Some(match self {
            Self::Text(template) => match leaf(template) {
                Leaf::Put(value) => value,
                Leaf::Drop => return None,
            },
            Self::Other(value) => value.clone(),
            Self::List(items) => {
                Value::Array(items.iter().filter_map(|item| item.render_with(leaf)).collect())
            }
            Self::Map(entries) => {
                let mut map = Map::new();
                for (key, value) in entries.iter() {
                    if let Some(value) = value.render_with(leaf) {
                        map.insert(key.to_owned(), value);
                    }
                }
                Value::Object(map)
            }
        })
    }

    /// Every template in it.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Text(template) => vec![template],
            Self::Other(_) => Vec::new(),
            Self::List(items) => items.iter().flat_map(Self::templates).collect(),
            Self::Map(entries) => entries.iter().flat_map(|(_, value)| value.templates()).collect(),
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_value(Value::deserialize(deserializer)?))
    }
}
