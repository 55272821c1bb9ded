//! Patterns of paths: literal segments, `*` for one segment, `**` at the end for any number of them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::MAX_PATH_PATTERN;

/// A pattern of the whole path of a request, as it is sent to the service. Letters are told apart by case; a slash at
/// the end makes no difference; the query is not looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathPattern {
    segments: Vec<Segment>,
    /// Whether more segments may follow.
    open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Segment {
    Any,
    /// Decoded.
    Literal(String),
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathPatternError {
    /// It does not begin with a slash.
    #[error("`{0}` does not begin with `/`")]
    NoSlash(String),
    /// It is longer than [`MAX_PATH_PATTERN`].
    #[error("the pattern is longer than {MAX_PATH_PATTERN} bytes")]
    TooLong,
    /// It has a query or a fragment.
    #[error("`{0}` contains `?` or `#`: a pattern is about the path alone")]
    Query(String),
    /// `*` stands beside other characters.
    #[error(
        "`{0}` mixes `*` with other characters: `*` stands for one whole segment, `%2A` for the character"
    )]
    Mixed(String),
    /// `**` is not the last segment.
    #[error("`{0}` has something behind `**`, which stands for all that follows")]
    BehindRest(String),
    /// A segment that no request may have either.
    #[error("`{pattern}`: {problem}")]
    Unclear {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        problem: UnclearPath,
    },
}

/// Why it cannot be said which resource a path names: services and what stands before them read it differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnclearPath {
    /// Two slashes in a row.
    #[error("an empty segment")]
    EmptySegment,
    /// `.` or `..`, also encoded, also with parameters behind it (`..;x`).
    #[error("a segment `.` or `..`")]
    Dots,
    /// An encoded slash or a backslash.
    #[error("a slash or backslash inside a segment")]
    Slash,
    /// A control character.
    #[error("a control character")]
    Control,
    /// Encoded twice.
    #[error("a segment that is percent-encoded twice")]
    EncodedTwice,
    /// Not UTF-8.
    #[error("a segment that is not UTF-8")]
    NotUtf8,
}

/// What a literal segment is written with: everything that would read as something else.
const SEGMENT: &AsciiSet =
    &CONTROLS.add(b' ').add(b'%').add(b'*').add(b'?').add(b'#').add(b'"').add(b'<').add(b'>').add(b'`');

impl PathPattern {
    /// Whether the path of a request matches.
    pub(super) fn matches(&self, path: &[Cow<'_, str>]) -> bool {
        let long_enough =
            if self.open { path.len() >= self.segments.len() } else { path.len() == self.segments.len() };
        long_enough
            && self.segments.iter().zip(path).all(|(segment, sent)| match segment {
                Segment::Any => true,
                Segment::Literal(text) => text == sent,
            })
    }

    /// The pattern of what both match; `None` when that is nothing.
    pub(super) fn narrowed(&self, other: &Self) -> Option<Self> {
        let (short, long) =
            if self.segments.len() <= other.segments.len() { (self, other) } else { (other, self) };
        let same_length = short.segments.len() == long.segments.len();
        if !short.open && !same_length {
            return None;
        }
        let mut segments = Vec::with_capacity(long.segments.len());
        for (at, segment) in long.segments.iter().enumerate() {
            segments.push(match (segment, short.segments.get(at)) {
                (Segment::Any, Some(other)) => other.clone(),
                (segment, None | Some(Segment::Any)) => segment.clone(),
                (Segment::Literal(a), Some(Segment::Literal(b))) if a == b => segment.clone(),
                (Segment::Literal(_), Some(Segment::Literal(_))) => return None,
            });
        }
        Some(Self { segments, open: long.open && short.open })
    }
}

/// The decoded segments of a path that begins with a slash, without an empty one at the end.
pub(super) fn segments(path: &str) -> Result<Vec<Cow<'_, str>>, UnclearPath> {
    let rest = path.strip_prefix('/').unwrap_or(path);
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.is_empty() {
        return if path == "//" { Err(UnclearPath::EmptySegment) } else { Ok(Vec::new()) };
    }
    rest.split('/').map(segment).collect()
}

fn segment(raw: &str) -> Result<Cow<'_, str>, UnclearPath> {
    if raw.is_empty() {
        return Err(UnclearPath::EmptySegment);
    }
    let text = percent_decode_str(raw).decode_utf8().map_err(|_| UnclearPath::NotUtf8)?;
    if text.contains(['/', '\\']) {
        return Err(UnclearPath::Slash);
    }
    if text.chars().any(char::is_control) {
        return Err(UnclearPath::Control);
    }
    // What stands behind `;` is cut off by some services before they look for dots.
    if matches!(text.split(';').next(), Some("." | ".." | "")) {
        return Err(UnclearPath::Dots);
    }
    if is_encoded(&text) {
        return Err(UnclearPath::EncodedTwice);
    }
    Ok(text)
}

fn is_encoded(text: &str) -> bool {
    text.as_bytes()
        .windows(3)
        .any(|at| matches!(at, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()))
}

impl FromStr for PathPattern {
    type Err = PathPatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_PATH_PATTERN {
            return Err(PathPatternError::TooLong);
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err(PathPatternError::NoSlash(text.to_owned()));
        };
        if rest.contains(['?', '#']) {
            return Err(PathPatternError::Query(text.to_owned()));
        }
        let unclear = |problem| PathPatternError::Unclear { pattern: text.to_owned(), problem };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.is_empty() {
            return if text == "//" {
                Err(unclear(UnclearPath::EmptySegment))
            } else {
                Ok(Self { segments: Vec::new(), open: false })
            };
        }
        let (mut segments, mut open) = (Vec::new(), false);
        for raw in rest.split('/') {
            if open {
                return Err(PathPatternError::BehindRest(text.to_owned()));
            }
            match raw {
                "*" => segments.push(Segment::Any),
                "**" => open = true,
                _ if raw.contains('*') => return Err(PathPatternError::Mixed(text.to_owned())),
                _ => segments.push(Segment::Literal(segment(raw).map_err(unclear)?.into_owned())),
            }
        }
        Ok(Self { segments, open })
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            match segment {
                Segment::Any => f.write_str("/*")?,
                Segment::Literal(text) => write!(f, "/{}", utf8_percent_encode(text, SEGMENT))?,
            }
        }
        match (self.open, self.segments.is_empty()) {
            (true, _) => f.write_str("/**"),
            (false, true) => f.write_str("/"),
            (false, false) => Ok(()),
        }
    }
}

impl Serialize for PathPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PathPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        let pattern: PathPattern = pattern.parse().unwrap();
        segments(path).is_ok_and(|path| pattern.matches(&path))
    }

    #[test]
    fn a_star_is_one_segment_and_two_are_the_rest() {
        for (pattern, path) in [
            ("/", "/"),
            ("/docs", "/docs"),
            ("/docs/", "/docs"),
            ("/docs", "/docs/"),
            ("/docs/*", "/docs/x"),
            ("/docs/*/rows", "/docs/a%20b/rows"),
            ("/docs/**", "/docs"),
            ("/docs/**", "/docs/a/b"),
            ("/**", "/"),
            ("/**", "/a"),
            ("/a%20b", "/a%20b"),
            ("/caf\u{e9}", "/caf%C3%A9"),
            ("/%2A", "/*"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("/", "/a"),
            ("/docs", "/Docs"),
            ("/docs", "/docsx"),
            ("/docs/*", "/docs"),
            ("/docs/*", "/docs/"),
            ("/docs/*", "/docs/a/b"),
            ("/docs/**", "/docsx/a"),
            ("/%2A", "/a"),
        ] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_path_that_can_be_read_in_two_ways_matches_nothing() {
        use UnclearPath::{Control, Dots, EmptySegment, EncodedTwice, NotUtf8, Slash};
        for (path, why) in [
            ("//", EmptySegment),
            ("//a", EmptySegment),
            ("/a//b", EmptySegment),
            ("/a//", EmptySegment),
            ("/a/../b", Dots),
            ("/a/%2e%2E/b", Dots),
            ("/a/..;/b", Dots),
            ("/a/;x/b", Dots),
            ("/a/./b", Dots),
            ("/a%2Fb", Slash),
            ("/a/..%2fb", Slash),
            ("/a%5Cb", Slash),
            ("/a\\b", Slash),
            ("/a%00", Control),
            ("/a%0d%0a", Control),
            ("/a/%252e%252e/b", EncodedTwice),
            ("/a%2520b", EncodedTwice),
            ("/%c0%af", NotUtf8),
        ] {
            assert_eq!(segments(path), Err(why), "{path}");
            assert!(!matches("/**", path), "{path}");
        }
        assert!(matches("/100%25", "/100%25"));
    }

    #[test]
    fn every_malformed_pattern_says_what_is_wrong() {
        let long = format!("/{}", "x".repeat(MAX_PATH_PATTERN));
        let wrong = [
            "",
            "docs",
            "https://a.test/docs",
            "/docs?x=1",
            "/docs#x",
            "/doc*",
            "/**/docs",
            "/***",
            "//",
            "/a//b",
            "/../a",
            "/a%2fb",
            "/a%252f",
            "/a\\b",
            "/a\n",
            "/%ff",
            &long,
        ];
        let told: Vec<String> = wrong
            .iter()
            .map(|text| format!("{:.20}: {}", format!("{text:?}"), text.parse::<PathPattern>().unwrap_err()))
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}
