//! Values that an integrator stores on an integration (3.2, `integration_config`).

use serde_json::{Map, Value};
use url::Url;

use super::{
    form::FieldGroup,
    rules::{FieldIssue, IssueRule},
};
use crate::{
    definition::{FieldFormat, FieldRule, Provider},
    limits::INTEGRATION_CONFIG_CHARS,
};

/// Whether the integration is made or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatchKind {
    /// Missing fields get their default or are refused.
    Create,
    /// Untouched fields keep their value.
    Patch,
}

/// Checks submitted values and answers the values to store.
///
/// `stored` is what the integration holds now; an empty value clears an optional field.
pub fn validate_integration_config(
    provider: &Provider,
    kind: PatchKind,
    stored: &Map<String, Value>,
    submitted: &Map<String, Value>,
) -> Result<Map<String, Value>, Vec<FieldIssue>> {
    let rules = &provider.integration_config;
    let mut issues = Vec::new();
    let mut merged = stored.clone();
    for (name, value) in submitted {
        let Some(rule) = rules.get(name) else {
            issues.push(issue(name, None, IssueRule::Unknown, "is not a setting of this provider"));
            continue;
        };
        match value {
            Value::String(text) if text.chars().count() > INTEGRATION_CONFIG_CHARS => {
                let predicate = format!("is longer than {INTEGRATION_CONFIG_CHARS} characters");
                issues.push(issue(name, Some(rule), IssueRule::Length, &predicate));
            }
            Value::String(text) if text.is_empty() && rule.optional => {
                merged.shift_remove(name);
            }
            Value::String(_) => {
                merged.insert(name.clone(), value.clone());
            }
            _ => issues.push(issue(name, Some(rule), IssueRule::Type, "must be a text")),
        }
    }
    if !issues.is_empty() {
        return Err(issues);
    }
    for (name, rule) in rules.iter() {
        if !is_visible(provider, name, &merged, 0) {
            continue;
        }
        match merged.get(name).and_then(Value::as_str) {
            Some(text) => {
                if let Err((broken, predicate)) = check(rule, text) {
                    issues.push(issue(name, Some(rule), broken, &predicate));
                }
            }
            None => match &rule.default_value {
                Some(default) if kind == PatchKind::Create => {
                    merged.insert(name.to_owned(), Value::String(default.clone()));
                }
                Some(_) => {}
                None if rule.optional || rule.hidden || rule.automated => {}
                None => issues.push(issue(name, Some(rule), IssueRule::Required, "is required")),
            },
        }
    }
    if issues.is_empty() { Ok(merged) } else { Err(issues) }
}

/// A field is shown when its controller is shown and has the named value; defaults count.
fn is_visible(provider: &Provider, name: &str, values: &Map<String, Value>, depth: usize) -> bool {
    let rules = &provider.integration_config;
    let Some(condition) = rules.get(name).and_then(|rule| rule.visible_when.as_ref()) else { return true };
    // A circle of conditions shows nothing.
    if depth > rules.len() {
        return false;
    }
    let value = values
        .get(&condition.field)
        .and_then(Value::as_str)
        .or_else(|| rules.get(&condition.field).and_then(|rule| rule.default_value.as_deref()));
    value == Some(condition.equals.as_str()) && is_visible(provider, &condition.field, values, depth + 1)
}

fn check(rule: &FieldRule, value: &str) -> Result<(), (IssueRule, String)> {
    super::rules::check(rule, value)?;
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    if rule.format == Some(FieldFormat::Uri)
        && !value.is_empty()
        && !Url::parse(value).is_ok_and(|url| is_web(&url))
    {
        return Err((IssueRule::Format, "must be an http or https URL".to_owned()));
    }
    Ok(())
}

fn issue(name: &str, rule: Option<&FieldRule>, broken: IssueRule, predicate: &str) -> FieldIssue {
    let title =
        rule.map(|rule| rule.title.as_str()).filter(|title| !title.is_empty()).unwrap_or(name).to_owned();
    FieldIssue {
        group: FieldGroup::IntegrationConfig,
        name: name.to_owned(),
        message: format!("{title} {predicate}"),
        title,
        rule: broken,
    }
}
