//! Time as a value and as an argument.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Serialises as ISO 8601 with `Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// `2026-02-03T04:05:06.789Z`, the form of most answers (http-api 1.10).
    pub fn iso_z(self) -> String {
        self.format("Z")
    }

    /// `2026-02-03T04:05:06.789+00:00`, the form of connection lists and lookups (http-api 1.10).
    pub fn iso_offset(self) -> String {
        self.format("+00:00")
    }

    /// Reads an ISO 8601 / RFC 3339 instant with an offset, or a plain date (midnight UTC).
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Some(Self(at.as_millisecond()));
        }
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        let at = jiff::tz::Offset::UTC.to_timestamp(civil).ok()?;
        Some(Self(at.as_millisecond()))
    }

    /// This instant plus a span; saturates.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(ms))
    }

    /// This instant minus a span; saturates.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        let ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(ms))
    }

    /// The span since `earlier`; zero when it lies in the future.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    fn format(self, suffix: &str) -> String {
        let at = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let civil = jiff::tz::Offset::UTC.to_datetime(at);
        let mut text = String::with_capacity("2026-02-03T04:05:06.789".len() + suffix.len());
        // Every answer has several: the formatting machinery would be a good part of its cost.
        digits::<4>(&mut text, civil.year());
        for (before, number) in [('-', civil.month()), ('-', civil.day()), ('T', civil.hour())] {
            text.push(before);
            digits::<2>(&mut text, number.into());
        }
        for number in [civil.minute(), civil.second()] {
            text.push(':');
            digits::<2>(&mut text, number.into());
        }
        text.push('.');
        digits::<3>(&mut text, civil.millisecond());
        text.push_str(suffix);
        text
    }
}

/// Adds `number` with at least `N` digits; a sign stands before them.
fn digits<const N: usize>(text: &mut String, number: i16) {
    let mut rest = number.unsigned_abs();
    if number < 0 {
        text.push('-');
    }
    let mut written = [b'0'; N];
    for digit in written.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    text.extend(written.map(char::from));
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso_z())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.iso_z())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not an ISO 8601 instant"))
    }
}

/// Where the current time comes from.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The current instant.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the ambient clock is read")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands until it is pushed: for tests and the simulator.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock standing at `at`.
    pub fn at(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Moves the clock forward.
    pub fn advance(&self, span: Duration) {
        let ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sets the clock.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.0, Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    /// 2026-02-03T04:05:06.789Z, the instant of the specification's examples.
    fn default() -> Self {
        Self::at(Timestamp(1_770_091_506_789))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_has_both_wire_forms() {
        let at = ManualClock::default().now();
        assert_eq!(at.iso_z(), "2026-02-03T04:05:06.789Z");
        assert_eq!(at.iso_offset(), "2026-02-03T04:05:06.789+00:00");
    }

    #[test]
    fn both_forms_read_back() {
        let at = Timestamp(1_770_091_506_789);
        assert_eq!(Timestamp::parse(&at.iso_z()), Some(at));
        assert_eq!(Timestamp::parse(&at.iso_offset()), Some(at));
        assert_eq!(Timestamp::parse("2026-02-03"), Some(Timestamp(1_770_076_800_000)));
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn a_pushed_clock_moves() {
        let clock = ManualClock::at(Timestamp(5));
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), Timestamp(1005));
        assert_eq!(clock.now().since(Timestamp(5)), Duration::from_secs(1));
        assert_eq!(Timestamp(5).since(clock.now()), Duration::ZERO);
    }
}
