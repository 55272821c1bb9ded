//! Reading the files of an overlay: definitions, guides, scopes. What is wrong is told by entry, and does not keep the
//! entries beside it out.

mod entries;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    definition::{Definition, Provider, check},
    guide::GuideText,
    merge::merge,
    problem::Problem,
    source::{Entries, RawGuide, RawLogo, RawProvider, RawScopes, Text},
    yaml,
};

/// What a file gave.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub entries: Entries,
    /// Why entries were refused; empty when all is well.
    pub problems: Vec<Problem>,
    /// The ids of refused definitions. `None`: the file as a whole could not be read.
    pub refused: Option<Vec<String>>,
}

impl Reading {
    /// Nothing of the file can be used.
    pub(crate) fn failed(problem: Problem) -> Self {
        Self { entries: Entries::default(), problems: vec![problem], refused: None }
    }
}

/// Whether `id` is a legal provider id.
pub(crate) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Reads and checks one `provider.yaml`.
pub(crate) fn provider_file(file: &str, text: &str, id: &str) -> Reading {
    let value = match yaml::value(file, text) {
        Ok(value) => value,
        Err(problem) => return Reading::failed(problem),
    };
    let mut reading = Reading { refused: Some(Vec::new()), ..Reading::default() };
    let problems = check_definition(file, text, id, &value, None);
    if problems.is_empty() {
        reading.entries.providers.push(RawProvider::read(id, &file.into(), 0, &value));
    } else {
        reading.problems = problems;
        reading.refused = Some(vec![id.to_owned()]);
    }
    reading
}

/// Reads and checks a `providers.yaml` of many, entry by entry.
pub(crate) fn providers_file(file: &str, text: &str) -> Reading {
    let found = match entries::split(file, text) {
        Ok(found) => found,
        Err(problem) => return Reading::failed(problem),
    };
    let mut reading = Reading::default();
    let mut refused = Vec::new();
    let shared: Arc<str> = file.into();
    for entry in found {
        let problems = match &entry.value {
            Err(problem) => vec![problem.clone()],
            Ok(_) if reading.entries.providers.iter().any(|known| *known.id == *entry.id) => {
                let reason = "occurs twice; the first one counts".to_owned();
                reading.problems.push(Problem {
                    file: file.to_owned(),
                    line: entry.line,
                    key: entry.id,
                    reason,
                });
                continue;
            }
            Ok(value) => {
                let place = Place { id: &entry.id, line: entry.line };
                check_definition(file, entry.text, &entry.id, value, Some(place))
            }
        };
        match entry.value {
            Ok(value) if problems.is_empty() => {
                let raw = RawProvider::read(&entry.id, &shared, entry.line, &value);
                reading.entries.providers.push(raw);
            }
            _ => {
                reading.problems.extend(problems);
                refused.push(entry.id);
            }
        }
    }
    reading.refused = Some(refused);
    reading
}

/// Where an entry of many stands: its key is on `line` of the file, the first line of its text.
#[derive(Clone, Copy)]
struct Place<'a> {
    id: &'a str,
    line: u64,
}

/// Everything that is wrong with one definition, with lines of the file.
fn check_definition(
    file: &str,
    text: &str,
    id: &str,
    value: &Value,
    place: Option<Place<'_>>,
) -> Vec<Problem> {
    let above = place.map_or(0, |place| place.line - 1);
    let definition = match Definition::deserialize(value) {
        Ok(definition) => definition,
        // Read again from the text: that reader knows lines.
        Err(error) => {
            let mut problem = typed_problem(file, text, place.is_some()).unwrap_or_else(|| Problem {
                file: file.to_owned(),
                line: 1,
                key: String::new(),
                reason: error.to_string(),
            });
            problem.line += above;
            if problem.key.is_empty() {
                problem.key = place.map(|place| place.id.to_owned()).unwrap_or_default();
            }
            return vec![problem];
        }
    };
    let mut findings = check(&definition);
    if !is_id(id) {
        findings.push((Vec::new(), "an id holds only lower-case letters, digits and hyphens".to_owned()));
    }
    findings
        .into_iter()
        .map(|(path, reason)| {
            let path: Vec<String> = place.iter().map(|place| place.id.to_owned()).chain(path).collect();
            let line = yaml::nearest_line(text, &path);
            Problem {
                file: file.to_owned(),
                line: if line > 0 { line + above } else { 0 },
                key: path.join("."),
                reason,
            }
        })
        .collect()
}

fn typed_problem(file: &str, text: &str, many: bool) -> Option<Problem> {
    if many {
        yaml::read::<crate::ordered_map::OrderedMap<Definition>>(file, text).err()
    } else {
        yaml::read::<Definition>(file, text).err()
    }
}

/// Reads and checks one `guide.yaml`.
pub(crate) fn guide_file(file: &str, text: &str) -> Reading {
    let guide: GuideText = match yaml::read(file, text) {
        Ok(guide) => guide,
        Err(problem) => return Reading::failed(problem),
    };
    if let Err(reason) = guide.check() {
        return Reading::failed(Problem::file(file, reason));
    }
    match yaml::value(file, text) {
        Ok(value) => {
            let raw = RawGuide {
                file: file.into(),
                provider: guide.provider.into(),
                covers: guide.covers.into_iter().map(Box::from).collect(),
                text: Text::Read(value.to_string().into()),
            };
            let entries = Entries { guides: vec![raw], ..Entries::default() };
            Reading { entries, refused: Some(Vec::new()), ..Reading::default() }
        }
        Err(problem) => Reading::failed(problem),
    }
}

/// A `scopes.yaml`: the OAuth scopes a provider documents.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScopesText {
    /// The page that names them, where it is known.
    pub source: Option<String>,
    /// As the provider writes them, in its order.
    pub scopes: Vec<String>,
}

/// Reads and checks one `scopes.yaml`.
pub(crate) fn scopes_file(file: &str, text: &str, id: &str) -> Reading {
    match yaml::read::<ScopesText>(file, text) {
        Ok(list) if list.source.as_ref().is_some_and(|source| !source.starts_with("https://")) => {
            let line = yaml::nearest_line(text, &["source".to_owned()]);
            let reason = "must be the https address of a page".to_owned();
            Reading::failed(Problem { file: file.to_owned(), line, key: "source".to_owned(), reason })
        }
        Ok(list) => {
            let text = Value::from(list.scopes).to_string();
            let raw = RawScopes { provider: id.into(), text: Text::Read(text.into()) };
            let entries = Entries { scopes: vec![raw], ..Entries::default() };
            Reading { entries, refused: Some(Vec::new()), ..Reading::default() }
        }
        Err(problem) => Reading::failed(problem),
    }
}

/// Takes a `logo.svg`. Browsers show it as a picture, where nothing in it can run; only the root is looked at.
pub(crate) fn logo_file(file: &str, text: String, id: &str) -> Reading {
    if !text.trim_start().starts_with("<svg") {
        return Reading::failed(Problem::file(
            file,
            "must be an SVG document that begins with <svg".to_owned(),
        ));
    }
    let raw = RawLogo { provider: id.into(), text: Text::Read(text.into()) };
    let entries = Entries { logos: vec![raw], ..Entries::default() };
    Reading { entries, refused: Some(Vec::new()), ..Reading::default() }
}

impl Provider {
    /// Reads one definition that stands alone (no alias), with every check of an overlay file.
    pub fn from_yaml(id: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let reading = provider_file("provider.yaml", text, id);
        if !reading.problems.is_empty() {
            return Err(reading.problems);
        }
        let (catalog, refused) = merge([&reading.entries]);
        match catalog.get(id) {
            Some(provider) if refused.is_empty() => Ok(provider.clone()),
            _ => Err(refused.into_iter().map(|(_, problem)| problem).collect()),
        }
    }
}
