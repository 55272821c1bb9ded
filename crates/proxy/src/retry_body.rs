//! A wait that the answer's body tells (proxy.md section 12, `in_body`).

use std::time::Duration;

use dovetail_catalog::InBodyRetry;
use dovetail_model::Timestamp;
use regex::Regex;
use serde_json::Value;

use crate::retry_wait;

/// The wait that `body` asks for by the definition's rule: the text at its path, of which group 1 of its expression
/// is an instant or a span.
pub(crate) fn wait(rule: &InBodyRetry, body: &[u8], now: Timestamp) -> Option<Duration> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let text = rule.path.split('.').try_fold(&document, |at, step| match at {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })?;
    let expression = Regex::new(bare(&rule.value)).ok()?;
    let told = expression.captures(text.as_str()?)?.get(1)?.as_str().trim();
    let wait = match rule.strategy.as_str() {
        "at" => retry_wait::until_text(told, now),
        _ => retry_wait::after_text(told, now),
    };
    wait.filter(|wait| !wait.is_zero())
}

/// An expression without the slashes that enclose it in definitions.
fn bare(value: &str) -> &str {
    value.strip_prefix('/').and_then(|inner| inner.strip_suffix('/')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_770_091_506_000);

    fn told(path: &str, value: &str, strategy: &str, body: &str) -> Option<u64> {
        let [path, value, strategy] = [path, value, strategy].map(str::to_owned);
        wait(&InBodyRetry { path, value, strategy }, body.as_bytes(), NOW).map(|wait| wait.as_secs())
    }

    #[test]
    fn the_wait_is_found_in_the_text_at_the_path() {
        let message = "User-rate limit exceeded.  Retry after 2026-02-03T04:05:16.000Z";
        let body = format!(r#"{{"error":{{"message":"{message}","errors":[{{"wait":"in 7 s"}}]}}}}"#);
        let google = r"/User-rate limit exceeded\. +Retry after (.+)/";
        assert_eq!(told("error.message", google, "at", &body), Some(10));
        assert_eq!(told("error.errors.0.wait", r"in (\d+) s", "after", &body), Some(7));
    }

    #[test]
    fn what_is_not_there_asks_for_nothing() {
        for (path, value, body) in [
            ("a", "(.*)", "not json"),
            ("a.b", "(.*)", r#"{"a":"9"}"#),
            ("a", "(.*)", r#"{"a":9}"#),
            ("a", "no group", r#"{"a":"no group"}"#),
            ("a", "(", r#"{"a":"("}"#),
            ("a", "(.*)", r#"{"a":"0"}"#),
            ("a", "(.*)", r#"{"a":"soon"}"#),
        ] {
            assert_eq!(told(path, value, "after", body), None, "{path} {value} {body}");
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(text in "\\PC{0,60}") {
            let body = serde_json::json!({ "a": text }).to_string();
            told("a", "(.*)", "at", &body);
            told("a", "(.*)", "after", &text);
        }
    }
}
