//! Value rules that several routes share (spec: http-api.md 1.11).

use std::sync::LazyLock;

use regex::Regex;

use super::format::constant_regex;
use super::text::{Text, string};

/// Longest name, key, id or display name, in characters (the wire's rule).
pub const MAX_NAME: usize = 255;

macro_rules! pattern_rule {
    ($(#[$doc:meta])* $name:ident, $regex:ident, $source:literal, $shown:literal) => {
        static $regex: LazyLock<Regex> = LazyLock::new(|| constant_regex($source));

        $(#[$doc])*
        pub fn $name() -> Text {
            string().pattern(&$regex, $shown).max(MAX_NAME)
        }
    };
}

pattern_rule! {
    /// A provider's name.
    provider_name, PROVIDER_NAME, "^[a-zA-Z0-9_-]+$", "/^[a-zA-Z0-9_-]+$/"
}
pattern_rule! {
    /// An integration's key (`unique_key`, `provider_config_key`, `integration_id`).
    integration_key, INTEGRATION_KEY, "^[a-zA-Z0-9~:.@ _-]+$", "/^[a-zA-Z0-9~:.@ _-]+$/"
}
pattern_rule! {
    /// A connection's id.
    connection_id, CONNECTION_ID,
    r#"^[a-zA-Z0-9,.;:=+~\[\]|@${}"'\\/_ -]+$"#,
    r#"/^[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]+$/"#
}
pattern_rule! {
    /// An environment's name.
    environment_name, ENVIRONMENT_NAME, "^[a-z0-9_-]+$", "/^[a-z0-9_-]+$/"
}

static SCOPES: LazyLock<Regex> =
    LazyLock::new(|| constant_regex("^$|^[0-9a-zA-Z:/_.*-]+(,[0-9a-zA-Z:/_.*-]+)*$"));

/// OAuth scopes of an integration: comma separated without spaces, or empty.
pub fn oauth_scopes() -> Text {
    string().pattern(&SCOPES, "/^[0-9a-zA-Z:/_.*-]+(,[0-9a-zA-Z:/_.*-]+)*$/")
}

/// A display name.
pub fn display_name() -> Text {
    string().min(1).max(MAX_NAME)
}

/// A PEM private key of a GitHub-style app.
pub fn rsa_private_key() -> Text {
    string().starts_with("-----BEGIN RSA PRIVATE KEY----").ends_with("-----END RSA PRIVATE KEY-----")
}

static TAG_KEY: LazyLock<Regex> = LazyLock::new(|| constant_regex(r"^[a-zA-Z][a-zA-Z0-9_\-./]*$"));

/// A tag's key, before it is lower-cased.
pub fn tag_key() -> Text {
    string().pattern(&TAG_KEY, r"/^[a-zA-Z][a-zA-Z0-9_\-./]*$/").max(64)
}

/// An end user's e-mail address.
pub fn end_user_email() -> Text {
    string().email().min(5)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::validate::Schema;

    #[test]
    fn every_rule_has_a_value_it_accepts_and_one_it_refuses() {
        let cases: [(Text, &str, &str); 9] = [
            (provider_name(), "coda_2-x", "coda prod"),
            (integration_key(), "coda~prod:1.0 @x_y-z", "bad_é"),
            (connection_id(), r#"a,.;:=+~[]|@${}"'\/_ -"#, "a#b"),
            (environment_name(), "dev_2", "Dev"),
            (oauth_scopes(), "read:all,https://x.test/a.b", "a, b"),
            (display_name(), "Coda", ""),
            (
                rsa_private_key(),
                "-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----",
                "-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----\n",
            ),
            (tag_key(), "projectId", "1st"),
            (end_user_email(), "pia@acme.test", "pia"),
        ];
        for (rule, good, bad) in cases {
            assert!(rule.check(Some(&json!(good))).is_ok(), "{good}");
            assert!(rule.check(Some(&json!(bad))).is_err(), "{bad}");
        }
        assert!(oauth_scopes().check(Some(&json!(""))).is_ok());
    }

    #[test]
    fn the_pattern_is_shown_as_the_wire_shows_it() {
        let issues = integration_key().check(Some(&json!("bad_é"))).unwrap_err();
        assert_eq!(issues[0].code, "invalid_format");
        assert_eq!(issues[0].message, "Invalid string: must match pattern /^[a-zA-Z0-9~:.@ _-]+$/");
    }
}
