//! What the last answer of a two-step login gives: token, refresh token, expiry (auth-modes.md section 17, step 9).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dovetail_catalog::{ExpirationStrategy, Provider, TokenResponse, parse_expiration};
use dovetail_model::Timestamp;
use serde_json::Value;

use crate::obtain::ObtainError;

/// A token that names its own end is given up this much earlier, in milliseconds: its clock is not ours.
const EARLIER_MS: i64 = 15 * 60 * 1_000;

/// Token, refresh token and expiry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) token: String,
    pub(super) refresh_token: Option<String>,
    /// `None`: it does not expire, as far as is known.
    pub(super) expires_at: Option<Timestamp>,
}

/// Reads them from the answer's body.
pub(super) fn outcome(provider: &Provider, body: &Value, now: Timestamp) -> Result<Outcome, ObtainError> {
    let unreadable = |text: String| ObtainError::Unreadable(text);
    let places = provider.token_response.as_ref().ok_or_else(|| {
        ObtainError::Unbuildable("the definition does not say where the token is".to_owned())
    })?;
    let token = text_at(body, &places.token).ok_or_else(|| {
        unreadable(match places.token.as_str() {
            "" => "it holds no token".to_owned(),
            path => format!("it holds no token at `{path}`"),
        })
    })?;
    let refresh_token = places.refresh_token.as_deref().and_then(|path| text_at(body, path));
    let told = told_expiry(places, body, now)?;
    let mut expires_at = match (told, provider.token_expires_in_ms) {
        (Some(at), _) => Some(at),
        (None, None | Some(0)) => None,
        (None, Some(span)) => Some(Timestamp(now.0 + span)),
    };
    let mut sooner = |at: Option<Timestamp>| {
        if let Some(at) = at {
            let at = Timestamp(at.0 - EARLIER_MS);
            expires_at = Some(expires_at.map_or(at, |known| known.min(at)));
        }
    };
    if told.is_none() {
        sooner(jwt_expiry(&token));
    }
    sooner(refresh_token.as_deref().and_then(jwt_expiry));
    Ok(Outcome { token, refresh_token, expires_at })
}

fn told_expiry(
    places: &TokenResponse,
    body: &Value,
    now: Timestamp,
) -> Result<Option<Timestamp>, ObtainError> {
    let Some(value) = places.token_expiration.as_deref().and_then(|path| at(body, path)) else {
        return Ok(None);
    };
    if value.is_null() {
        return Ok(None);
    }
    let unknown = || ObtainError::Unreadable("its expiration is not understood".to_owned());
    match places.token_expiration_strategy.unwrap_or(ExpirationStrategy::ExpireAt) {
        // What is no instant means nothing: the token is still good (auth-modes.md 2.8).
        ExpirationStrategy::ExpireAt => Ok(instant(value, now)),
        ExpirationStrategy::ExpireIn => {
            let span = match value {
                Value::Number(seconds) => seconds.as_f64().map(|seconds| (seconds * 1_000.0) as i64),
                Value::String(text) => span_ms(text),
                _ => None,
            };
            let at = span.and_then(|span| now.0.checked_add(span)).ok_or_else(unknown)?;
            Ok(Some(Timestamp(at)))
        }
    }
}

/// As [`parse_expiration`], and numeric texts too.
fn instant(value: &Value, now: Timestamp) -> Option<Timestamp> {
    parse_expiration(value, now).or_else(|| {
        let number: i64 = value.as_str()?.trim().parse().ok()?;
        parse_expiration(&Value::from(number), now)
    })
}

/// `3600`, `15m`, `7 days`: milliseconds. A bare number is seconds.
fn span_ms(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1_000.0,
        "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000.0,
        "d" | "day" | "days" => 86_400_000.0,
        "w" | "week" | "weeks" => 604_800_000.0,
        _ => return None,
    };
    let span = number * unit;
    (span.is_finite() && span < 1e15).then_some(span as i64)
}

/// When a JWT says that it ends. `None` when it is no JWT, or does not say.
pub(super) fn jwt_expiry(token: &str) -> Option<Timestamp> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let payload: Value = serde_json::from_slice(&payload).ok()?;
    let seconds =
        payload.get("exp")?.as_f64().filter(|seconds| seconds.is_finite() && seconds.abs() < 1e12)?;
    Some(Timestamp((seconds * 1_000.0) as i64))
}

/// The text at a path, which is not empty. Numbers count as texts; the empty path is the whole.
fn text_at(body: &Value, path: &str) -> Option<String> {
    let text = match at(body, path)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The value at a dotted path; a number in it is a place in a list.
fn at<'v>(body: &'v Value, path: &str) -> Option<&'v Value> {
    if path.is_empty() {
        return Some(body);
    }
    if let Some(value) = body.get(path) {
        return Some(value);
    }
    path.split('.').try_fold(body, |value, key| match value {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        other => other.get(key),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_in_their_usual_forms() {
        for (text, expected) in [
            ("3600", Some(3_600_000)),
            ("15m", Some(900_000)),
            ("7 days", Some(604_800_000)),
            ("1.5h", Some(5_400_000)),
            ("soon", None),
            ("", None),
            ("12 parsecs", None),
        ] {
            assert_eq!(span_ms(text), expected, "{text}");
        }
    }

    #[test]
    fn a_token_that_is_no_jwt_names_no_end() {
        assert_eq!(jwt_expiry("a.b.c"), None);
        assert_eq!(jwt_expiry("opaque"), None);
        let jwt = format!("h.{}.s", URL_SAFE_NO_PAD.encode(r#"{"exp":1767225600}"#));
        assert_eq!(jwt_expiry(&jwt), Some(Timestamp(1_767_225_600_000)));
    }

    #[test]
    fn paths_walk_into_lists_and_dotted_keys() {
        let body = serde_json::json!({"a": [{"b": "x"}], "c.d": 7});
        assert_eq!(text_at(&body, "a.0.b").as_deref(), Some("x"));
        assert_eq!(text_at(&body, "c.d").as_deref(), Some("7"));
        assert_eq!(text_at(&body, "a"), None);
        assert_eq!(text_at(&Value::from("tok"), "").as_deref(), Some("tok"));
    }
}
