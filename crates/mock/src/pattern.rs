//! Makes a readable string that satisfies a regular expression.
//!
//! The same pattern always gives the same string. Repeated character classes are filled with as much
//! of `demo-key` as they allow, so that `^ord_[A-Za-z0-9-_]+$` becomes `ord_demo-key`.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use crate::limits::{DEMO_LENGTH, DEMO_LENGTH_MAX};

/// Characters tried in this order; a class takes those it contains.
const SEED: &str = "demo-key0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.";

/// The part of [`SEED`] that reads as words. A class that holds fewer than [`ENOUGH`] of these also
/// gets digits.
const WORDS: &str = "demo-key";
const ENOUGH: usize = 4;

/// A string matched by `pattern`, or `None` if the pattern uses look-around or back-references, is
/// malformed, or asks for more than [`DEMO_LENGTH_MAX`] characters.
pub(crate) fn sample(pattern: &str) -> Option<String> {
    let hir = regex_syntax::ParserBuilder::new().unicode(true).build().parse(pattern).ok()?;
    let mut out = String::new();
    write(&hir, &mut out)?;
    Some(out)
}

fn write(hir: &Hir, out: &mut String) -> Option<()> {
    if out.len() > DEMO_LENGTH_MAX {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(()),
        HirKind::Literal(literal) => {
            out.push_str(std::str::from_utf8(&literal.0).ok()?);
            Some(())
        }
        HirKind::Class(class) => {
            out.push(*alphabet(class)?.first()?);
            Some(())
        }
        HirKind::Capture(capture) => write(&capture.sub, out),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write(part, out)),
        HirKind::Alternation(branches) => write(branches.first()?, out),
        HirKind::Repetition(repetition) => repeat(repetition, out),
    }
}

fn repeat(repetition: &Repetition, out: &mut String) -> Option<()> {
    if usize::try_from(repetition.min).ok()? > DEMO_LENGTH_MAX {
        return None;
    }
    if let HirKind::Class(class) = repetition.sub.kind() {
        let letters = alphabet(class)?;
        let wanted = match repetition.max {
            // Optional single characters are left out.
            Some(1) => repetition.min,
            Some(max) => DEMO_LENGTH.clamp(repetition.min, max.max(repetition.min)),
            None if repetition.min == 0 => 0,
            None => DEMO_LENGTH.max(repetition.min),
        };
        let wanted = usize::try_from(wanted).ok()?;
        out.extend(letters.iter().cycle().take(wanted));
        return Some(());
    }
    (0..repetition.min).try_for_each(|_| write(&repetition.sub, out))
}

/// Characters of the class worth writing, in the order in which a value takes them.
fn alphabet(class: &Class) -> Option<Vec<char>> {
    let contains = |c: char| match class {
        Class::Unicode(ranges) => ranges.iter().any(|r| r.start() <= c && c <= r.end()),
        Class::Bytes(ranges) => {
            u8::try_from(c).is_ok_and(|b| ranges.iter().any(|r| r.start() <= b && b <= r.end()))
        }
    };
    let words: Vec<char> = WORDS.chars().filter(|c| contains(*c)).collect();
    if words.len() >= ENOUGH {
        return Some(words);
    }
    let letters: Vec<char> = SEED.chars().filter(|c| contains(*c)).collect();
    if !letters.is_empty() {
        return Some(letters);
    }
    let first = match class {
        Class::Unicode(ranges) => ranges.iter().next().map(|r| r.start()),
        Class::Bytes(ranges) => ranges.iter().next().map(|r| char::from(r.start())),
    };
    first.map(|c| vec![c])
}

#[cfg(test)]
mod tests {
    use super::sample;
    use proptest::prelude::*;

    fn is_match(pattern: &str, value: &str) -> bool {
        regex::Regex::new(pattern).unwrap().is_match(value)
    }

    #[test]
    fn a_prefix_stays_and_the_rest_reads_demo_key() {
        assert_eq!(sample("^ord_[A-Za-z0-9-_]+$").as_deref(), Some("ord_demo-key"));
        assert_eq!(sample("^phx_[A-Za-z0-9]+$").as_deref(), Some("phx_demokeyd"));
    }

    #[test]
    fn fixed_lengths_are_kept() {
        assert_eq!(sample("^[a-f0-9]{40}$").map(|s| s.len()), Some(40));
        assert_eq!(sample("^AC[a-zA-Z0-9]{32}$").map(|s| s.len()), Some(34));
    }

    #[test]
    fn the_first_alternative_is_taken_and_options_are_left_out() {
        assert_eq!(sample("^(live|test)_x(-y)?=*$").as_deref(), Some("live_x"));
    }

    #[test]
    fn look_around_and_nonsense_have_no_sample() {
        assert_eq!(sample("^(?!http).+$"), None);
        assert_eq!(sample("["), None);
        assert_eq!(sample("a{100000}"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn whatever_is_generated_matches(
            prefix in "[a-z]{0,5}",
            class in prop::sample::select(vec!["[a-z]", "[A-Z0-9]", r"\d", r"\w", "[^a-z]", "."]),
            min in 0u32..40,
            extra in 0u32..40,
        ) {
            let pattern = format!("^{prefix}{class}{{{min},{}}}$", min + extra);
            let value = sample(&pattern).expect("a plain pattern has a sample");
            prop_assert!(is_match(&pattern, &value), "{value:?} does not match {pattern}");
        }
    }
}
