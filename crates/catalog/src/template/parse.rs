//! Text to tree. Linear but for pathological nesting, which [`TEMPLATE_DEPTH`] cuts off.

use super::ast::{Body, Expr, Hole, Offset, Part, Unit};
use crate::limits::TEMPLATE_DEPTH;

const FUNCTIONS: [&str; 7] =
    ["hmacSha1Hex(", "awsSigV4(", "base64(", "fingerprint(", "sha256Hex(", "sha256Base64(", "ed25519Sign("];

pub(super) fn body(source: &str, depth: usize) -> Body {
    let parts = parts(source, depth);
    let alternatives = split(source, "||", depth).and_then(|pieces| match pieces.as_slice() {
        [left, right, ..] => {
            Some(Box::new([self::parts(left.trim(), depth), self::parts(right.trim(), depth)]))
        }
        _ => None,
    });
    Body { whole: parts, alternatives }
}

fn parts(source: &str, depth: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut literal_from = 0;
    let mut at = 0;
    while let Some(found) = find(source, "${", at) {
        if let Some((end, expr)) = hole(source, found, depth) {
            if literal_from < found {
                parts.push(Part::Text(source[literal_from..found].into()));
            }
            parts.push(Part::Hole(Hole { source: source[found..end].into(), expr }));
            literal_from = end;
            at = end;
        } else {
            at = found + 2;
        }
    }
    if literal_from < source.len() {
        parts.push(Part::Text(source[literal_from..].into()));
    }
    parts
}

fn find(source: &str, needle: &str, from: usize) -> Option<usize> {
    source.get(from..)?.find(needle).map(|at| from + at)
}

/// Parses the hole that begins at `start` (which is at `${`) and answers where it ends.
fn hole(source: &str, start: usize, depth: usize) -> Option<(usize, Expr)> {
    let end = hole_end(source, start, depth).filter(|_| depth < TEMPLATE_DEPTH)?;
    let inside = &source[start + 2..end - 1];
    let expr = match FUNCTIONS.iter().find(|name| inside.starts_with(**name)) {
        Some(name) => call(name.trim_end_matches('('), &inside[name.len()..inside.len() - 1], depth + 1),
        None => plain(inside),
    };
    Some((end, expr))
}

/// One past the closing brace of the hole at `start`, if it is well formed.
/// A function's call ends at the first `)}` that belongs to no inner hole.
fn hole_end(source: &str, start: usize, depth: usize) -> Option<usize> {
    if depth > TEMPLATE_DEPTH {
        return None;
    }
    let rest = source.get(start + 2..)?;
    let Some(name) = FUNCTIONS.iter().find(|name| rest.starts_with(**name)) else {
        let close = rest.find(['{', '}'])?;
        return (rest.as_bytes().get(close) == Some(&b'}')).then_some(start + 2 + close + 1);
    };
    let mut at = start + 2 + name.len();
    loop {
        let next = source.get(at..)?.find(['$', ')']).map(|offset| at + offset)?;
        let here = &source[next..];
        if here.starts_with(")}") {
            return Some(next + 2);
        }
        at = if here.starts_with("${") {
            if FUNCTIONS.iter().any(|name| here[2..].starts_with(name)) {
                // An inner call that never ends leaves no `)}` for this one either.
                hole_end(source, next, depth + 1)?
            } else {
                hole_end(source, next, depth + 1).unwrap_or(next + 2)
            }
        } else {
            next + 1
        };
    }
}

fn call(name: &str, argument: &str, depth: usize) -> Expr {
    match name {
        "base64" => Expr::Base64(body(argument, depth)),
        "sha256Hex" => Expr::Sha256Hex(body(argument, depth)),
        "sha256Base64" => Expr::Sha256Base64(body(argument, depth)),
        "fingerprint" => Expr::Fingerprint(body(argument, depth)),
        "awsSigV4" => {
            let arguments = split(argument, ",", depth).unwrap_or_default();
            if (4..=5).contains(&arguments.len()) {
                Expr::AwsSigV4(arguments.into_iter().map(|argument| body(argument.trim(), depth)).collect())
            } else {
                Expr::Never
            }
        }
        _ => match last_comma(argument, depth) {
            Some(comma) => {
                let message = body(&argument[..comma], depth);
                let key = body(argument[comma + 1..].trim(), depth);
                if name == "hmacSha1Hex" {
                    Expr::HmacSha1Hex { message, key }
                } else {
                    Expr::Ed25519Sign { message, key }
                }
            }
            None => Expr::Never,
        },
    }
}

fn last_comma(text: &str, depth: usize) -> Option<usize> {
    let pieces = split(text, ",", depth)?;
    let last = pieces.last()?;
    (pieces.len() > 1).then(|| text.len() - last.len() - 1)
}

/// Splits at `separator` outside holes. `None` when it does not occur.
fn split<'a>(source: &'a str, separator: &str, depth: usize) -> Option<Vec<&'a str>> {
    if !source.contains(separator) {
        return None;
    }
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(cut) = find(source, separator, at) {
        match find(source, "${", at).filter(|open| *open < cut) {
            Some(open) => at = hole_end(source, open, depth).unwrap_or(open + 2),
            None => {
                pieces.push(&source[from..cut]);
                from = cut + separator.len();
                at = from;
            }
        }
    }
    pieces.push(&source[from..]);
    (pieces.len() > 1).then_some(pieces)
}

fn plain(inside: &str) -> Expr {
    match inside {
        "now" => Expr::Now { offset: None, format: None },
        "random" => Expr::Random,
        _ => match inside.strip_prefix("now") {
            Some(rest) if rest.starts_with([':', '+', '-']) => now(rest),
            _ => Expr::Name(inside.into()),
        },
    }
}

/// `:FMT`, `+N:unit:FMT` or `-N:unit:FMT`.
fn now(rest: &str) -> Expr {
    if let Some(format) = rest.strip_prefix(':') {
        return if format.is_empty() {
            Expr::Never
        } else {
            Expr::Now { offset: None, format: Some(format.into()) }
        };
    }
    let mut fields = rest.splitn(3, ':');
    let (Some(amount), Some(unit), Some(format)) = (fields.next(), fields.next(), fields.next()) else {
        return Expr::Never;
    };
    match (amount.parse::<i64>(), self::unit(unit)) {
        (Ok(amount), Some(unit)) if !format.is_empty() => {
            Expr::Now { offset: Some(Offset { amount, unit }), format: Some(format.into()) }
        }
        _ => Expr::Never,
    }
}

fn unit(name: &str) -> Option<Unit> {
    if name == "M" {
        return Some(Unit::Months);
    }
    let name = name.to_ascii_lowercase();
    Some(match name.strip_suffix('s').filter(|stem| !stem.is_empty() && *stem != "m").unwrap_or(&name) {
        "ms" | "millisecond" => Unit::Milliseconds,
        "s" | "second" => Unit::Seconds,
        "m" | "minute" => Unit::Minutes,
        "h" | "hour" => Unit::Hours,
        "d" | "day" => Unit::Days,
        "w" | "week" => Unit::Weeks,
        "month" => Unit::Months,
        "y" | "year" => Unit::Years,
        _ => return None,
    })
}
