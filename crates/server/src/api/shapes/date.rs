//! Dates of request bodies (spec: http-api.md 1.9, "coerced date").

use dovetail_model::Timestamp;
use serde_json::Value;

use crate::validate::{Cx, Schema};

/// An instant: ISO 8601 text, or a number of milliseconds since 1970. `null` is refused: reading it as 1970 is a
/// defect of the reference (5.3).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Date;

/// See [`Date`].
pub(crate) fn date() -> Date {
    Date
}

/// Milliseconds that a date can be away from 1970 in either direction: the end of the year 9999, after which ISO 8601
/// has no four-digit year.
pub(crate) const FURTHEST_MS: i64 = 253_402_207_200_000;

impl Schema for Date {
    type Out = Timestamp;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<Timestamp> {
        let read = match value {
            Some(Value::String(text)) => Timestamp::parse(text.trim()),
            Some(Value::Number(number)) => number
                .as_i64()
                .or_else(|| number.as_f64().map(|float| float as i64))
                .filter(|ms| ms.abs() <= FURTHEST_MS)
                .map(Timestamp),
            Some(Value::Null) => {
                cx.fatal("invalid_type", "Invalid input: expected date, received null");
                return None;
            }
            _ => None,
        };
        if read.is_none() {
            cx.fatal("invalid_type", "Invalid input: expected date, received Date");
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_and_milliseconds_name_the_same_instant() {
        let at = Some(Timestamp(1_770_091_506_789));
        assert_eq!(date().check(Some(&json!("2026-02-03T04:05:06.789Z"))).ok(), at);
        assert_eq!(date().check(Some(&json!(1_770_091_506_789_i64))).ok(), at);
    }

    #[test]
    fn what_is_no_date_is_refused_as_the_wire_words_it() {
        for (bad, received) in [
            (json!("tomorrow"), "Date"),
            (json!(null), "null"),
            (json!({}), "Date"),
            (json!(253_402_207_200_001_i64), "Date"),
            (json!(1e300), "Date"),
        ] {
            let issues = date().check(Some(&bad)).unwrap_err();
            assert_eq!(issues[0].message, format!("Invalid input: expected date, received {received}"));
        }
    }
}
