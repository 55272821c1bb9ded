//! Fields: texts for people, rules that agree with each other, secrets that are marked.

use super::Rules;
use crate::{
    definition::{FieldRule, Provider},
    fields::{FieldGroup, FormContext, fits, form_fields},
};

/// Endings of names whose values give access.
const SECRET_ENDINGS: [&str; 6] = ["password", "secret", "apikey", "api_key", "privatekey", "private_key"];

pub(super) fn check(provider: &Provider, rules: &mut Rules) {
    texts(provider, rules);
    for (group, fields) in [
        (FieldGroup::Credentials, &provider.credentials),
        (FieldGroup::ConnectionConfig, &provider.connection_config),
        (FieldGroup::AssertionOption, &provider.assertion_option),
        (FieldGroup::IntegrationConfig, &provider.integration_config),
    ] {
        for (name, rule) in fields.iter() {
            let path = [group.as_str(), name];
            consistent(&path, rule, rules);
            if group == FieldGroup::IntegrationConfig && !rule.hidden && !rule.automated {
                text(&path, &rule.title, rule.description.as_deref(), rules);
            }
            let lower = name.to_lowercase();
            if !rule.secret && !rule.hidden && SECRET_ENDINGS.iter().any(|ending| lower.ends_with(ending)) {
                rules.add(&path, "its name says secret, but it is not marked so", "Add `secret: true`.");
            }
        }
    }
    for host in provider.host_uses() {
        let Some(rule) = provider.connection_config.get(host.name) else { continue };
        let is_asked = !rule.automated && !rule.hidden;
        if is_asked && rule.pattern.is_none() && rule.format.is_none() && rule.options.is_empty() {
            rules.add(
                &["connection_config", host.name],
                "it becomes part of a host, and anything may be typed into it",
                "Add a `pattern`, `format` or `enum` that only hosts of this kind fit.",
            );
        }
    }
}

/// What the end user sees, the fields of the auth mode included.
fn texts(provider: &Provider, rules: &mut Rules) {
    for field in form_fields(provider, &FormContext::default()).iter().filter(|field| !field.hidden) {
        let path = [field.group.as_str(), &field.name];
        let own = match field.group {
            // TWO_STEP also asks for what its integration may bring.
            FieldGroup::Credentials => {
                provider.credentials.get(&field.name).or_else(|| provider.integration_config.get(&field.name))
            }
            FieldGroup::ConnectionConfig => provider.connection_config.get(&field.name),
            FieldGroup::AssertionOption => provider.assertion_option.get(&field.name),
            FieldGroup::IntegrationConfig => provider.integration_config.get(&field.name),
        };
        match own {
            Some(rule) => text(&path, &rule.title, rule.description.as_deref(), rules),
            None => rules.add(
                &path,
                format!("the form asks for `{}`, and the definition says nothing about it", field.name),
                format!("Add `{}.{}` with `title` and `description`.", path[0], path[1]),
            ),
        }
    }
}

fn text(path: &[&str], title: &str, description: Option<&str>, rules: &mut Rules) {
    if title.trim().is_empty() {
        rules.add(
            path,
            "it is shown and has no title",
            "Add the `title` that the provider's own screens use.",
        );
    }
    if description.is_none_or(|text| text.trim().is_empty()) {
        rules.add(
            path,
            "it is shown and has no description",
            "Add a `description`: what the value is and what it looks like.",
        );
    }
}

/// Whether the example shows the shape of a secret with its middle left out.
fn is_masked(example: &str) -> bool {
    ["**", "••", "...", "…"].iter().any(|mask| example.contains(mask))
}

/// Example and default must pass what a person's value must pass.
fn consistent(path: &[&str; 2], rule: &FieldRule, rules: &mut Rules) {
    let [group, name] = *path;
    if let Some(example) =
        rule.example.as_deref().filter(|example| !example.is_empty() && !is_masked(example))
        && let Err(predicate) = fits(rule, example)
    {
        rules.add(
            &[group, name, "example"],
            format!("its own rules refuse `{example}`: it {predicate}"),
            "Change the example, or the pattern, format or enum that refuses it.",
        );
    }
    if let Some(default) = rule.default_value.as_deref().filter(|default| !default.is_empty())
        && let Err(predicate) = fits(rule, default)
    {
        rules.add(
            &[group, name, "default_value"],
            format!("its own rules refuse `{default}`: it {predicate}"),
            "Change the default, or the pattern, format or enum that refuses it.",
        );
    }
    if rule.hidden && rule.automated {
        rules.add(path, "it is both hidden and automated", "Keep the one that is meant.");
    }
}
