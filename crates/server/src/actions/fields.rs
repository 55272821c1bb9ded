//! Submitted fields against the definition's rules, with issues in the wire's shape (spec: providers.md 3.2).

use dovetail_catalog::{
    Accepted, FieldGroup, FieldIssue, FormContext, IssueRule, Provider, Submission, validate,
};
use dovetail_connect::config;
use dovetail_model::Integration;
use serde_json::{Map, Value};

use crate::validate::Issue;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// What an end user submitted.
#[derive(Debug, Default)]
pub(crate) struct Submitted {
    /// The body's credentials.
    pub(crate) credentials: Map<String, Value>,
    /// Configuration, with the session's values laid over the browser's.
    pub(crate) connection_config: Map<String, Value>,
    /// What is used once and not kept.
    pub(crate) assertion_option: Map<String, Value>,
}

/// What a browser may set of a connection's configuration.
pub(crate) fn from_browser(provider: &Provider, params: &Map<String, Value>) -> Map<String, Value> {
    config::from_browser(params, |key| provider.connection_config.contains(key))
}

/// Checks every known field and applies defaults. Issues of the configuration are those of the query, where it
/// comes from; else those of the body.
pub(crate) fn accept(
    provider: &Provider,
    integration: &Integration,
    submitted: Submitted,
) -> ApiResult<Accepted> {
    let preconfigured: Vec<String> = integration.secrets.custom.keys().cloned().collect();
    let context = FormContext { preconfigured_credentials: &preconfigured, ..FormContext::default() };
    let submission = Submission {
        credentials: &submitted.credentials,
        connection_config: &submitted.connection_config,
        assertion_option: &submitted.assertion_option,
    };
    validate(provider, &context, submission).map_err(|issues| refused(&issues, "params"))
}

/// As [`accept`], for an import by the product's backend: what is missing may come later, and configuration is part
/// of the body.
pub(crate) fn accept_import(
    provider: &Provider,
    integration: &Integration,
    submitted: Submitted,
) -> ApiResult<Accepted> {
    let preconfigured: Vec<String> = integration.secrets.custom.keys().cloned().collect();
    let context = FormContext { preconfigured_credentials: &preconfigured, ..FormContext::default() };
    let submission = Submission {
        credentials: &submitted.credentials,
        connection_config: &submitted.connection_config,
        assertion_option: &submitted.assertion_option,
    };
    let issues = match validate(provider, &context, submission) {
        Ok(accepted) => return Ok(accepted),
        Err(issues) => issues,
    };
    let wrong: Vec<FieldIssue> =
        issues.into_iter().filter(|issue| issue.rule != IssueRule::Required).collect();
    if wrong.is_empty() {
        return Ok(Accepted {
            credentials: submitted.credentials,
            connection_config: submitted.connection_config,
            assertion_option: submitted.assertion_option,
        });
    }
    let issues = wrong.iter().map(|issue| wire(issue, &[place(issue.group)])).collect();
    Err(ApiError::validation(ErrorCode::InvalidBody, issues))
}

fn refused(issues: &[FieldIssue], params: &str) -> ApiError {
    let (config, body): (Vec<_>, Vec<_>) =
        issues.iter().partition(|issue| issue.group == FieldGroup::ConnectionConfig);
    if !body.is_empty() {
        let issues = body.into_iter().map(|issue| wire(issue, &[])).collect();
        return ApiError::validation(ErrorCode::InvalidBody, issues);
    }
    let issues = config.into_iter().map(|issue| wire(issue, &[params])).collect();
    ApiError::validation(ErrorCode::InvalidQueryParams, issues)
}

fn place(group: FieldGroup) -> &'static str {
    match group {
        FieldGroup::ConnectionConfig => "connection_config",
        _ => "credentials",
    }
}

fn wire(issue: &FieldIssue, below: &[&str]) -> Issue {
    let code = match issue.rule {
        IssueRule::Required | IssueRule::Type => "invalid_type",
        IssueRule::Length => "too_big",
        IssueRule::Options => "invalid_value",
        IssueRule::Pattern | IssueRule::Format | IssueRule::Host => "invalid_format",
        IssueRule::Unknown => "unrecognized_keys",
    };
    let path = below.iter().copied().chain([issue.name.as_str()]);
    Issue::with_code(code, format!("{}.", issue.message), path)
}
