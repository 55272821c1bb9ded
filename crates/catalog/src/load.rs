//! From raw entries to a catalogue: aliases resolved, types checked.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    catalog::Catalog,
    definition::{Definition, Provider, check},
    guide::GuideText,
    limits::{ALIAS_CHAIN, DEFINITIONS},
    problem::Problem,
    yaml,
};

/// One definition before resolution.
#[derive(Debug, Clone)]
pub(crate) struct RawProvider {
    pub id: String,
    /// Where it was read from, for problems.
    pub file: Arc<str>,
    pub value: Value,
}

/// One guide text before it meets its providers.
#[derive(Debug, Clone)]
pub(crate) struct RawGuide {
    pub file: Arc<str>,
    pub text: Arc<GuideText>,
}

/// Everything of one source: the binary, or one overlay file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entries {
    pub providers: Vec<RawProvider>,
    pub guides: Vec<RawGuide>,
}

/// Whether `id` is a legal provider id.
pub(crate) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// What was compiled in.
pub(crate) fn embedded() -> Result<Entries, Problem> {
    #[derive(Deserialize)]
    struct Packed {
        providers: Map<String, Value>,
        guides: HashMap<String, GuideText>,
    }
    const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalog.json"));
    let packed: Packed = serde_json::from_slice(PACKED)
        .map_err(|error| Problem::file("embedded catalogue", error.to_string()))?;
    let file = |id: &str, name: &str| format!("catalog/{id}/{name}").into();
    let provider = |(id, value): (String, Value)| RawProvider { file: file(&id, "provider.yaml"), id, value };
    let guide =
        |(id, text): (String, GuideText)| RawGuide { file: file(&id, "guide.yaml"), text: Arc::new(text) };
    Ok(Entries {
        providers: packed.providers.into_iter().map(provider).collect(),
        guides: packed.guides.into_iter().map(guide).collect(),
    })
}

/// Reads and checks one `provider.yaml`, or, with `id` absent, a `providers.yaml` of many.
pub(crate) fn provider_file(file: &str, text: &str, id: Option<&str>) -> Result<Entries, Vec<Problem>> {
    // The typed reading is what finds unknown keys and wrong types, with their line.
    let definitions: Vec<(String, Definition)> = match id {
        Some(id) => vec![(id.to_owned(), yaml::read(file, text).map_err(|problem| vec![problem])?)],
        None => yaml::read::<crate::ordered_map::OrderedMap<Definition>>(file, text)
            .map_err(|problem| vec![problem])?
            .into_iter()
            .collect(),
    };
    let mut problems = Vec::new();
    for (name, definition) in &definitions {
        let place = |path: &[String]| {
            if id.is_some() { path.to_vec() } else { [std::slice::from_ref(name), path].concat() }
        };
        let mut add = |path: &[String], reason: String| {
            let path = place(path);
            // A key inside `{…}` has no line of its own: its parent's is told.
            let line = (1..=path.len()).rev().map(|n| yaml::line_of(text, &path[..n])).find(|line| *line > 0);
            problems.push(Problem {
                file: file.to_owned(),
                line: line.unwrap_or(0),
                key: path.join("."),
                reason,
            });
        };
        if !is_id(name) {
            add(&[], "an id holds only lower-case letters, digits and hyphens".to_owned());
        }
        for (path, reason) in check(definition) {
            add(&path, reason);
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let value = yaml::value(file, text).map_err(|problem| vec![problem])?;
    let file: Arc<str> = file.into();
    let providers = match (id, value) {
        (Some(id), value) => vec![RawProvider { id: id.to_owned(), file, value }],
        (None, Value::Object(map)) => {
            map.into_iter().map(|(id, value)| RawProvider { id, file: Arc::clone(&file), value }).collect()
        }
        (None, _) => Vec::new(),
    };
    Ok(Entries { providers, guides: Vec::new() })
}

/// Puts sources together, later ones over earlier ones, and resolves. Entries that fail are left out and named.
pub(crate) fn build<'a>(sources: impl IntoIterator<Item = &'a Entries>) -> (Catalog, Vec<Problem>) {
    let mut order: Vec<&RawProvider> = Vec::new();
    let mut index: HashMap<&str, usize> = HashMap::new();
    let mut guides: Vec<(usize, &RawGuide)> = Vec::new();
    // The newest source of each provider, by id.
    let mut newest: HashMap<&str, usize> = HashMap::new();
    for (number, source) in sources.into_iter().enumerate() {
        for raw in &source.providers {
            newest.insert(&raw.id, number);
            match index.get(raw.id.as_str()) {
                Some(at) => order[*at] = raw,
                None => {
                    index.insert(&raw.id, order.len());
                    order.push(raw);
                }
            }
        }
        guides.extend(source.guides.iter().map(|raw| (number, raw)));
    }
    let mut problems = Vec::new();
    if order.len() > DEFINITIONS {
        problems.push(Problem::file(
            "catalogue",
            format!("more than {DEFINITIONS} definitions; the rest is left out"),
        ));
        order.truncate(DEFINITIONS);
        index.retain(|_, at| *at < DEFINITIONS);
    }
    let mut providers = Vec::with_capacity(order.len());
    for raw in &order {
        match resolve(raw, &order, &index).and_then(|value| provider(raw, value)) {
            Ok(provider) => providers.push(provider),
            Err((key, reason)) => problems.push(Problem { file: raw.file.to_string(), line: 0, key, reason }),
        }
    }
    let mut catalog = Catalog::new(providers);
    for (number, raw) in guides {
        if let Err(reason) = catalog.add_guide(&raw.text)
            // A definition that was laid over an older guide need not fit it: the guide is dropped in silence.
            && newest.get(raw.text.provider.as_str()).is_none_or(|newest| *newest <= number)
        {
            problems.push(Problem::file(&*raw.file, reason));
        }
    }
    (catalog, problems)
}

impl Provider {
    /// Reads one definition that stands alone (no alias), with every check of an overlay file.
    pub fn from_yaml(id: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let entries = provider_file("provider.yaml", text, Some(id))?;
        let (catalog, problems) = build([&entries]);
        match catalog.into_only() {
            Some(provider) if problems.is_empty() => Ok(provider),
            _ => Err(problems),
        }
    }
}

type Refusal = (String, String);

/// Shallow copy of the target, every top-level key of the alias entry over it, `alias` removed (section 1).
fn resolve(
    raw: &RawProvider,
    order: &[&RawProvider],
    index: &HashMap<&str, usize>,
) -> Result<Value, Refusal> {
    let mut chain = vec![raw];
    let mut seen = HashSet::from([raw.id.as_str()]);
    while let Some(target) = chain.last().and_then(|entry| entry.value.get("alias")) {
        let refuse = |reason: String| Err(("alias".to_owned(), reason));
        let Some(target) = target.as_str() else { return refuse("must be a text".to_owned()) };
        let Some(entry) = index.get(target).and_then(|at| order.get(*at)) else {
            return refuse(format!("there is no provider `{target}`"));
        };
        if !seen.insert(target) {
            return refuse(format!("`{target}` leads back to itself"));
        }
        if chain.len() == ALIAS_CHAIN {
            return refuse(format!("more than {ALIAS_CHAIN} aliases in a row"));
        }
        chain.push(entry);
    }
    let mut resolved = Map::new();
    for entry in chain.into_iter().rev() {
        for (key, value) in entry.value.as_object().into_iter().flatten() {
            resolved.insert(key.clone(), value.clone());
        }
    }
    resolved.shift_remove("alias");
    Ok(Value::Object(resolved))
}

fn provider(raw: &RawProvider, value: Value) -> Result<Provider, Refusal> {
    let definition = Definition::deserialize(&value).map_err(|error| (String::new(), error.to_string()))?;
    Provider::new(raw.id.clone(), definition, value)
        .ok_or_else(|| ("auth_mode".to_owned(), "is missing".to_owned()))
}
