//! How values are shown: relative times, masked secrets, counted nouns.

use std::time::Duration;

use dovetail_model::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but RFC 3986 "unreserved" characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A moment as shown on a page: words, and the exact time for the tooltip and
/// for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct When {
    /// `3 minutes ago`, `in 2 hours`, `just now`.
    pub relative: String,
    /// ISO 8601, UTC.
    pub absolute: String,
}

impl When {
    /// `at` as seen from `now`.
    pub(crate) fn new(at: Timestamp, now: Timestamp) -> Self {
        Self { relative: relative(at, now), absolute: at.iso_z() }
    }
}

fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = (now.0 - at.0) / 1_000;
    let span = seconds.abs();
    let (amount, unit) = match span {
        0..10 => return "just now".to_owned(),
        10..MINUTE => (span, "second"),
        MINUTE..HOUR => (span / MINUTE, "minute"),
        HOUR..DAY => (span / HOUR, "hour"),
        _ if span < 60 * DAY => (span / DAY, "day"),
        _ if span < 730 * DAY => (span / (30 * DAY), "month"),
        _ => (span / (365 * DAY), "year"),
    };
    let amount = count(amount.unsigned_abs(), unit);
    if seconds < 0 { format!("in {amount}") } else { format!("{amount} ago") }
}

/// `1 connection`, `12 connections`. Irregular plurals are not used on pages.
pub(crate) fn count(amount: u64, noun: &str) -> String {
    if amount == 1 { format!("1 {noun}") } else { format!("{amount} {noun}s") }
}

/// A span of time: `84 ms`, `1.2 s`, `3 min`.
pub(crate) fn duration(span: Duration) -> String {
    let ms = span.as_millis();
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min", ms / 60_000),
    }
}

/// `text` as one segment of a path. Names that a browser or the router would take for something
/// else (`.`, `..`, the page `new`) have their first character escaped.
pub(crate) fn segment(text: &str) -> String {
    let escaped = utf8_percent_encode(text, SEGMENT).to_string();
    match escaped.as_str() {
        "new" => "%6Eew".to_owned(),
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        _ => escaped,
    }
}

/// A secret as shown before it is revealed. The length is not the secret's own.
pub(crate) const MASKED: &str = "••••••••••••";

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(seconds_ago: i64) -> String {
        let now = Timestamp(1_750_000_000_000);
        When::new(Timestamp(now.0 - seconds_ago * 1_000), now).relative
    }

    #[test]
    fn times_are_told_in_the_largest_fitting_unit() {
        assert_eq!(seen(3), "just now");
        assert_eq!(seen(59), "59 seconds ago");
        assert_eq!(seen(60), "1 minute ago");
        assert_eq!(seen(2 * HOUR), "2 hours ago");
        assert_eq!(seen(DAY), "1 day ago");
        assert_eq!(seen(59 * DAY), "59 days ago");
        assert_eq!(seen(61 * DAY), "2 months ago");
        assert_eq!(seen(800 * DAY), "2 years ago");
        assert_eq!(seen(-90), "in 1 minute");
    }

    #[test]
    fn any_name_is_one_segment() {
        assert_eq!(segment("coda-prod"), "coda-prod");
        assert_eq!(segment("a/b c?"), "a%2Fb%20c%3F");
        assert_eq!(segment("new"), "%6Eew");
    }

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(count(0, "connection"), "0 connections");
        assert_eq!(count(1, "connection"), "1 connection");
        assert_eq!(duration(Duration::from_millis(84)), "84 ms");
        assert_eq!(duration(Duration::from_millis(1_234)), "1.2 s");
        assert_eq!(duration(Duration::from_mins(3)), "3 min");
    }
}
