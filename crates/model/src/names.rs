//! The patterns of names that callers choose (http-api 1.11). Every rule also bounds the length.

use crate::limits::MAX_NAME;

fn every(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME && text.chars().all(allowed)
}

/// A provider's name: letters, digits, `_`, `-`.
pub fn is_provider_name(text: &str) -> bool {
    every(text, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// An integration's key (`unique_key`, `provider_config_key`): also `~ : . @` and the space.
pub fn is_integration_key(text: &str) -> bool {
    every(text, |c| c.is_ascii_alphanumeric() || matches!(c, '~' | ':' | '.' | '@' | ' ' | '_' | '-'))
}

/// A connection's public id.
pub fn is_connection_id(text: &str) -> bool {
    every(text, |c| c.is_ascii_alphanumeric() || ",.;:=+~[]|@${}\"'\\/_ -".contains(c))
}

/// An environment's name: lower-case letters, digits, `_`, `-`.
pub fn is_environment_name(text: &str) -> bool {
    every(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
}

/// A UUID of version 4 in any case: the shape of every API key (http-api 1.6).
pub fn is_uuid_v4(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            14 => *byte == b'4',
            19 => matches!(byte.to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b'),
            _ => byte.is_ascii_hexdigit(),
        })
}

/// An e-mail address as a sign-up form would accept it: one `@`, a local part, a dotted domain, no spaces.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_ok = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let domain_ok = domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        })
        && domain
            .rsplit('.')
            .next()
            .is_some_and(|top| top.len() >= 2 && !top.bytes().all(|b| b.is_ascii_digit()));
    text.len() <= MAX_NAME && local_ok && domain_ok
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integration_keys_allow_what_the_rule_lists() {
        assert!(is_integration_key("coda-prod ~:.@_"));
        for bad in ["", "a/b", "ä", &"a".repeat(256)] {
            assert!(!is_integration_key(bad), "{bad}");
        }
    }

    #[test]
    fn connection_ids_allow_brackets_but_not_markup() {
        assert!(is_connection_id("a[1]{b}\"'\\/$@|=+;:,.~ -_"));
        for bad in ["", "<x>", "a\n", "a?b", "a#"] {
            assert!(!is_connection_id(bad), "{bad}");
        }
    }

    #[test]
    fn only_version_four_uuids_pass() {
        assert!(is_uuid_v4("3F1C9A52-7f0e-4c55-9b0a-6d2f9d7f1e11"));
        for bad in ["3f1c9a52-7f0e-1c55-9b0a-6d2f9d7f1e11", "3f1c9a52-7f0e-4c55-7b0a-6d2f9d7f1e11", "", "x"] {
            assert!(!is_uuid_v4(bad), "{bad}");
        }
    }

    #[test]
    fn emails_need_a_dotted_domain() {
        assert!(is_email("pia+x@acme.test"));
        for bad in ["pia", "pia@acme", "@acme.test", "a b@acme.test", "pia@acme..test", "pia@-acme.test"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
