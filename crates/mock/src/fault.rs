//! Faults on demand: what may go wrong, for which requests, how often.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::limits::{FAULT_LATENCY, FAULT_RULES, SLOW_BODY_PAUSE};

/// What goes wrong with one answer. The parts combine: a latency may precede a status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Wait this many milliseconds before anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// Answer with this status (100 is not possible) and a JSON body that says it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Seconds in a `Retry-After` header of that answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Close the connection without an answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reset: bool,
    /// Close the connection after this many bytes of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset_after_bytes: Option<u64>,
    /// Send the body in small pieces with pauses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_body: Option<SlowBody>,
}

/// The pace of a slow body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SlowBody {
    /// Bytes in one piece, at least 1.
    pub chunk_bytes: usize,
    /// Milliseconds before each piece.
    pub every_ms: u64,
}

impl Default for SlowBody {
    fn default() -> Self {
        Self { chunk_bytes: 16, every_ms: 100 }
    }
}

/// Which requests a rule is for; what is absent matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The intended host, without port, in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Start of the intended path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Id of the provider that the request was recognised to be for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

impl Match {
    fn covers(&self, host: &str, path: &str, provider: Option<&str>) -> bool {
        self.host.as_deref().is_none_or(|h| h.eq_ignore_ascii_case(host))
            && self.path.as_deref().is_none_or(|p| path.starts_with(p))
            && self.provider.as_deref().is_none_or(|p| provider == Some(p))
    }
}

/// One entry of `POST /__faults`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Requests it is for.
    #[serde(default, rename = "match")]
    pub matching: Match,
    /// What happens to them.
    pub fault: Fault,
    /// Requests it still affects; absent = until deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

/// Why a fault cannot be injected.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FaultError {
    /// A status that HTTP does not know as a final one.
    #[error("status {0} is not between 200 and 599")]
    Status(u16),
    /// A wait above its bound.
    #[error("{what} is above {} ms", .limit.as_millis())]
    Wait {
        /// The field.
        what: &'static str,
        /// Its bound.
        limit: Duration,
    },
    /// A piece of zero bytes would never end.
    #[error("chunk_bytes must be at least 1")]
    EmptyChunk,
    /// Nothing was asked for.
    #[error("the fault names nothing to go wrong")]
    Nothing,
    /// The list is full.
    #[error("{FAULT_RULES} fault rules are in force; delete some first")]
    Full,
    /// The short form has a word it does not know.
    #[error(
        "`{0}` is none of latency_ms:N, status:N, retry_after:N, reset, reset_after_bytes:N, slow_body[:BYTES:MS]"
    )]
    Word(String),
}

impl Fault {
    /// Checks every bound.
    pub fn validate(&self) -> Result<(), FaultError> {
        if *self == Self::default() {
            return Err(FaultError::Nothing);
        }
        if let Some(status) = self.status.filter(|s| !(200..600).contains(s)) {
            return Err(FaultError::Status(status));
        }
        if self.latency_ms.is_some_and(|ms| Duration::from_millis(ms) > FAULT_LATENCY) {
            return Err(FaultError::Wait { what: "latency_ms", limit: FAULT_LATENCY });
        }
        if let Some(slow) = self.slow_body {
            if slow.chunk_bytes == 0 {
                return Err(FaultError::EmptyChunk);
            }
            if Duration::from_millis(slow.every_ms) > SLOW_BODY_PAUSE {
                return Err(FaultError::Wait { what: "every_ms", limit: SLOW_BODY_PAUSE });
            }
        }
        Ok(())
    }

    /// Reads the short form used in a header or query: words joined by commas, such as
    /// `latency_ms:200,status:429,retry_after:2`.
    pub fn parse(text: &str) -> Result<Self, FaultError> {
        let mut fault = Self::default();
        for word in text.split(',').map(str::trim).filter(|w| !w.is_empty()) {
            let unknown = || FaultError::Word(word.to_owned());
            let mut parts = word.split(':');
            let name = parts.next().unwrap_or_default();
            let numbers: Vec<u64> =
                parts.map(|p| p.parse().map_err(|_| unknown())).collect::<Result<_, _>>()?;
            match (name, numbers.as_slice()) {
                ("latency_ms", [ms]) => fault.latency_ms = Some(*ms),
                ("status", [code]) => {
                    fault.status = Some(u16::try_from(*code).map_err(|_| unknown())?);
                }
                ("retry_after", [seconds]) => fault.retry_after = Some(*seconds),
                ("reset", []) => fault.reset = true,
                ("reset_after_bytes", [bytes]) => fault.reset_after_bytes = Some(*bytes),
                ("slow_body", []) => fault.slow_body = Some(SlowBody::default()),
                ("slow_body", [bytes, ms]) => {
                    fault.slow_body = Some(SlowBody {
                        chunk_bytes: usize::try_from(*bytes).map_err(|_| unknown())?,
                        every_ms: *ms,
                    });
                }
                _ => return Err(unknown()),
            }
        }
        fault.validate()?;
        Ok(fault)
    }
}

/// The rules in force, oldest first.
#[derive(Debug, Default)]
pub(crate) struct FaultBook {
    rules: Mutex<VecDeque<FaultRule>>,
}

impl FaultBook {
    pub(crate) fn add(&self, rule: FaultRule) -> Result<(), FaultError> {
        rule.fault.validate()?;
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        if rules.len() >= FAULT_RULES {
            return Err(FaultError::Full);
        }
        if rule.times != Some(0) {
            rules.push_back(rule);
        }
        Ok(())
    }

    pub(crate) fn clear(&self) {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn list(&self) -> Vec<FaultRule> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// The fault of the oldest rule that covers the request; one of its times is used up.
    pub(crate) fn take(&self, host: &str, path: &str, provider: Option<&str>) -> Option<Fault> {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let at = rules.iter().position(|r| r.matching.covers(host, path, provider))?;
        let rule = rules.get_mut(at)?;
        let fault = rule.fault.clone();
        if let Some(times) = rule.times.as_mut() {
            *times -= 1;
            if *times == 0 {
                rules.remove(at);
            }
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_form_reads_every_part() {
        let fault = Fault::parse("latency_ms:200, status:429,retry_after:2").unwrap();
        assert_eq!(fault.latency_ms, Some(200));
        assert_eq!((fault.status, fault.retry_after), (Some(429), Some(2)));
        assert!(Fault::parse("reset").unwrap().reset);
        assert_eq!(Fault::parse("slow_body").unwrap().slow_body, Some(SlowBody::default()));
        assert_eq!(
            Fault::parse("slow_body:1:5").unwrap().slow_body,
            Some(SlowBody { chunk_bytes: 1, every_ms: 5 })
        );
    }

    #[test]
    fn unknown_words_and_values_out_of_bounds_are_refused() {
        for bad in [
            "",
            "explode",
            "status:99",
            "status:70000",
            "latency_ms:x",
            "latency_ms:9999999",
            "slow_body:0:1",
            "slow_body:1",
        ] {
            assert!(Fault::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_rule_is_used_as_often_as_it_says() {
        let book = FaultBook::default();
        let rule = FaultRule {
            matching: Match { host: Some("coda.io".into()), ..Match::default() },
            fault: Fault { status: Some(503), ..Fault::default() },
            times: Some(2),
        };
        book.add(rule).unwrap();
        assert_eq!(book.take("example.com", "/", None), None);
        assert!(book.take("CODA.io", "/apis", None).is_some());
        assert!(book.take("coda.io", "/", Some("coda")).is_some());
        assert_eq!(book.take("coda.io", "/", None), None);
        assert!(book.list().is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_fault_or_an_error(text in "[a-z_:,0-9 ]{0,40}") {
            if let Ok(fault) = Fault::parse(&text) {
                assert_eq!(fault.validate(), Ok(()));
            }
        }
    }

    #[test]
    fn the_list_is_bounded() {
        let book = FaultBook::default();
        let rule = FaultRule {
            matching: Match::default(),
            fault: Fault { reset: true, ..Fault::default() },
            times: None,
        };
        for _ in 0..FAULT_RULES {
            book.add(rule.clone()).unwrap();
        }
        assert_eq!(book.add(rule), Err(FaultError::Full));
        book.clear();
        assert!(book.list().is_empty());
    }
}
