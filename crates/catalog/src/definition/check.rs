//! What the types alone do not say: names, patterns, references.

use super::{field::FieldRule, provider::Definition};
use crate::{
    limits::TEMPLATE_BYTES,
    ordered_map::OrderedMap,
    template::{Template, Tree},
};

/// The shelves there are (providers.md 2.1).
pub const CATEGORIES: &[&str] = &[
    "accounting",
    "analytics",
    "ats",
    "banking",
    "cms",
    "communication",
    "crm",
    "design",
    "dev-tools",
    "e-commerce",
    "erp",
    "gaming",
    "hr",
    "iam",
    "invoicing",
    "knowledge-base",
    "legal",
    "marketing",
    "mcp",
    "other",
    "payment",
    "popular",
    "productivity",
    "search",
    "social",
    "sports",
    "storage",
    "support",
    "surveys",
    "ticketing",
    "video",
];

/// One finding: the path of keys that leads to it, and what is wrong.
pub(crate) type Finding = (Vec<String>, String);

/// Every defect of a definition that deserialised.
pub(crate) fn check(definition: &Definition) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |path: &[&str], reason: String| {
        findings.push((path.iter().map(|key| (*key).to_owned()).collect(), reason));
    };

    if definition.display_name.trim().is_empty() {
        add(&["display_name"], "may not be empty".to_owned());
    }
    for category in &definition.categories {
        if !CATEGORIES.contains(&category.as_str()) {
            add(&["categories"], format!("unknown category `{category}`"));
        }
    }
    for (group, rules, dots) in [
        ("connection_config", &definition.connection_config, true),
        ("integration_config", &definition.integration_config, true),
        ("credentials", &definition.credentials, false),
        ("assertion_option", &definition.assertion_option, false),
    ] {
        for (name, rule) in rules.iter() {
            check_field(group, name, rule, rules, dots, &mut add);
        }
    }

    let proxy = &definition.proxy;
    if let Some(base) = &proxy.base_url {
        let source = base.source().trim_start();
        if !source.starts_with("https://") && !source.starts_with("http://") && !source.starts_with("${") {
            add(&["proxy", "base_url"], "must begin with https:// or with a placeholder".to_owned());
        }
    }
    for (name, _) in proxy.headers.iter() {
        if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b))
            || name.is_empty()
        {
            add(
                &["proxy", "headers", name],
                "header names are lower case: letters, digits, `_`, `.`, `-`".to_owned(),
            );
        }
    }
    if proxy.body.as_ref().is_some_and(|body| !matches!(body, Tree::Map(_))) {
        add(&["proxy", "body"], "must be a mapping".to_owned());
    }
    if proxy.verification.as_ref().is_some_and(|verification| verification.endpoints.is_empty()) {
        add(&["proxy", "verification", "endpoints"], "needs at least one endpoint".to_owned());
    }
    for (path, template) in templates(definition) {
        if template.source().len() > TEMPLATE_BYTES {
            add(&path, format!("template is longer than {TEMPLATE_BYTES} bytes"));
        }
        if let Some(placeholder) = template.never_resolves() {
            add(&path, format!("`{placeholder}` can never have a value: check its arguments and units"));
        }
    }
    findings
}

fn check_field(
    group: &str,
    name: &str,
    rule: &FieldRule,
    siblings: &OrderedMap<FieldRule>,
    dots: bool,
    add: &mut dyn FnMut(&[&str], String),
) {
    let legal = |b: u8| b.is_ascii_alphabetic() || b == b'_' || (dots && (b == b'.' || b == b'-'));
    if name.is_empty() || !name.bytes().all(legal) {
        add(
            &[group, name],
            if dots {
                "field names hold only letters, `_`, `.`, `-`"
            } else {
                "field names hold only letters and `_`"
            }
            .to_owned(),
        );
    }
    if let Some(Err(reason)) = rule.pattern.as_ref().map(|pattern| pattern.check()) {
        add(&[group, name, "pattern"], reason);
    }
    if let Some(default) = &rule.default_value
        && !rule.options.is_empty()
        && !rule.options.contains(default)
        && !default.is_empty()
    {
        add(&[group, name, "default_value"], format!("`{default}` is none of the options"));
    }
    if let Some(anchor) = &rule.doc_section {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !anchor.strip_prefix('#').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(legal)) {
            add(
                &[group, name, "doc_section"],
                "must be `#` and lower-case letters, digits, hyphens".to_owned(),
            );
        }
    }
    if let Some(condition) = &rule.visible_when
        && !siblings.contains(&condition.field)
    {
        add(&[group, name, "visible_when"], format!("there is no field `{}`", condition.field));
    }
}

fn templates(definition: &Definition) -> Vec<(Vec<&str>, &Template)> {
    let mut all: Vec<(Vec<&str>, &Template)> = Vec::new();
    for (key, template) in [
        ("authorization_url", &definition.authorization_url),
        ("pushed_authorization_request_url", &definition.pushed_authorization_request_url),
        ("refresh_url", &definition.refresh_url),
        ("request_url", &definition.request_url),
        ("registration_url", &definition.registration_url),
    ] {
        all.extend(template.iter().map(|template| (vec![key], template)));
    }
    for (key, map) in [
        ("token_params", &definition.token_params),
        ("authorization_params", &definition.authorization_params),
    ] {
        for (name, tree) in map.iter() {
            all.extend(tree.templates().into_iter().map(|template| (vec![key, name], template)));
        }
    }
    for (name, template) in definition.token_headers.iter() {
        all.push((vec!["token_headers", name], template));
    }
    let proxy = &definition.proxy;
    all.extend(proxy.base_url.iter().map(|template| (vec!["proxy", "base_url"], template)));
    all.extend(proxy.headers.iter().map(|(name, template)| (vec!["proxy", "headers", name], template)));
    all.extend(proxy.query.iter().map(|(name, template)| (vec!["proxy", "query", name], template)));
    if let Some(body) = &proxy.body {
        all.extend(body.templates().into_iter().map(|template| (vec!["proxy", "body"], template)));
    }
    if let Some(verification) = &proxy.verification {
        all.extend(
            verification
                .endpoints
                .iter()
                .map(|template| (vec!["proxy", "verification", "endpoints"], template)),
        );
    }
    if let Some(token) = &definition.token {
        all.extend(token.signing_key.iter().map(|template| (vec!["token", "signing_key"], template)));
    }
    all
}
