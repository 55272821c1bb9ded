//! The limits of a key in words.

use dovetail_model::{KeyLimits, Timestamp};

/// Entries that are named before the rest is counted.
const NAMED: usize = 2;

/// One phrase for each limit but the expiry, which is told with its time.
pub(super) fn phrases(limits: &KeyLimits) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(keys) = &limits.integrations {
        words.push(format!("only {}", list(keys.iter().map(String::as_str))));
    }
    if !limits.tags.is_empty() {
        words.push(format!("connections with {}", limits.tags));
    }
    if let Some(methods) = &limits.methods {
        let methods: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
        words.push(format!("{} calls", methods.join(", ")));
    }
    if let Some(paths) = &limits.paths {
        let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
        words.push(format!("paths {}", list(paths.iter().map(String::as_str))));
    }
    if let Some(rate) = limits.requests_per_minute {
        words.push(format!("{rate} requests a minute"));
    }
    if limits.hides_secrets() {
        words.push("never shown secrets".to_owned());
    }
    words
}

/// Whether the key has stopped working.
pub(super) fn is_over(limits: Option<&KeyLimits>, now: Timestamp) -> bool {
    limits.is_some_and(|limits| limits.is_expired(now))
}

fn list<'a>(entries: impl ExactSizeIterator<Item = &'a str>) -> String {
    let total = entries.len();
    let named: Vec<&str> = entries.take(NAMED).collect();
    let text = named.join(", ");
    if total > NAMED { format!("{text} and {} more", total - NAMED) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_has_its_phrase() {
        let limits: KeyLimits = serde_json::from_str(
            r#"{"integrations": ["coda", "github", "linear"], "tags": {"team": "ops"}, "methods": ["GET", "POST"],
                "paths": ["/docs/*"], "requests_per_minute": 60}"#,
        )
        .unwrap();
        let told = phrases(&limits).join(" · ");
        assert_eq!(
            told,
            "only coda, github and 1 more · connections with team=ops · GET, POST calls · paths /docs/* · \
             60 requests a minute · never shown secrets"
        );
        assert!(phrases(&KeyLimits::default()).is_empty());
    }
}
