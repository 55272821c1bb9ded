//! Expiration values of token responses (providers.md 4.7).

use dovetail_model::Timestamp;
use serde_json::Value;

/// 1971-01-01 as milliseconds: a number that is later than this as milliseconds is milliseconds.
const YEAR_1971_MS: f64 = 31_536_000_000.0;

/// The instant that a token's expiration means: a number of seconds or milliseconds since the epoch, a date text,
/// or `days:hours:minutes` from `now`. Numeric text is not accepted.
pub fn parse_expiration(value: &Value, now: Timestamp) -> Option<Timestamp> {
    match value {
        Value::Number(number) => {
            let number = number.as_f64().filter(|number| number.is_finite() && number.abs() < 1e15)?;
            Some(Timestamp(if number > YEAR_1971_MS { number } else { number * 1_000.0 } as i64))
        }
        Value::String(text) => parse_text(text.trim(), now),
        _ => None,
    }
}

fn parse_text(text: &str, now: Timestamp) -> Option<Timestamp> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if let Some(span) = days_hours_minutes(text) {
        return Some(Timestamp(now.0.checked_add(span)?));
    }
    Timestamp::parse(text)
        .or_else(|| Timestamp::parse(&text.replacen(' ', "T", 1)))
        .or_else(|| Timestamp::parse(&format!("{}Z", text.replacen(' ', "T", 1))))
        .or_else(|| jiff::fmt::rfc2822::parse(text).ok().map(|at| Timestamp(at.timestamp().as_millisecond())))
}

/// `D+:HH:MM` in milliseconds.
fn days_hours_minutes(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (days, hours, minutes) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str, most: usize| {
        (!part.is_empty() && part.len() <= most && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<i64>().ok())?
    };
    let (days, hours, minutes) = (digits(days, 6)?, digits(hours, 2)?, digits(minutes, 2)?);
    (parts.next().is_none() && hours < 24 && minutes < 60)
        .then_some(((days * 24 + hours) * 60 + minutes) * 60_000)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp(1_714_979_289_123);

    fn parsed(value: Value) -> Option<String> {
        parse_expiration(&value, NOW).map(Timestamp::iso_z)
    }

    #[test]
    fn numbers_are_seconds_or_milliseconds_by_size() {
        assert_eq!(parsed(json!(1_714_979_289)).as_deref(), Some("2024-05-06T07:08:09.000Z"));
        assert_eq!(parsed(json!(1_714_979_289_123_u64)).as_deref(), Some("2024-05-06T07:08:09.123Z"));
    }

    #[test]
    fn days_hours_and_minutes_count_from_now() {
        assert_eq!(parsed(json!("177:05:38")).as_deref(), Some("2024-10-30T12:46:09.123Z"));
        assert_eq!(parsed(json!("24:24:00")), None);
    }

    #[test]
    fn dates_are_read_in_their_usual_forms() {
        for text in ["2024-05-06T07:08:09Z", "2024-05-06 07:08:09", "Mon, 06 May 2024 07:08:09 GMT"] {
            assert_eq!(parsed(json!(text)).as_deref(), Some("2024-05-06T07:08:09.000Z"), "{text}");
        }
    }

    #[test]
    fn other_texts_mean_nothing() {
        for text in ["1714979289", "abc", ""] {
            assert_eq!(parsed(json!(text)), None, "{text}");
        }
    }
}
