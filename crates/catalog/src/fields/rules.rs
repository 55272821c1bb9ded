//! The check of one value (3.1, "first match wins").

use url::Url;

use crate::{
    definition::{FieldFormat, FieldRule},
    limits::FIELD_VALUE_BYTES,
};

use super::form::FieldGroup;

/// One refused value. The value itself is never repeated: it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldIssue {
    /// Group of the field.
    pub group: FieldGroup,
    /// Name of the field.
    pub name: String,
    /// Label of the field, for people.
    pub title: String,
    /// The rule that refused it.
    pub rule: IssueRule,
    /// One sentence without a full stop, that names the field.
    pub message: String,
}

/// Why a value is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueRule {
    /// It is missing or empty.
    Required,
    /// It is no text.
    Type,
    /// It is too long.
    Length,
    /// It is none of the options.
    Options,
    /// It does not match the pattern.
    Pattern,
    /// It has not the named shape.
    Format,
    /// It may not stand in a host (4.6).
    Host,
    /// There is no such field (integration config only).
    Unknown,
}

/// Checks a text against a field's rules. `Err` is the rule and the predicate of the message.
pub(super) fn check(rule: &FieldRule, value: &str) -> Result<(), (IssueRule, String)> {
    if value.len() > FIELD_VALUE_BYTES {
        return Err((IssueRule::Length, format!("is longer than {FIELD_VALUE_BYTES} bytes")));
    }
    if rule.hidden || (rule.optional && value.is_empty()) {
        return Ok(());
    }
    if !rule.options.is_empty() {
        return if rule.options.iter().any(|option| option == value) {
            Ok(())
        } else if value.is_empty() {
            Err((IssueRule::Required, "is required".to_owned()))
        } else {
            Err((IssueRule::Options, format!("must be one of {}", rule.options.join(", "))))
        };
    }
    if value.is_empty() && rule.default_value.is_none() {
        return Err((IssueRule::Required, "is required".to_owned()));
    }
    if let Some(format) = rule.format {
        check_format(format, value)?;
    }
    match &rule.pattern {
        Some(pattern) if !pattern.matches(value) => {
            let example =
                rule.example.as_deref().map(|example| format!(", like {example}")).unwrap_or_default();
            Err((IssueRule::Pattern, format!("does not have the expected form{example}")))
        }
        _ => Ok(()),
    }
}

/// Whether a value passes a field's rules, hidden or not. `Err` is the predicate of the message.
pub(crate) fn fits(rule: &FieldRule, value: &str) -> Result<(), String> {
    let shown = FieldRule { hidden: false, example: None, ..rule.clone() };
    check(&shown, value).map_err(|(_, predicate)| predicate)
}

fn check_format(format: FieldFormat, value: &str) -> Result<(), (IssueRule, String)> {
    let (fits, predicate) = match format {
        FieldFormat::Hostname => (
            !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-'),
            "must be a host name, without https:// and without a path",
        ),
        FieldFormat::Uri => {
            (Url::parse(value).is_ok(), "must be a complete URL, such as https://example.com")
        }
        FieldFormat::Uuid => (is_uuid(value), "must be a UUID"),
        FieldFormat::Email => (is_email(value), "must be an email address"),
    };
    if fits { Ok(()) } else { Err((IssueRule::Format, predicate.to_owned())) }
}

/// RFC 9562: the hyphenated form, versions 1 to 8, or nil or max.
fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && uuid::Uuid::try_parse(value).is_ok_and(|uuid| {
            uuid.is_nil()
                || uuid.is_max()
                || (1..=8).contains(&uuid.get_version_num()) && uuid.as_bytes()[8] >> 6 == 0b10
        })
}

/// The practical subset that form validators take: no quotes, no comments, no consecutive dots.
fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else { return false };
    let local_char = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&b);
    let dots_fit = |text: &str| !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
    !local.is_empty()
        && local.len() <= 64
        && local.bytes().all(local_char)
        && dots_fit(local)
        && domain.contains('.')
        && domain.len() <= 253
        && domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
        && domain.rsplit('.').next().is_some_and(|last| {
            last.len() >= 2
                && last.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-' || b.is_ascii_digit())
        })
}
