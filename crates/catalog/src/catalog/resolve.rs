//! From an entry to a provider: aliases resolved, types read (providers.md section 1).

use std::borrow::Cow;

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::Catalog;
use crate::{
    definition::{Definition, Provider},
    limits::ALIAS_CHAIN,
    source::{RawProvider, Text},
};

/// The resolved definition as JSON text: the entry's own text where it is no alias.
pub(super) fn text<'a>(catalog: &Catalog, raw: &'a RawProvider) -> Result<Cow<'a, str>, String> {
    Ok(if raw.alias.is_none() {
        Cow::Borrowed(raw.text.as_str())
    } else {
        Cow::Owned(Value::Object(merged(catalog, raw)?).to_string())
    })
}

pub(super) fn provider(catalog: &Catalog, raw: &RawProvider) -> Result<Provider, String> {
    let (definition, text) = if raw.alias.is_none() {
        let definition: Definition =
            serde_json::from_str(raw.text.as_str()).map_err(|error| error.to_string())?;
        (definition, raw.text.clone())
    } else {
        let value = Value::Object(merged(catalog, raw)?);
        let definition = Definition::deserialize(&value).map_err(|error| error.to_string())?;
        (definition, Text::Read(value.to_string().into()))
    };
    Provider::new(raw.id.to_string(), definition, text).ok_or_else(|| "`auth_mode` is missing".to_owned())
}

/// Shallow copy of the target, every top-level key of the alias entry over it, `alias` removed.
fn merged(catalog: &Catalog, raw: &RawProvider) -> Result<Map<String, Value>, String> {
    let mut chain = vec![raw];
    while let Some(target) = chain.last().and_then(|entry| entry.alias.as_deref()) {
        let at = catalog.position(target).filter(|_| chain.len() <= ALIAS_CHAIN);
        let entry = at.and_then(|at| catalog.slots.get(at));
        chain.push(&entry.ok_or_else(|| format!("the alias `{target}` cannot be followed"))?.raw);
    }
    let mut resolved = Map::new();
    for entry in chain.into_iter().rev() {
        let keys: Map<String, Value> =
            serde_json::from_str(entry.text.as_str()).map_err(|error| error.to_string())?;
        resolved.extend(keys);
    }
    resolved.shift_remove("alias");
    Ok(resolved)
}
