//! Formats of strings: UUID, e-mail address, URL, instant.

use std::sync::LazyLock;

use regex::Regex;

/// Compiles an expression written in this crate.
#[expect(clippy::expect_used, reason = "the expression is a constant; a test touches every one of them")]
pub(super) fn constant_regex(source: &str) -> Regex {
    Regex::new(source).expect("constant expression")
}

static UUID: LazyLock<Regex> = LazyLock::new(|| {
    constant_regex(
        "^(?:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000)$",
    )
});

static LOCAL_PART: LazyLock<Regex> = LazyLock::new(|| constant_regex("^[A-Za-z0-9_'+.-]*[A-Za-z0-9_+-]$"));
static DOMAIN: LazyLock<Regex> =
    LazyLock::new(|| constant_regex(r"^(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$"));

static DATETIME: LazyLock<Regex> = LazyLock::new(|| {
    constant_regex(
        r"^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?Z$",
    )
});

/// A UUID of any version, or the nil UUID.
pub fn is_uuid(text: &str) -> bool {
    UUID.is_match(text)
}

/// An e-mail address with a dotted domain, as sign-up forms accept it.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.starts_with('.') && !text.contains("..") && LOCAL_PART.is_match(local) && DOMAIN.is_match(domain)
}

/// An absolute URL by WHATWG rules.
pub fn is_url(text: &str) -> bool {
    url::Url::parse(text.trim()).is_ok()
}

/// An ISO 8601 instant in UTC.
pub fn is_datetime(text: &str) -> bool {
    DATETIME.is_match(text)
        && (text.parse::<jiff::Timestamp>().is_ok()
            || text.get(..10).is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["a@b.co", "pia.o'neil+x@mail.acme.test"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "a@b", "a@@b.co", ".a@b.co", "a.@b.co", "a..b@c.co", "a b@c.co", "a@b_c.co"] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn uuids_and_instants() {
        assert!(is_uuid("2f0d6a52-7f3f-4b1c-8a52-0f1f2a9d7c11"));
        assert!(!is_uuid("2f0d6a527f3f4b1c8a520f1f2a9d7c11"));
        assert!(is_datetime("2026-02-03T04:05:06.789Z"));
        assert!(!is_datetime("2026-02-03T04:05:06.789+00:00"));
        assert!(!is_datetime("2026-02-30T04:05:06Z"));
    }

    #[test]
    fn urls_are_absolute() {
        assert!(is_url("https://acme.test/x"));
        assert!(!is_url("/x"));
    }
}
