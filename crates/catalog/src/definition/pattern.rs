//! Field patterns: written for JavaScript, matched here.

use std::{iter::Peekable, str::Chars, sync::OnceLock};

use fancy_regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer};

use crate::limits::{PATTERN_BACKTRACK_STEPS, PATTERN_BYTES, PATTERN_COMPILED_BYTES};

/// A pattern in JavaScript's syntax; matches when it occurs in the value. Compiled on first use, once.
#[derive(Clone)]
pub struct Pattern {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The text as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the pattern occurs in `value`. A pattern that cannot be compiled, or that takes too many steps,
    /// does not match.
    pub fn matches(&self, value: &str) -> bool {
        self.compiled
            .get_or_init(|| compile(&self.source).ok())
            .as_ref()
            .is_some_and(|regex| regex.is_match(value).unwrap_or(false))
    }

    /// Compiles; the error says why it cannot be.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.source.len() > PATTERN_BYTES {
            return Err(format!("pattern is longer than {PATTERN_BYTES} bytes"));
        }
        let regex = compile(&self.source).map_err(|error| format!("pattern does not compile: {error}"))?;
        self.compiled.get_or_init(|| Some(regex));
        Ok(())
    }
}

fn compile(source: &str) -> Result<Regex, fancy_regex::Error> {
    RegexBuilder::new(&from_javascript(source))
        .backtrack_limit(PATTERN_BACKTRACK_STEPS)
        .delegate_size_limit(PATTERN_COMPILED_BYTES)
        .build()
}

/// JavaScript's classes are ASCII, its `$` is the very end, and `[`, `&&`, `--`, `~~` mean nothing in a class.
fn from_javascript(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 16);
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('d') => out.push_str("[0-9]"),
                Some('D') => out.push_str("[^0-9]"),
                Some('w') => out.push_str("[A-Za-z0-9_]"),
                Some('W') => out.push_str("[^A-Za-z0-9_]"),
                Some('b') => out.push_str(WORD_BOUNDARY),
                Some('/') => out.push('/'),
                Some(other) => out.extend(['\\', other]),
                None => out.push_str(r"\\"),
            },
            '[' => class(&mut chars, &mut out),
            '$' => out.push_str(r"\z"),
            other => out.push(other),
        }
    }
    out
}

const WORD_BOUNDARY: &str = r"(?:(?<![A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<=[A-Za-z0-9_])(?![A-Za-z0-9_]))";

/// Copies a class, whose `[` has been read. Hyphens are ranges only between two characters in order, so that
/// `[A-Z0-9-_]` and `[\\-+]` mean what their writers meant.
fn class(chars: &mut Peekable<Chars<'_>>, out: &mut String) {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut items: Vec<(Option<char>, String)> = Vec::new();
    while let Some(c) = chars.next().filter(|c| *c != ']') {
        items.push(match c {
            '\\' => match chars.next() {
                Some('d') => (None, "0-9".to_owned()),
                Some('w') => (None, "A-Za-z0-9_".to_owned()),
                Some(other) if other.is_ascii_alphanumeric() => (None, format!("\\{other}")),
                Some(other) => literal(other),
                None => literal('\\'),
            },
            '-' => (None, "-".to_owned()),
            other => literal(other),
        });
    }
    for at in 0..items.len() {
        let (single, text) = &items[at];
        let around = at.checked_sub(1).and_then(|before| items.get(before)).zip(items.get(at + 1));
        let range = match around {
            Some(((Some(from), _), (Some(to), _))) => from <= to,
            _ => false,
        };
        if single.is_none() && text == "-" && !range {
            out.push_str(r"\-");
        } else {
            out.push_str(text);
        }
    }
    out.push(']');
}

/// A character that stands for itself in a class.
fn literal(c: char) -> (Option<char>, String) {
    let escaped = c.is_ascii_punctuation() && c != '_';
    (Some(c), if escaped { format!("\\{c}") } else { c.to_string() })
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pattern({:?})", self.source)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { source: String::deserialize(deserializer)?, compiled: OnceLock::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(source: &str) -> Pattern {
        Pattern { source: source.to_owned(), compiled: OnceLock::new() }
    }

    #[test]
    fn classes_are_ascii_as_in_javascript() {
        assert!(pattern(r"^\d+$").matches("12"));
        assert!(!pattern(r"^\d+$").matches("١٢"));
        assert!(!pattern(r"^[\w-]+$").matches("é"));
        assert!(pattern(r"^[\w-]+$").matches("a-b_c"));
    }

    #[test]
    fn a_dollar_is_the_very_end() {
        assert!(!pattern("^a$").matches("a\n"));
    }

    #[test]
    fn without_anchors_a_substring_is_enough() {
        assert!(pattern(r"api-[a-z0-9]+\.duosecurity\.com").matches("x api-1.duosecurity.com y"));
    }

    #[test]
    fn brackets_and_doubled_signs_in_a_class_are_literal() {
        assert!(pattern("^[[&&a]+$").matches("[&a"));
        assert!(pattern("^ord_[A-Za-z0-9-_]+$").matches("ord_A-1_z"));
    }

    #[test]
    fn a_hyphen_that_is_no_range_is_literal() {
        assert!(pattern(r"^[a-z!()\\-+=]+$").matches("a-b+=\\"));
        assert!(pattern("^[a-]+$").matches("a-"));
        assert!(pattern("^[-a]+$").matches("a-"));
        assert!(pattern(r"^[\w-.]+$").matches("a-b.c"));
        assert!(!pattern("^[a-c]+$").matches("-"));
    }

    #[test]
    fn look_ahead_works() {
        assert!(pattern("^(?!https?://).+$").matches("acme"));
        assert!(!pattern("^(?!https?://).+$").matches("https://acme"));
    }

    #[test]
    fn a_catastrophic_pattern_gives_up() {
        let bomb = pattern("^(?=(a+)+$)(a|aa)+$");
        assert!(!bomb.matches(&format!("{}!", "a".repeat(5_000))));
    }
}
