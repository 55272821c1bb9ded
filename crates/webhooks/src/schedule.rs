//! When to try again, and when to give up (webhooks.md A5).

use std::time::Duration;

use dovetail_egress::EgressError;
use dovetail_model::{Random, Timestamp};
use http::{HeaderMap, StatusCode, header};

use crate::limits;

/// How one attempt ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The receiver answered.
    Answered {
        /// With this status.
        status: StatusCode,
        /// It named a time to come back.
        retry_after: Option<Duration>,
    },
    /// No answer came.
    Failed(EgressError),
}

/// What follows an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver has it.
    Delivered,
    /// Try again after this wait.
    Retry(Duration),
    /// Give up; a person may replay it. The reason is a sentence without secrets.
    Dead(String),
}

/// The verdict on attempt number `attempt` (the first is 1).
///
/// 2xx is delivered. 408, 425, 429, 5xx and failures of the network are tried again for a
/// day. Other answers are tried again for minutes: the receiver may be in the middle of a
/// deploy. 410 and targets that the address policy refuses end it at once.
pub fn verdict(outcome: &Outcome, attempt: u32, random: &dyn Random) -> Verdict {
    let (wait, reason, patience) = match outcome {
        Outcome::Answered { status, .. } if status.is_success() => return Verdict::Delivered,
        Outcome::Answered { status: StatusCode::GONE, .. } => {
            return Verdict::Dead("The endpoint answered 410: it is gone for good.".to_owned());
        }
        Outcome::Answered { status, retry_after } => {
            let passing = matches!(status.as_u16(), 408 | 425 | 429) || status.is_server_error();
            let patience = if passing { u32::MAX } else { limits::MAX_REFUSED_ATTEMPTS };
            (*retry_after, format!("The endpoint answered {}.", status.as_u16()), patience)
        }
        Outcome::Failed(error @ (EgressError::Blocked(_) | EgressError::InvalidUrl(_))) => {
            return Verdict::Dead(format!("The endpoint cannot be called: {error}."));
        }
        Outcome::Failed(error) => (None, format!("The endpoint could not be reached: {error}."), u32::MAX),
    };
    let planned = limits::RETRY_WAITS.get(attempt.saturating_sub(1) as usize);
    match planned {
        Some(planned) if attempt < patience => {
            let asked = wait.unwrap_or_default().min(limits::MAX_RETRY_AFTER);
            Verdict::Retry(asked.max(jittered(*planned, random)))
        }
        _ => Verdict::Dead(format!("{reason} Given up after {attempt} attempts.")),
    }
}

fn jittered(wait: Duration, random: &dyn Random) -> Duration {
    let mut bytes = [0; 2];
    random.fill(&mut bytes);
    let spread = 2 * limits::JITTER_PERCENT;
    let percent =
        100 - limits::JITTER_PERCENT + u32::from(u16::from_be_bytes(bytes)) * spread / u32::from(u16::MAX);
    wait * percent / 100
}

/// `Retry-After` in seconds or as an HTTP date (RFC 9110 section 10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp(i64::try_from(at.as_millis()).ok()?).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dovetail_model::SeededRandom;

    fn answered(status: u16, retry_after: Option<u64>) -> Outcome {
        Outcome::Answered {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    fn attempts_until_dead(outcome: &Outcome) -> (u32, Duration) {
        let random = SeededRandom::new(1);
        let (mut attempt, mut waited) = (1, Duration::ZERO);
        while let Verdict::Retry(wait) = verdict(outcome, attempt, &random) {
            waited += wait;
            attempt += 1;
        }
        (attempt, waited)
    }

    #[test]
    fn failures_of_the_moment_are_retried_for_a_day() {
        let reset = Outcome::Failed(EgressError::Reset);
        for outcome in [answered(500, None), answered(429, None), answered(408, None), reset] {
            let (attempts, waited) = attempts_until_dead(&outcome);
            assert_eq!(attempts, 8, "{outcome:?}");
            assert!(waited > Duration::from_hours(20), "{waited:?}");
        }
    }

    #[test]
    fn refusals_are_retried_for_minutes() {
        for status in [302, 400, 401, 404] {
            let (attempts, waited) = attempts_until_dead(&answered(status, None));
            assert_eq!(attempts, limits::MAX_REFUSED_ATTEMPTS, "{status}");
            assert!(waited < Duration::from_mins(5));
        }
    }

    #[test]
    fn what_cannot_change_ends_at_once() {
        let blocked = EgressError::Blocked(dovetail_egress::BlockReason::Hostname("localhost".to_owned()));
        for outcome in [answered(410, None), Outcome::Failed(blocked)] {
            assert_eq!(attempts_until_dead(&outcome).0, 1, "{outcome:?}");
        }
        assert_eq!(verdict(&answered(204, None), 1, &SeededRandom::new(1)), Verdict::Delivered);
    }

    #[test]
    fn the_receivers_own_time_counts_if_it_is_later() {
        let random = SeededRandom::new(1);
        assert_eq!(verdict(&answered(429, Some(90)), 1, &random), Verdict::Retry(Duration::from_secs(90)));
        let Verdict::Retry(wait) = verdict(&answered(429, Some(1)), 1, &random) else { panic!() };
        assert!(wait >= Duration::from_secs(4), "{wait:?}");
        let year = 365 * 24 * 3600;
        assert_eq!(verdict(&answered(503, Some(year)), 1, &random), Verdict::Retry(limits::MAX_RETRY_AFTER));
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = Timestamp(784_111_770_000);
        let read = |text: &'static str| {
            retry_after(
                &HeaderMap::from_iter([(header::RETRY_AFTER, http::HeaderValue::from_static(text))]),
                now,
            )
        };
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(read("soon"), None);
    }
}
