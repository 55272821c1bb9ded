//! The list of fields a form asks for.

use dovetail_model::AuthMode;
use serde::Serialize;
use serde_json::{Map, Value};

use super::base::{self, base_fields};
use crate::definition::{FieldFormat, FieldRule, Provider};

/// Where a field's value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldGroup {
    /// Into the credentials.
    Credentials,
    /// Into the connection config (`params` on the wire).
    ConnectionConfig,
    /// Used once to build an assertion.
    AssertionOption,
    /// Onto the integration.
    IntegrationConfig,
}

impl FieldGroup {
    /// The name in definitions and guides.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::ConnectionConfig => "connection_config",
            Self::AssertionOption => "assertion_option",
            Self::IntegrationConfig => "integration_config",
        }
    }
}

/// What a form knows besides the definition.
#[derive(Debug, Clone, Copy, Default)]
pub struct FormContext<'a> {
    /// Connection-config defaults of the connect session: these fields are hidden and filled.
    pub defaults: Option<&'a Map<String, Value>>,
    /// TWO_STEP fields that the integration has filled: not asked.
    pub preconfigured_credentials: &'a [String],
    /// The integration's own label of the API key (`keyLabel`): replaces the title.
    pub api_key_label: Option<&'a str>,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Where its value goes.
    pub group: FieldGroup,
    /// Its name there.
    pub name: String,
    /// Label.
    pub title: String,
    /// Help text.
    pub description: Option<String>,
    /// Text shown while it is empty.
    pub placeholder: Option<String>,
    /// Allowed values; empty when free.
    pub options: Vec<String>,
    /// Pattern in JavaScript's syntax.
    pub pattern: Option<String>,
    /// Named shape.
    pub format: Option<FieldFormat>,
    /// The definition's default.
    pub default_value: Option<String>,
    /// What stands in it at first (3.1). `None`: absent.
    pub initial: Option<String>,
    /// Decoration before the input.
    pub prefix: Option<String>,
    /// Decoration after the input.
    pub suffix: Option<String>,
    /// May be left empty.
    pub optional: bool,
    /// Not shown, but submitted: by the definition, or because the session filled it.
    pub hidden: bool,
    /// Masked.
    pub secret: bool,
    /// Filled by the session's defaults.
    pub preconfigured: bool,
    /// Anchor of the guide step that gives its value, with `#`.
    pub doc_section: Option<String>,
    /// Place in the form; ascending.
    pub order: i64,
}

impl Field {
    /// `credentials.apiKey`: how guides name it.
    pub fn path(&self) -> String {
        format!("{}.{}", self.group.as_str(), self.name)
    }
}

/// OAUTH2 inputs offered when the session brings them (bring your own app).
const OVERRIDES: [&str; 3] =
    ["oauth_client_id_override", "oauth_client_secret_override", "oauth_refresh_token_override"];

/// The fields of a provider's form, hidden ones included, in the order in which they are shown (3.1).
pub fn form_fields(provider: &Provider, context: &FormContext<'_>) -> Vec<Field> {
    let mut fields = Vec::new();
    let skipped = |name: &str| context.preconfigured_credentials.iter().any(|known| known == name);

    for base in base_fields(provider) {
        if skipped(base.name) {
            continue;
        }
        match provider.credentials.get(base.name) {
            Some(rule) if rule.automated => {}
            Some(rule) => fields.push(field(FieldGroup::Credentials, base.name, rule, context)),
            None => fields.push(Field {
                optional: base.optional,
                hidden: base.hidden,
                initial: (!base.hidden).then(String::new),
                ..bare(FieldGroup::Credentials, base.name, context)
            }),
        }
    }
    let known = |fields: &[Field], name: &str| fields.iter().any(|field| field.name == name);
    for (name, rule) in provider.credentials.iter() {
        if !rule.automated && !skipped(name) && !known(&fields, name) {
            fields.push(field(FieldGroup::Credentials, name, rule, context));
        }
    }
    if provider.auth_mode() == AuthMode::TwoStep {
        for (name, rule) in provider.integration_config.iter() {
            if !rule.automated && !skipped(name) && !provider.credentials.contains(name) {
                fields.push(Field { optional: false, ..field(FieldGroup::Credentials, name, rule, context) });
            }
        }
    }
    let config_from = fields.len();
    for (name, rule) in provider.connection_config.iter() {
        if !rule.automated {
            fields.push(field(FieldGroup::ConnectionConfig, name, rule, context));
        }
    }
    for (name, rule) in provider.assertion_option.iter() {
        fields.push(field(FieldGroup::AssertionOption, name, rule, context));
    }
    if provider.auth_mode() == AuthMode::Oauth2
        && let Some(defaults) = context.defaults
    {
        for name in OVERRIDES.into_iter().filter(|name| defaults.contains_key(*name)) {
            let value = defaults.get(name).and_then(Value::as_str).unwrap_or_default();
            fields.push(Field {
                optional: true,
                hidden: !value.is_empty(),
                preconfigured: !value.is_empty(),
                initial: Some(value.to_owned()),
                ..bare(FieldGroup::Credentials, name, context)
            });
        }
    }

    // `order` counts on connection config only; everything else follows from 100 on in the order of this list.
    let mut next = 100;
    for (at, field) in fields.iter_mut().enumerate() {
        let own = provider
            .connection_config
            .get(&field.name)
            .filter(|_| at >= config_from && field.group == FieldGroup::ConnectionConfig)
            .and_then(|rule| rule.order)
            .filter(|order| *order != 0);
        field.order = own.unwrap_or_else(|| {
            next += 1;
            next - 1
        });
    }
    fields.sort_by_key(|field| field.order);
    fields
}

fn bare(group: FieldGroup, name: &str, context: &FormContext<'_>) -> Field {
    let label = context.api_key_label.filter(|_| group == FieldGroup::Credentials && name == "apiKey");
    let title = label.or_else(|| base::title(name)).unwrap_or(name).to_owned();
    Field {
        group,
        name: name.to_owned(),
        placeholder: label.is_none().then(|| title.clone()),
        title,
        description: None,
        options: Vec::new(),
        pattern: None,
        format: None,
        default_value: None,
        initial: None,
        prefix: None,
        suffix: None,
        optional: false,
        hidden: false,
        secret: group == FieldGroup::Credentials && base::is_secret(name),
        preconfigured: false,
        doc_section: None,
        order: 0,
    }
}

fn field(group: FieldGroup, name: &str, rule: &FieldRule, context: &FormContext<'_>) -> Field {
    let bare = bare(group, name, context);
    let relabelled = context.api_key_label.is_some() && group == FieldGroup::Credentials && name == "apiKey";
    let preset = context
        .defaults
        .filter(|_| group == FieldGroup::ConnectionConfig)
        .and_then(|defaults| defaults.get(name))
        .filter(|value| !value.is_null())
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let title = if rule.title.is_empty() || relabelled { bare.title.clone() } else { rule.title.clone() };
    let initial = preset.clone().or_else(|| rule.default_value.clone()).or_else(|| {
        if rule.hidden {
            None
        } else if rule.optional {
            Some(String::new())
        } else {
            Some(rule.options.first().cloned().unwrap_or_default())
        }
    });
    Field {
        placeholder: if relabelled {
            None
        } else {
            Some(rule.example.clone().unwrap_or_else(|| title.clone()))
        },
        description: rule.description.clone().filter(|_| !relabelled),
        title,
        options: rule.options.clone(),
        pattern: rule.pattern.as_ref().map(|pattern| pattern.source().to_owned()),
        format: rule.format,
        default_value: rule.default_value.clone(),
        initial,
        prefix: rule.prefix.clone(),
        suffix: rule.suffix.clone(),
        optional: rule.optional,
        hidden: rule.hidden || preset.is_some(),
        secret: rule.secret || bare.secret,
        preconfigured: preset.is_some(),
        doc_section: rule.doc_section.clone(),
        ..bare
    }
}
