//! When a token ends (auth-modes.md 2.8, 2.9).

use std::time::Duration;

use dovetail_catalog::{ExpiresInUnit, parse_expiration};
use dovetail_model::Timestamp;
use serde_json::{Map, Value};

/// Lifetimes that are longer mean "never": no service tells one that is meant.
const LONGEST: Duration = Duration::from_hours(24 * 366 * 100);

/// An instant: a number or a text of seconds or milliseconds, a date, or `days:hours:minutes` from `now`. What is none
/// of these is unknown.
pub fn expires_at(value: &Value, now: Timestamp) -> Option<Timestamp> {
    match value.as_str().map(str::trim) {
        Some(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            parse_expiration(&Value::from(text.parse::<u64>().ok()?), now)
        }
        _ => parse_expiration(value, now),
    }
}

/// When the token of an answer ends: `expires_at`, else `expires_in` from `now`, else unknown.
pub fn expires_of(
    answer: &Map<String, Value>,
    now: Timestamp,
    unit: Option<ExpiresInUnit>,
) -> Option<Timestamp> {
    if let Some(at) = answer.get("expires_at").and_then(|value| expires_at(value, now)) {
        return Some(at);
    }
    let count = match answer.get("expires_in")? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse::<f64>().ok()?,
        _ => return None,
    };
    let seconds = match unit {
        Some(ExpiresInUnit::Milliseconds) => count / 1_000.0,
        Some(ExpiresInUnit::Seconds) | None => count,
    };
    let span = Duration::try_from_secs_f64(seconds).ok().filter(|span| *span <= LONGEST)?;
    Some(now.plus(span))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    #[test]
    fn every_vector_of_expiry_holds() {
        let at = |value: Value| expires_at(&value, NOW).map(Timestamp::iso_z);
        let new_year = Some("2026-01-01T00:00:00.000Z".to_owned());
        assert_eq!(at(json!(1_767_225_600)), new_year);
        assert_eq!(at(json!(1_767_225_600_000_u64)), new_year);
        assert_eq!(at(json!("2026-01-01T00:00:00Z")), new_year);
        assert_eq!(at(json!("1767225600")), new_year);
        assert_eq!(at(json!("1:01:30")).as_deref(), Some("2026-01-02T01:30:00.000Z"));
        for unknown in [json!("1:99:99"), json!("x"), json!(null), json!("")] {
            assert_eq!(at(unknown.clone()), None, "{unknown}");
        }
    }

    #[test]
    fn a_lifetime_counts_from_now_in_its_unit() {
        let of = |body: Value, unit| {
            expires_of(body.as_object().unwrap(), NOW, unit).map(|at| at.millis() - NOW.millis())
        };
        assert_eq!(of(json!({"expires_in": 60}), None), Some(60_000));
        assert_eq!(of(json!({"expires_in": "60"}), None), Some(60_000));
        assert_eq!(of(json!({"expires_in": 900_000}), Some(ExpiresInUnit::Milliseconds)), Some(900_000));
        assert_eq!(of(json!({"expires_at": "soon", "expires_in": 60}), None), Some(60_000));
        for unknown in
            [json!({}), json!({"expires_in": "x"}), json!({"expires_in": -1}), json!({"expires_in": 1e18})]
        {
            assert_eq!(of(unknown.clone(), None), None, "{unknown}");
        }
    }
}
