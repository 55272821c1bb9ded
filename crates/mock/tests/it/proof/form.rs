//! A form takes good values and refuses bad ones.

use dovetail_catalog::{
    Field, FieldGroup, FormContext, Pattern, Provider, Submission, form_fields, validate,
};
use dovetail_mock::DemoCredential;
use dovetail_model::AuthMode;
use serde_json::{Map, Value};

#[derive(Clone, Default)]
struct Values {
    credentials: Map<String, Value>,
    connection_config: Map<String, Value>,
    assertion_option: Map<String, Value>,
}

impl Values {
    fn group(&mut self, group: FieldGroup) -> &mut Map<String, Value> {
        match group {
            FieldGroup::Credentials | FieldGroup::IntegrationConfig => &mut self.credentials,
            FieldGroup::ConnectionConfig => &mut self.connection_config,
            FieldGroup::AssertionOption => &mut self.assertion_option,
        }
    }
}

/// Names of the fields that are refused.
fn refused(provider: &Provider, values: &Values) -> Vec<String> {
    let submission = Submission {
        credentials: &values.credentials,
        connection_config: &values.connection_config,
        assertion_option: &values.assertion_option,
    };
    let issues = validate(provider, &FormContext::default(), submission).err().unwrap_or_default();
    issues.into_iter().map(|issue| issue.name).collect()
}

/// Values that no named shape, no pattern in use and no list of options takes, most alike to a good one first.
const BAD: [&str; 6] = ["a b!", "\u{7f}", "<>", "%", "é", " "];

pub(crate) fn check(provider: &Provider, demo: &[DemoCredential]) -> Result<(), String> {
    let fields: Vec<Field> =
        form_fields(provider, &FormContext::default()).into_iter().filter(|field| !field.hidden).collect();
    if let Some(untitled) = fields.iter().find(|field| field.title.trim().is_empty()) {
        return Err(format!("{} has no label", untitled.path()));
    }
    let mut good = Values::default();
    for field in &fields {
        let value = demo.iter().find(|demo| demo.field == field.path()).map(|demo| demo.value.clone());
        let value = value.or_else(|| field.initial.clone().filter(|text| !text.is_empty()));
        // The simulator has no values of the fields that only an assertion is made of.
        let value = value.or_else(|| stand_in(field).filter(|_| !field.optional));
        match value {
            Some(value) => {
                good.group(field.group).insert(field.name.clone(), value.into());
            }
            None if field.optional => {}
            None => return Err(format!("there is no example of {}", field.path())),
        }
    }
    let issues = refused(provider, &good);
    if !issues.is_empty() {
        return Err(format!("good values are refused: {}", issues.join(", ")));
    }
    for field in &fields {
        if let Some(bad) = bad_value(field) {
            let mut values = good.clone();
            values.group(field.group).insert(field.name.clone(), bad.into());
            if !refused(provider, &values).contains(&field.name) {
                return Err(format!("{} takes {bad:?}", field.path()));
            }
        }
        // Parts of BASIC that the definition does not mention may be empty (providers.md 3.2); what OAUTH2_CC and TBA
        // lack is told elsewhere.
        let own = provider.credentials.contains(&field.name) || field.group != FieldGroup::Credentials;
        let may_be_empty = field.optional
            || field.default_value.is_some()
            || (!own
                && !matches!(provider.auth_mode(), AuthMode::ApiKey | AuthMode::Bill | AuthMode::Signature));
        if !may_be_empty {
            let mut values = good.clone();
            values.group(field.group).insert(field.name.clone(), "".into());
            if !refused(provider, &values).contains(&field.name) {
                return Err(format!("{} may be empty", field.path()));
            }
        }
    }
    Ok(())
}

/// A value that the field's rules do not take; `None` where they take anything.
fn bad_value(field: &Field) -> Option<&'static str> {
    if field.format.is_some() || !field.options.is_empty() {
        return Some("a b!");
    }
    let pattern: Pattern = serde_json::from_value(field.pattern.clone()?.into()).ok()?;
    BAD.into_iter().find(|bad| !pattern.matches(bad))
}

/// The example, or any text where any text is taken.
fn stand_in(field: &Field) -> Option<String> {
    if !field.options.is_empty() {
        return field.options.first().cloned();
    }
    let example = field.placeholder.clone().filter(|example| {
        field.pattern.as_ref().is_none_or(|source| {
            serde_json::from_value::<Pattern>(source.clone().into())
                .is_ok_and(|pattern| pattern.matches(example))
        })
    });
    if field.pattern.is_none() && field.format.is_none() { Some("demo".to_owned()) } else { example }
}
