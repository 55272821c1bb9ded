//! Reading YAML 1.2 with places: every complaint names a line.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::problem::Problem;

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! { strict_booleans: true }
}

/// Reads `text` as `T`; the problem names `file`, line and reason.
pub(crate) fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Problem> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| Problem {
        file: file.to_owned(),
        line: error.location().map_or(0, |location| location.line()),
        key: String::new(),
        reason: reason(&error.without_snippet().to_string()),
    })
}

/// Reads `text` as a JSON value, keys in file order.
pub(crate) fn value(file: &str, text: &str) -> Result<Value, Problem> {
    read(file, text)
}

/// The first line of the parser's message without its place, which is told separately (and counts from the text's
/// own first line).
fn reason(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().trim();
    line.split_once(" at line ").map_or(line, |(reason, _)| reason).to_owned()
}

/// The line of the key at `path`, or of the nearest key above it that has a line: a key inside `{…}` has none.
/// 0 when there is none.
pub(crate) fn nearest_line(text: &str, path: &[String]) -> u64 {
    (1..=path.len()).rev().map(|n| line_of(text, &path[..n])).find(|line| *line > 0).unwrap_or(0)
}

/// The line (from 1) on which the key at `path` stands in a block-style document; 0 when it is not found.
/// Keys inside flow collections (`{…}`) are answered with the line of the nearest block key above them.
fn line_of(text: &str, path: &[String]) -> u64 {
    let mut found = 0;
    let mut depth_indent: Option<usize> = None;
    let mut want = path.iter();
    let Some(mut key) = want.next() else { return 0 };
    for (number, line) in text.lines().enumerate() {
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let indent = line.len() - content.len();
        if depth_indent.is_some_and(|above| indent <= above) {
            break;
        }
        let Some((name, _)) = content.split_once(':') else { continue };
        if name.trim().trim_matches(['"', '\'']) == key && is_child(text, number, indent, depth_indent) {
            found = number as u64 + 1;
            depth_indent = Some(indent);
            match want.next() {
                Some(next) => key = next,
                None => return found,
            }
        }
    }
    found
}

/// Whether the line is indented like the first line below its parent, and not deeper.
fn is_child(text: &str, number: usize, indent: usize, above: Option<usize>) -> bool {
    let Some(above) = above else { return indent == 0 };
    let mut child_indent = None;
    for line in text.lines().take(number + 1).collect::<Vec<_>>().into_iter().rev() {
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let here = line.len() - content.len();
        if here <= above {
            break;
        }
        child_indent = Some(here);
    }
    child_indent == Some(indent)
}
