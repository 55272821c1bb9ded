//! Whether to try again, and when (proxy.md section 12).

use std::time::Duration;

use dovetail_catalog::InBodyRetry;
use dovetail_egress::EgressError;
use dovetail_model::{Random, Timestamp};
use http::{HeaderMap, StatusCode};

use crate::{limits, retry_body, retry_wait};

/// What a definition says about its service's limits.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ProviderFacts<'a> {
    /// Fields that name an instant.
    pub(crate) at: &'a [String],
    /// Fields that name a span.
    pub(crate) after: &'a [String],
    /// Field whose `0` means that the quota is used up.
    pub(crate) remaining: Option<&'a str>,
    /// Statuses to retry, instead of the usual ones.
    pub(crate) error_codes: Option<&'a [String]>,
    /// Where the body tells a wait.
    pub(crate) in_body: Option<&'a InBodyRetry>,
}

/// How an attempt failed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Failure<'a> {
    /// The service answered outside of 2xx.
    Status(StatusCode, &'a HeaderMap, Told<'a>),
    /// There was no answer.
    Network(&'a EgressError),
}

/// What a body says, as far as it was read: see [`RetryPolicy::reads_body`].
pub(crate) type Told<'a> = &'a [u8];

/// The rules of one call.
#[derive(Debug, Clone)]
pub(crate) struct RetryPolicy<'a> {
    /// Repetitions the caller asked for.
    pub(crate) retries: u8,
    /// Further statuses the caller wants to retry.
    pub(crate) retry_on: &'a [u16],
    /// The definition's facts.
    pub(crate) facts: ProviderFacts<'a>,
    /// Codes of network failures that are transient besides the usual ones.
    pub(crate) retryable_errors: &'a [String],
    /// Sending the request twice does no harm: its method is idempotent, or it carries a key
    /// by which the service recognises it.
    pub(crate) is_idempotent: bool,
}

/// What follows a failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Retry {
    /// Wait before the next attempt.
    pub(crate) wait: Duration,
    /// Why, for the log.
    pub(crate) reason: String,
}

impl RetryPolicy<'_> {
    /// Whether to try again after attempt number `attempt` (the first is 1), begun `elapsed`
    /// after the call. `None`: this failure is the answer.
    pub(crate) fn after(
        &self,
        attempt: u32,
        failure: Failure<'_>,
        elapsed: Duration,
        now: Timestamp,
        random: &dyn Random,
    ) -> Option<Retry> {
        if attempt > u32::from(self.retries) {
            return None;
        }
        let reason = match failure {
            Failure::Network(error) => self.network_reason(error)?,
            Failure::Status(status, headers, _) => self.status_reason(status, headers)?,
        };
        let asked = match failure {
            Failure::Status(_, headers, told) => self.asked_wait(headers, told, now),
            Failure::Network(_) => None,
        };
        let wait = asked.unwrap_or_else(|| backoff(attempt, random));
        (elapsed.saturating_add(wait) < limits::RETRY_BUDGET).then_some(Retry { wait, reason })
    }

    fn network_reason(&self, error: &EgressError) -> Option<String> {
        // An answer that never came leaves open whether the service acted.
        let harmless = error.is_before_send() || self.is_idempotent;
        let named = || self.retryable_errors.iter().any(|code| code == error.code());
        ((error.is_transient() || named()) && harmless).then(|| "network_error".to_owned())
    }

    fn status_reason(&self, status: StatusCode, headers: &HeaderMap) -> Option<String> {
        let code = status.as_u16();
        match self.facts.error_codes {
            Some(rules) => {
                if let Some(rule) = rules.iter().find(|rule| matches_rule(rule, code)) {
                    return Some(format!("provider_error_code_{rule}"));
                }
            }
            None if code >= 500 || code == 429 || code == 401 => return Some(format!("status_code_{code}")),
            None => {}
        }
        if self.retry_on.contains(&code) {
            return Some(format!("retry_on_{code}"));
        }
        let used_up =
            self.facts.remaining.and_then(|name| headers.get(name)).is_some_and(|value| value == "0");
        used_up.then(|| "provider_remaining".to_owned())
    }

    /// Whether the body of this answer has a say in the wait.
    pub(crate) fn reads_body(
        &self,
        attempt: u32,
        status: StatusCode,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> bool {
        self.facts.in_body.is_some()
            && attempt <= u32::from(self.retries)
            && self.status_reason(status, headers).is_some()
            && self.told_by_fields(headers, now).is_none()
    }

    fn told_by_fields(&self, headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
        retry_wait::until(headers, self.facts.at, now)
            .or_else(|| retry_wait::after(headers, self.facts.after, now))
    }

    fn asked_wait(&self, headers: &HeaderMap, told: Told<'_>, now: Timestamp) -> Option<Duration> {
        self.told_by_fields(headers, now)
            .or_else(|| self.facts.in_body.and_then(|rule| retry_body::wait(rule, told, now)))
            .or_else(|| retry_wait::retry_after(headers, now))
    }
}

/// `429`, `5xx` or `500-502`.
fn matches_rule(rule: &str, code: u16) -> bool {
    if let Some(hundreds) = rule.strip_suffix("xx") {
        return hundreds.parse() == Ok(code / 100);
    }
    match rule.split_once('-') {
        Some((low, high)) => match (low.trim().parse::<u16>(), high.trim().parse::<u16>()) {
            (Ok(low), Ok(high)) => (low..=high).contains(&code),
            _ => false,
        },
        None => rule.parse() == Ok(code),
    }
}

/// 3 s, 6 s, 12 s ... and a little more at random.
fn backoff(attempt: u32, random: &dyn Random) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16);
    let wait = limits::FIRST_BACKOFF.saturating_mul(1 << doublings).min(limits::MAX_BACKOFF);
    let mut byte = [0];
    random.fill(&mut byte);
    wait + wait * limits::JITTER_PERCENT / 100 * u32::from(byte[0]) / 255
}

#[cfg(test)]
mod tests {
    use super::*;
    use dovetail_model::SeededRandom;
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_770_091_506_000);

    fn policy(retries: u8) -> RetryPolicy<'static> {
        RetryPolicy {
            retries,
            retry_on: &[],
            facts: ProviderFacts::default(),
            retryable_errors: &[],
            is_idempotent: true,
        }
    }

    fn status(policy: &RetryPolicy<'_>, code: u16, fields: &[(&'static str, &'static str)]) -> Option<Retry> {
        let headers: HeaderMap =
            fields.iter().map(|&(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect();
        let failure = Failure::Status(StatusCode::from_u16(code).unwrap(), &headers, &[]);
        policy.after(1, failure, Duration::ZERO, NOW, &SeededRandom::new(1))
    }

    fn reason(policy: &RetryPolicy<'_>, code: u16) -> Option<String> {
        status(policy, code, &[]).map(|retry| retry.reason)
    }

    #[test]
    fn without_retries_the_first_failure_is_the_answer() {
        assert_eq!(status(&policy(0), 500, &[]), None);
    }

    #[test]
    fn the_usual_statuses_are_retried() {
        assert_eq!(reason(&policy(1), 429).unwrap(), "status_code_429");
        assert_eq!(reason(&policy(1), 503).unwrap(), "status_code_503");
        assert_eq!(reason(&policy(1), 400), None);
        let asked = RetryPolicy { retry_on: &[404], ..policy(1) };
        assert_eq!(reason(&asked, 404).unwrap(), "retry_on_404");
    }

    #[test]
    fn a_definitions_own_statuses_replace_the_usual_ones() {
        let rules = ["5xx".to_owned(), "429".to_owned()];
        let facts = ProviderFacts { error_codes: Some(&rules), ..ProviderFacts::default() };
        let own = RetryPolicy { facts, ..policy(1) };
        assert_eq!(reason(&own, 502).unwrap(), "provider_error_code_5xx");
        assert_eq!(reason(&own, 401), None);
        let rules = ["500".to_owned(), "501-503".to_owned()];
        let facts = ProviderFacts { error_codes: Some(&rules), ..ProviderFacts::default() };
        let own = RetryPolicy { facts, ..policy(1) };
        assert_eq!(reason(&own, 429), None);
        assert_eq!(reason(&own, 502).unwrap(), "provider_error_code_501-503");
    }

    #[test]
    fn a_used_up_quota_is_retried_when_it_is_full_again() {
        let at = ["x-reset".to_owned()];
        let facts = ProviderFacts { at: &at, remaining: Some("x-left"), ..ProviderFacts::default() };
        let own = RetryPolicy { facts, ..policy(1) };
        let retry = status(&own, 403, &[("x-left", "0"), ("x-reset", "1770091510")]).unwrap();
        assert_eq!(retry, Retry { wait: Duration::from_secs(4), reason: "provider_remaining".to_owned() });
        assert_eq!(status(&own, 403, &[("x-left", "1")]), None);
    }

    #[test]
    fn retry_after_is_honoured_for_every_service() {
        assert_eq!(status(&policy(1), 429, &[("retry-after", "7")]).unwrap().wait, Duration::from_secs(7));
        assert_eq!(status(&policy(1), 429, &[("retry-after", "3600")]), None, "beyond the budget");
    }

    #[test]
    fn waits_double_and_stay_within_their_jitter() {
        let random = SeededRandom::new(3);
        for (attempt, seconds) in [(1, 3), (2, 6), (3, 12), (4, 24), (8, 384), (9, 600), (40, 600)] {
            let wait = backoff(attempt, &random);
            let base = Duration::from_secs(seconds);
            assert!(wait >= base && wait <= base * 120 / 100, "{attempt}: {wait:?}");
        }
    }

    #[test]
    fn a_post_without_answer_is_not_sent_twice() {
        let after = |is_idempotent, error: EgressError| {
            let policy = RetryPolicy { is_idempotent, ..policy(1) };
            policy.after(1, Failure::Network(&error), Duration::ZERO, NOW, &SeededRandom::new(1)).is_some()
        };
        assert!(!after(false, EgressError::Reset));
        assert!(after(true, EgressError::Reset));
        let refused =
            EgressError::Connect { target: "x:1".to_owned(), kind: std::io::ErrorKind::ConnectionRefused };
        assert!(after(false, refused));
        assert!(!after(true, EgressError::InvalidUrl("x")));
        let gone = EgressError::Dns { host: "a.test".to_owned(), temporary: false };
        assert!(!after(false, gone.clone()));
        let named = ["ENOTFOUND".to_owned()];
        let named = RetryPolicy { retryable_errors: &named, ..policy(1) };
        let random = SeededRandom::new(1);
        assert!(named.after(1, Failure::Network(&gone), Duration::ZERO, NOW, &random).is_some());
    }

    proptest! {
        #[test]
        fn attempts_never_exceed_what_was_asked_for(retries in 0..=10u8, code in 100..600u16, elapsed in 0..100u64) {
            let policy = policy(retries);
            let headers = HeaderMap::new();
            let failure = Failure::Status(StatusCode::from_u16(code).unwrap(), &headers, &[]);
            let random = SeededRandom::new(1);
            let elapsed = Duration::from_secs(elapsed);
            let mut attempt = 1;
            while let Some(retry) = policy.after(attempt, failure, elapsed, NOW, &random) {
                prop_assert!(elapsed + retry.wait < limits::RETRY_BUDGET);
                attempt += 1;
            }
            prop_assert!(attempt <= u32::from(retries) + 1);
        }
    }
}
