//! Server-side validation of what an end user submits (3.2).

use dovetail_model::AuthMode;
use serde_json::{Map, Value};

use super::{
    base::{self, base_fields},
    form::{FieldGroup, FormContext},
    rules::{FieldIssue, IssueRule, check},
};
use crate::{
    definition::{FieldRule, Provider},
    limits::SHORT_CREDENTIAL_CHARS,
    ordered_map::OrderedMap,
    template::HostUse,
};

/// What was submitted. The connection config already holds the session's defaults over the client's values.
#[derive(Debug, Clone, Copy)]
pub struct Submission<'a> {
    /// The body's credentials.
    pub credentials: &'a Map<String, Value>,
    /// The query's `params`.
    pub connection_config: &'a Map<String, Value>,
    /// The body's `assertionOption`.
    pub assertion_option: &'a Map<String, Value>,
}

/// What is accepted: as submitted, with defaults for absent keys. Unknown keys stay as they came.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Accepted {
    /// The credentials.
    pub credentials: Map<String, Value>,
    /// The connection config.
    pub connection_config: Map<String, Value>,
    /// The assertion inputs.
    pub assertion_option: Map<String, Value>,
}

/// Checks every known, non-automated field and applies defaults.
pub fn validate(
    provider: &Provider,
    context: &FormContext<'_>,
    submission: Submission<'_>,
) -> Result<Accepted, Vec<FieldIssue>> {
    let mode = provider.auth_mode();
    let mut issues = Vec::new();
    let mut accepted = Accepted {
        credentials: submission.credentials.clone(),
        connection_config: submission.connection_config.clone(),
        assertion_option: submission.assertion_option.clone(),
    };
    let skipped = |name: &str| context.preconfigured_credentials.iter().any(|known| known == name);

    for field in base_fields(provider) {
        if !provider.credentials.contains(field.name) && !skipped(field.name) && !field.hidden {
            base_value(mode, field.name, field.optional, &accepted.credentials, &mut issues);
        }
    }
    apply(
        mode,
        FieldGroup::Credentials,
        &provider.credentials,
        &mut accepted.credentials,
        &skipped,
        &mut issues,
    );
    if mode == AuthMode::TwoStep {
        let extra: OrderedMap<FieldRule> = provider
            .integration_config
            .iter()
            .filter(|(name, _)| !provider.credentials.contains(name))
            .map(|(name, rule)| {
                let mut rule = rule.clone();
                rule.optional = false;
                (name.to_owned(), rule)
            })
            .collect();
        apply(mode, FieldGroup::Credentials, &extra, &mut accepted.credentials, &skipped, &mut issues);
    }
    let none = |_: &str| false;
    apply(
        mode,
        FieldGroup::ConnectionConfig,
        &provider.connection_config,
        &mut accepted.connection_config,
        &none,
        &mut issues,
    );
    apply(
        mode,
        FieldGroup::AssertionOption,
        &provider.assertion_option,
        &mut accepted.assertion_option,
        &none,
        &mut issues,
    );
    hosts(provider, &accepted.connection_config, &mut issues);
    if issues.is_empty() { Ok(accepted) } else { Err(issues) }
}

fn issue(group: FieldGroup, name: &str, title: Option<&str>, rule: IssueRule, predicate: &str) -> FieldIssue {
    let title =
        title.filter(|title| !title.is_empty()).or_else(|| base::title(name)).unwrap_or(name).to_owned();
    FieldIssue { group, name: name.to_owned(), message: format!("{title} {predicate}"), title, rule }
}

/// A field of the mode that the definition says nothing about. BASIC parts may be empty (3.2); what OAUTH2_CC
/// lacks is told by the mode itself, with codes of its own; TBA's overrides may come from the integration.
fn base_value(
    mode: AuthMode,
    name: &str,
    optional: bool,
    values: &Map<String, Value>,
    issues: &mut Vec<FieldIssue>,
) {
    let group = FieldGroup::Credentials;
    let optional = optional
        || matches!(mode, AuthMode::Basic | AuthMode::Oauth2Cc)
        || (mode == AuthMode::Tba && name.starts_with("oauth_"));
    match values.get(name) {
        None | Some(Value::Null) if optional => {}
        None | Some(Value::Null) => issues.push(issue(group, name, None, IssueRule::Required, "is required")),
        Some(Value::String(text)) if text.is_empty() && !optional => {
            issues.push(issue(group, name, None, IssueRule::Required, "is required"));
        }
        Some(Value::String(text)) => {
            let short = matches!(mode, AuthMode::ApiKey | AuthMode::Basic);
            if short && text.chars().count() > SHORT_CREDENTIAL_CHARS {
                let predicate = format!("is longer than {SHORT_CREDENTIAL_CHARS} characters");
                issues.push(issue(group, name, None, IssueRule::Length, &predicate));
            }
        }
        Some(_) => issues.push(issue(group, name, None, IssueRule::Type, "must be a text")),
    }
}

fn apply(
    mode: AuthMode,
    group: FieldGroup,
    rules: &OrderedMap<FieldRule>,
    values: &mut Map<String, Value>,
    skipped: &dyn Fn(&str) -> bool,
    issues: &mut Vec<FieldIssue>,
) {
    let jwt = mode == AuthMode::Jwt;
    for (name, rule) in rules.iter() {
        if rule.automated || skipped(name) {
            continue;
        }
        let title = Some(rule.title.as_str());
        match values.get(name) {
            None | Some(Value::Null) => match &rule.default_value {
                Some(default) => {
                    values.insert(name.to_owned(), Value::String(default.clone()));
                }
                None if rule.hidden || rule.optional => {}
                None => issues.push(issue(group, name, title, IssueRule::Required, "is required")),
            },
            Some(Value::String(text)) => {
                if let Err((broken, predicate)) = check(rule, text) {
                    issues.push(issue(group, name, title, broken, &predicate));
                }
            }
            // JWT bodies may carry a key as an object of its parts.
            Some(Value::Object(_)) if jwt && group == FieldGroup::Credentials => {}
            Some(_) if rule.hidden => {}
            Some(_) => issues.push(issue(group, name, title, IssueRule::Type, "must be a text")),
        }
    }
}

/// A value that will stand in a host must be able to, hidden fields included: it is told in the form, not at the
/// first call.
fn hosts(provider: &Provider, values: &Map<String, Value>, issues: &mut Vec<FieldIssue>) {
    for HostUse { name, place } in provider.host_uses() {
        let Some(Value::String(text)) = values.get(name).filter(|value| value.as_str() != Some("")) else {
            continue;
        };
        if issues.iter().any(|issue| issue.name == name) {
            continue;
        }
        if let Err(predicate) = place.check(text) {
            let title = provider.connection_config.get(name).map(|rule| rule.title.as_str());
            issues.push(issue(FieldGroup::ConnectionConfig, name, title, IssueRule::Host, predicate));
        }
    }
}
