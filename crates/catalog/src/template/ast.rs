//! The parsed form of a template.

use std::fmt;

use serde::{Deserialize, Deserializer};

use super::{context::Mode, parse};

/// A parsed template. Any text is a template: what is not a well-formed `${…}` is literal.
#[derive(Clone, PartialEq)]
pub struct Template {
    pub(super) source: Box<str>,
    pub(super) body: Body,
}

/// One template text: as a whole, and split at `||` for the modes that know the operator.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Body {
    pub whole: Vec<Part>,
    /// The first two alternatives, trimmed; a third is ignored.
    pub alternatives: Option<Box<[Vec<Part>; 2]>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Text(Box<str>),
    Hole(Hole),
}

/// One `${…}`, with the text it was written as.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hole {
    pub source: Box<str>,
    pub expr: Expr,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Name(Box<str>),
    Now {
        offset: Option<Offset>,
        format: Option<Box<str>>,
    },
    Random,
    Base64(Body),
    Sha256Hex(Body),
    Sha256Base64(Body),
    Fingerprint(Body),
    HmacSha1Hex {
        message: Body,
        key: Body,
    },
    Ed25519Sign {
        message: Body,
        key: Body,
    },
    AwsSigV4(Vec<Body>),
    /// Well-formed, but never resolves: wrong argument count, unknown unit.
    Never,
}

/// `+N:unit` of a `now` expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offset {
    pub amount: i64,
    pub unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Milliseconds,
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

impl Template {
    /// Parses `source`; never fails.
    pub fn parse(source: impl Into<Box<str>>) -> Self {
        let source = source.into();
        let body = parse::body(&source, 0);
        Self { source, body }
    }

    /// Its text, when it holds nothing to fill in.
    pub fn literal(&self) -> Option<&str> {
        match (&self.body.alternatives, self.body.whole.as_slice()) {
            (None, []) => Some(""),
            (None, [Part::Text(text)]) => Some(text),
            _ => None,
        }
    }

    /// The text it was parsed from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Every name looked up anywhere in it, functions' arguments included, in order, repeats kept.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        collect(&self.body.whole, &mut names);
        names
    }

    /// Whether the plain expression `${name}` occurs in it.
    pub fn mentions(&self, name: &str) -> bool {
        self.names().contains(&name)
    }

    /// Whether `${connectionConfig.…}` (or its snake-case twin) occurs in it.
    pub fn mentions_connection_config(&self) -> bool {
        self.names().iter().any(|name| connection_key(name).is_some())
    }

    /// Whether some placeholder can never resolve in any context: unknown unit or wrong argument count.
    pub fn never_resolves(&self) -> Option<&str> {
        fn first(parts: &[Part]) -> Option<&str> {
            parts.iter().find_map(|part| match part {
                Part::Hole(hole) if hole.expr == Expr::Never => Some(&*hole.source),
                Part::Hole(hole) => hole.expr.arguments().into_iter().find_map(|body| first(&body.whole)),
                Part::Text(_) => None,
            })
        }
        first(&self.body.whole)
    }
}

/// `x` of `connectionConfig.x` or `connection_config.x`.
pub(super) fn connection_key(name: &str) -> Option<&str> {
    name.strip_prefix("connectionConfig.").or_else(|| name.strip_prefix("connection_config."))
}

fn collect<'a>(parts: &'a [Part], names: &mut Vec<&'a str>) {
    for part in parts {
        if let Part::Hole(hole) = part {
            if let Expr::Name(name) = &hole.expr {
                names.push(name);
            }
            for body in hole.expr.arguments() {
                collect(&body.whole, names);
            }
        }
    }
}

impl Body {
    pub(super) fn has_holes(&self) -> bool {
        has_holes(&self.whole)
    }

    /// The two alternatives where `mode` knows the operator and uses it on this text.
    pub(super) fn alternatives(&self, mode: Mode) -> Option<&[Vec<Part>; 2]> {
        let alternatives = self.alternatives.as_deref()?;
        match mode {
            Mode::Flat => None,
            Mode::Tree => Some(alternatives),
            Mode::Proxy => self.has_holes().then_some(alternatives),
        }
    }
}

pub(super) fn has_holes(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::Hole(_)))
}

impl Expr {
    pub(super) fn arguments(&self) -> Vec<&Body> {
        match self {
            Self::Base64(body)
            | Self::Sha256Hex(body)
            | Self::Sha256Base64(body)
            | Self::Fingerprint(body) => vec![body],
            Self::HmacSha1Hex { message, key } | Self::Ed25519Sign { message, key } => vec![message, key],
            Self::AwsSigV4(arguments) => arguments.iter().collect(),
            Self::Name(_) | Self::Now { .. } | Self::Random | Self::Never => Vec::new(),
        }
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({:?})", self.source)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(String::deserialize(deserializer)?))
    }
}
