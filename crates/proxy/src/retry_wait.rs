//! How long a provider asks to wait (proxy.md section 12).

use std::time::Duration;

use dovetail_model::Timestamp;
use http::{HeaderMap, header};

/// The longest wait that one of the fields `names` asks for as an instant: Unix seconds, Unix
/// milliseconds or a date. Instants in the past ask for nothing.
pub(crate) fn until(headers: &HeaderMap, names: &[String], now: Timestamp) -> Option<Duration> {
    longest(headers, names, |text| until_text(text, now))
}

/// The same for a text that was found elsewhere.
pub(crate) fn until_text(text: &str, now: Timestamp) -> Option<Duration> {
    instant(text).map(|at| whole_seconds(at.since(now)))
}

/// The longest wait that one of the fields `names` asks for as a span: seconds, a duration
/// such as `6m0s`, or a date.
pub(crate) fn after(headers: &HeaderMap, names: &[String], now: Timestamp) -> Option<Duration> {
    longest(headers, names, |text| after_text(text, now))
}

/// The same for a text that was found elsewhere.
pub(crate) fn after_text(text: &str, now: Timestamp) -> Option<Duration> {
    span(text).or_else(|| date(text).map(|at| whole_seconds(at.since(now))))
}

/// `Retry-After`, which every service may send (RFC 9110 section 10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    after(headers, &[header::RETRY_AFTER.as_str().to_owned()], now)
}

fn longest(
    headers: &HeaderMap,
    names: &[String],
    read: impl Fn(&str) -> Option<Duration>,
) -> Option<Duration> {
    let values = names.iter().filter_map(|name| headers.get(name.as_str())?.to_str().ok());
    values.filter_map(|text| read(text.trim())).filter(|wait| !wait.is_zero()).max()
}

fn whole_seconds(span: Duration) -> Duration {
    Duration::from_secs(span.as_millis().div_ceil(1000) as u64)
}

/// Milliseconds of 1971-01-01: numbers below are seconds, numbers above milliseconds.
const FIRST_MILLISECONDS: f64 = 31_536_000_000.0;

fn instant(text: &str) -> Option<Timestamp> {
    match text.parse::<f64>() {
        Ok(number) if !number.is_finite() || number < 0.0 => None,
        Ok(number) if number > FIRST_MILLISECONDS => Some(Timestamp(number as i64)),
        Ok(number) => Some(Timestamp((number * 1000.0) as i64)),
        Err(_) => date(text),
    }
}

fn date(text: &str) -> Option<Timestamp> {
    let http = || httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok();
    match http() {
        Some(since) => i64::try_from(since.as_millis()).ok().map(Timestamp),
        None => Timestamp::parse(text),
    }
}

fn span(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    duration_words(text)
}

/// `1h2m3.5s`, `350ms`: the form of Go's durations.
fn duration_words(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(unit_at);
        let unit_end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, next) = tail.split_at(unit_end);
        let scale = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * scale).ok()?;
        total = total.checked_add(part)?;
        rest = next;
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_770_091_506_789);

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        fields.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_str(v).unwrap())).collect()
    }

    fn until_of(value: &str) -> Option<Duration> {
        until(&headers(&[("x-reset", value)]), &["X-Reset".to_owned()], NOW)
    }

    fn after_of(value: &str) -> Option<Duration> {
        after(&headers(&[("x-after", value)]), &["x-after".to_owned()], NOW)
    }

    #[test]
    fn instants_are_read_in_all_their_forms() {
        assert_eq!(until_of("1770091510"), Some(Duration::from_secs(4)));
        assert_eq!(until_of("1770091509789"), Some(Duration::from_secs(3)));
        assert_eq!(until_of("2026-02-03T04:05:10Z"), Some(Duration::from_secs(4)));
        assert_eq!(until_of("Tue, 03 Feb 2026 04:05:10 GMT"), Some(Duration::from_secs(4)));
        for nothing in ["1770091506", "soon", "-1", "NaN", ""] {
            assert_eq!(until_of(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn spans_are_read_in_all_their_forms() {
        assert_eq!(after_of("1"), Some(Duration::from_secs(1)));
        assert_eq!(after_of("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(after_of("6m0s"), Some(Duration::from_mins(6)));
        assert_eq!(after_of("1h2m3s"), Some(Duration::from_secs(3723)));
        assert_eq!(after_of("350ms"), Some(Duration::from_millis(350)));
        assert_eq!(after_of("Tue, 03 Feb 2026 04:05:10 GMT"), Some(Duration::from_secs(4)));
        for nothing in ["0", "-3", "later", "3x", "", "inf"] {
            assert_eq!(after_of(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn of_several_fields_the_longest_wait_counts() {
        let fields = headers(&[("a", "1770091508"), ("b", "1770091510")]);
        let names = ["a".to_owned(), "b".to_owned(), "absent".to_owned()];
        assert_eq!(until(&fields, &names, NOW), Some(Duration::from_secs(4)));
    }

    proptest! {
        #[test]
        fn whatever_a_service_sends_is_a_wait_or_nothing(text in "[ -~]{0,40}") {
            prop_assert_ne!(until_of(&text), Some(Duration::ZERO));
            prop_assert_ne!(after_of(&text), Some(Duration::ZERO));
        }

        #[test]
        fn long_numbers_never_overflow(text in "[0-9]{0,40}(\\.[0-9]{0,9})?(ms|s|m|h|d)?") {
            prop_assert_ne!(until_of(&text), Some(Duration::ZERO));
            prop_assert_ne!(after_of(&text), Some(Duration::ZERO));
        }
    }
}
