//! When credentials are renewed, and what a failure means: pure arithmetic over times.

use std::time::Duration;

use dovetail_model::{RefreshFailure, RefreshProblem, RefreshState, Timestamp};

use crate::limits::{
    BACKOFF_FIRST, BACKOFF_MOST, CLOCK_SLACK, FAILURE_DAYS, KEEP_ALIVE, REFRESH_MARGIN, REFRESH_MARGIN_LEAST,
    RETRY_AFTER_MOST,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How long credentials live, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifetime {
    /// When they were received.
    pub issued_at: Option<Timestamp>,
    /// When they end; `None` when the provider did not say.
    pub expires_at: Option<Timestamp>,
    /// The definition's margin (`token_expiration_buffer`).
    pub buffer: Option<Duration>,
}

impl Lifetime {
    /// How long before their end they are renewed: the definition's margin or 15 minutes, at most a fifth of their
    /// life and at least 30 seconds; never more than half of their life, so that a new token is not due at once.
    pub fn margin(&self) -> Duration {
        let buffer = self.buffer.unwrap_or(REFRESH_MARGIN);
        let (Some(from), Some(to)) = (self.issued_at, self.expires_at) else { return buffer };
        let life = to.since(from);
        buffer.min(life / 5).max(REFRESH_MARGIN_LEAST).min(life / 2)
    }

    /// Whether a reader has to wait for new ones. Unknown ends are never due for readers: the plan and the provider's
    /// 401 take care of them.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let Some(end) = self.expires_at else { return false };
        // Times written by a clock that was ahead say nothing about the end.
        let doubtful = self.issued_at.is_some_and(|at| at > now.plus(CLOCK_SLACK));
        doubtful || now >= end.minus(self.margin())
    }

    /// Whether they can still be used.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// What a plan is made from, beside the life of the credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prospects {
    /// How long the refresh token lives (`refresh_token_expires_in`), when the provider said so.
    pub refresh_token_life: Option<Duration>,
    /// Whether there is a refresh token that dies of age.
    pub ages: bool,
    /// After what time the provider answered 401 once, where it does not say when credentials end.
    pub learned_life: Option<Duration>,
}

/// When to renew without being asked: the earliest of the end less its margin, half of the refresh token's life, and
/// one day. Spread by `chance` (0 to 1000), so that what was linked together is not renewed together. `None`: never.
pub fn plan(life: &Lifetime, prospects: &Prospects, chance: u16) -> Option<Timestamp> {
    let issued = life.issued_at?;
    let chance = u32::from(chance.min(1000));
    let earlier = |span: Duration, part: u32| span.saturating_sub(span / part * chance / 1000);
    let before_end = life.expires_at.map(|end| {
        let margin = life.margin();
        end.minus(margin + margin / 2 * chance / 1000)
    });
    let learned = || Some(issued.plus(earlier(prospects.learned_life? / 5 * 4, 10)));
    let candidates = [
        before_end.or_else(learned),
        prospects.refresh_token_life.map(|span| issued.plus(earlier(span / 2, 10))),
        prospects.ages.then(|| issued.plus(earlier(KEEP_ALIVE, 10))),
    ];
    candidates.into_iter().flatten().min()
}

/// Whether a failure forbids asking now. Times of a clock that was ahead do not count.
pub fn holds_back(failure: &RefreshFailure, now: Timestamp) -> bool {
    let believed = failure.last <= now.plus(CLOCK_SLACK) && failure.next <= now.plus(RETRY_AFTER_MOST);
    believed && now < failure.next
}

/// The state after one more failure.
///
/// A dead grant is given up when a second answer confirms it. Refusals that somebody can mend (a wrong client secret)
/// are given up after four days, outages never.
pub fn after_failure(
    before: RefreshState,
    problem: RefreshProblem,
    retry_after: Option<Duration>,
    now: Timestamp,
) -> RefreshState {
    let known = before.failure();
    let failures = known.map_or(0, |failure| failure.failures).saturating_add(1);
    let counts = !matches!(problem, RefreshProblem::Unavailable);
    let days = known.map_or(0, |failure| failure.days);
    let same_day = days > 0 && known.is_some_and(|failure| day(failure.last) == day(now));
    let days = if counts && !same_day { days.saturating_add(1) } else { days };
    let own = BACKOFF_FIRST.saturating_mul(1 << (failures - 1).min(10)).min(BACKOFF_MOST);
    let asked = retry_after.unwrap_or_default().min(RETRY_AFTER_MOST);
    let failure = RefreshFailure {
        failures,
        days,
        since: known.map_or(now, |failure| failure.since.min(now)),
        last: now,
        next: now.plus(own.max(asked)),
        problem,
    };
    let confirmed = problem == RefreshProblem::Revoked
        && known.is_some_and(|failure| failure.problem == RefreshProblem::Revoked);
    match before {
        RefreshState::Exhausted { at, .. } => RefreshState::Exhausted { at, failure },
        _ if confirmed || days >= FAILURE_DAYS => RefreshState::Exhausted { at: now, failure },
        _ => RefreshState::Failing(failure),
    }
}

fn day(at: Timestamp) -> i64 {
    at.0.div_euclid(DAY_MS)
}

/// Whether an OAuth error code says that the grant is dead, not the client or the request (RFC 6749 section 5.2,
/// OpenID Connect Core section 3.1.2.6).
pub fn is_dead_grant(code: &str) -> bool {
    matches!(
        code,
        "invalid_grant"
            | "interaction_required"
            | "login_required"
            | "consent_required"
            | "account_selection_required"
            | "access_denied"
            | "invalid_refresh_token"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_770_091_506_789);

    fn life(seconds: u64, buffer: Option<u64>) -> Lifetime {
        Lifetime {
            issued_at: Some(NOW),
            expires_at: Some(NOW.plus(Duration::from_secs(seconds))),
            buffer: buffer.map(Duration::from_secs),
        }
    }

    #[test]
    fn the_margin_follows_the_definition_and_the_life_of_the_token() {
        let margin = |seconds, buffer| life(seconds, buffer).margin().as_secs();
        assert_eq!(margin(3600, None), 720);
        assert_eq!(margin(86_400, None), 900);
        assert_eq!(margin(3600, Some(30)), 30);
        assert_eq!(margin(600, None), 120);
        assert_eq!(margin(100, None), 30);
        assert_eq!(margin(20, None), 10);
    }

    #[test]
    fn a_token_that_was_just_issued_is_never_due() {
        for seconds in 1..4000 {
            assert!(!life(seconds, None).is_due(NOW), "{seconds}");
            assert!(life(seconds, None).is_due(NOW.plus(Duration::from_secs(seconds))), "{seconds}");
        }
    }

    #[test]
    fn an_unknown_end_is_never_due_and_always_usable() {
        let unknown = Lifetime { issued_at: Some(NOW), ..Lifetime::default() };
        let later = NOW.plus(Duration::from_hours(1000));
        assert!(!unknown.is_due(later));
        assert!(unknown.is_usable(later));
    }

    #[test]
    fn times_from_the_future_are_not_believed() {
        let ahead = life(3600, None);
        assert!(ahead.is_due(NOW.minus(Duration::from_hours(2))));
        let RefreshState::Failing(failure) =
            after_failure(RefreshState::Healthy, RefreshProblem::Unavailable, None, NOW)
        else {
            panic!("one failure gives nothing up")
        };
        assert!(holds_back(&failure, NOW.plus(Duration::from_secs(29))));
        assert!(!holds_back(&failure, NOW.plus(Duration::from_secs(31))));
        assert!(!holds_back(&failure, NOW.minus(Duration::from_hours(2))));
    }

    #[test]
    fn a_plan_takes_the_earliest_reason() {
        let hour = life(3600, None);
        let at = |prospects: Prospects, life: &Lifetime| {
            plan(life, &prospects, 0).map(|at| at.since(NOW).as_secs())
        };
        assert_eq!(at(Prospects::default(), &hour), Some(2880));
        let week = life(7 * 86_400, None);
        assert_eq!(at(Prospects { ages: true, ..Prospects::default() }, &week), Some(86_400));
        let short = Prospects { refresh_token_life: Some(Duration::from_secs(1000)), ..Prospects::default() };
        assert_eq!(at(short, &week), Some(500));
        let unknown = Lifetime { issued_at: Some(NOW), ..Lifetime::default() };
        assert_eq!(at(Prospects::default(), &unknown), None);
        let learned = Prospects { learned_life: Some(Duration::from_secs(1000)), ..Prospects::default() };
        assert_eq!(at(learned, &unknown), Some(800));
        let spread = plan(&hour, &Prospects::default(), 1000).unwrap();
        assert_eq!(spread.since(NOW).as_secs(), 2520);
    }

    #[test]
    fn outages_never_give_up_and_wait_longer_each_time() {
        let mut state = RefreshState::Healthy;
        let mut now = NOW;
        let mut waits = Vec::new();
        for _ in 0..200 {
            state = after_failure(state, RefreshProblem::Unavailable, None, now);
            let RefreshState::Failing(failure) = state else { panic!("given up") };
            waits.push(failure.next.since(now).as_secs());
            now = failure.next;
        }
        assert_eq!(waits[..7], [30, 60, 120, 240, 480, 900, 900]);
    }

    #[test]
    fn failures_on_four_days_give_up() {
        let mut state = RefreshState::Healthy;
        for (hours, days) in [(0, 1), (1, 1), (24, 2), (48, 3)] {
            let now = NOW.plus(Duration::from_hours(hours));
            state = after_failure(state, RefreshProblem::Rejected, None, now);
            assert!(matches!(state, RefreshState::Failing(failure) if failure.days == days), "{hours}");
        }
        let now = NOW.plus(Duration::from_hours(72));
        state = after_failure(state, RefreshProblem::Rejected, None, now);
        assert!(matches!(state, RefreshState::Exhausted { at, .. } if at == now));
    }

    #[test]
    fn a_dead_grant_is_given_up_when_it_is_confirmed() {
        let first = after_failure(RefreshState::Healthy, RefreshProblem::Revoked, None, NOW);
        assert!(matches!(first, RefreshState::Failing(_)));
        let second = after_failure(first, RefreshProblem::Revoked, None, NOW.plus(BACKOFF_FIRST));
        assert!(matches!(second, RefreshState::Exhausted { .. }));
    }

    #[test]
    fn the_provider_may_ask_for_a_longer_wait_within_bounds() {
        let wait = |retry_after: u64| {
            let retry_after = Some(Duration::from_secs(retry_after));
            let state = after_failure(RefreshState::Healthy, RefreshProblem::Unavailable, retry_after, NOW);
            state.failure().unwrap().next.since(NOW).as_secs()
        };
        assert_eq!(wait(5), 30);
        assert_eq!(wait(120), 120);
        assert_eq!(wait(1_000_000), 3600);
    }
}
