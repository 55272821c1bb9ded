//! A document of many definitions, cut into its entries, so that one that is broken does not hide the rest.

use serde_json::{Map, Value};

use crate::{problem::Problem, yaml};

/// One entry of the document.
pub(super) struct Entry<'a> {
    pub id: String,
    /// Line of its key.
    pub line: u64,
    /// Its lines; empty where the document could not be cut.
    pub text: &'a str,
    pub value: Result<Value, Problem>,
}

/// The entries of a document in file order. A document that uses YAML anchors across entries, or is written in flow
/// style, is read as a whole: then one broken entry breaks it all.
pub(super) fn split<'a>(file: &str, text: &'a str) -> Result<Vec<Entry<'a>>, Problem> {
    let cut = cut(text);
    let mut entries: Vec<Entry<'a>> = Vec::with_capacity(cut.len());
    let mut is_whole = cut.is_empty();
    for (line, text) in cut {
        let entry = read(file, line, text);
        is_whole |= entry.value.is_err();
        entries.push(entry);
    }
    if is_whole && let Ok(whole) = yaml::read::<Map<String, Value>>(file, text) {
        return Ok(whole
            .into_iter()
            .map(|(id, value)| {
                let line = yaml::nearest_line(text, std::slice::from_ref(&id)).max(1);
                Entry { id, line, text: "", value: Ok(value) }
            })
            .collect());
    }
    if entries.is_empty() && !text.trim().is_empty() {
        yaml::read::<Map<String, Value>>(file, text)?;
    }
    Ok(entries)
}

/// The pieces of a block mapping: each begins with a line that is not indented. Lines count from 1.
fn cut(text: &str) -> Vec<(u64, &str)> {
    let mut starts = Vec::new();
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let first = line.chars().next().unwrap_or('\n');
        let is_marker = line.starts_with("---") || line.starts_with("...") || line.starts_with('%');
        if !first.is_whitespace() && first != '#' && !is_marker {
            starts.push((number as u64 + 1, at));
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|(_, at)| *at).chain([text.len()]).collect::<Vec<_>>();
    starts
        .into_iter()
        .zip(ends)
        .map(|((line, start), end)| (line, text.get(start..end).unwrap_or_default()))
        .collect()
}

fn read<'a>(file: &str, line: u64, text: &'a str) -> Entry<'a> {
    let key = text.split(':').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    match yaml::read::<Map<String, Value>>(file, text) {
        Ok(map) if map.len() == 1 => {
            let (id, value) = map.into_iter().next().unwrap_or_default();
            Entry { id, line, text, value: Ok(value) }
        }
        Ok(_) => {
            let reason = "is no `id: definition` pair".to_owned();
            let problem = Problem { file: file.to_owned(), line, key: key.to_owned(), reason };
            Entry { id: key.to_owned(), line, text, value: Err(problem) }
        }
        Err(mut problem) => {
            problem.line = problem.line.max(1) + line - 1;
            key.clone_into(&mut problem.key);
            Entry { id: key.to_owned(), line, text, value: Err(problem) }
        }
    }
}
