//! Fields of an integration's own configuration (`integration_config` of a definition).

use std::collections::BTreeMap;

use dovetail_catalog::Provider;
use dovetail_model::Secret;

use crate::dashboard::form::Fields;

/// Form names of these fields begin with this.
const PREFIX: &str = "config.";

/// One input.
pub(super) struct ConfigField {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) value: String,
    pub(super) example: Option<String>,
    pub(super) prefix: Option<String>,
    pub(super) suffix: Option<String>,
    pub(super) choices: Vec<String>,
    pub(super) optional: bool,
    pub(super) secret: bool,
    /// A secret is stored and may be removed.
    pub(super) removable: bool,
    /// The field and value that show it, for scripts: `config.a=b`, several joined by `&`.
    pub(super) when: String,
    /// The same for people.
    pub(super) only_when: Option<String>,
    /// Advice on chosen values: its condition and the text.
    pub(super) warnings: Vec<(String, String)>,
}

/// Name of the tick that removes a stored secret.
const REMOVE: &str = "config-remove.";

/// The inputs for a provider. A stored secret is not shown again: its field is empty and keeps it.
pub(super) fn inputs(provider: &Provider, values: &BTreeMap<String, Secret>) -> Vec<ConfigField> {
    let shown = provider.integration_config.iter().filter(|(_, rule)| !rule.hidden && !rule.automated);
    shown
        .map(|(name, rule)| {
            let stored = values.get(name);
            let value = match stored {
                Some(_) if rule.secret => String::new(),
                Some(value) => value.expose().to_owned(),
                None => rule.default_value.clone().unwrap_or_default(),
            };
            ConfigField {
                name: name.to_owned(),
                title: title(provider, name),
                description: rule.description.clone().unwrap_or_default(),
                value,
                example: match stored {
                    Some(_) if rule.secret => Some("Stored. Type to replace it.".to_owned()),
                    _ => rule.example.clone(),
                },
                prefix: rule.prefix.clone(),
                suffix: rule.suffix.clone(),
                choices: rule.options.clone(),
                optional: rule.optional,
                secret: rule.secret,
                removable: rule.secret && rule.optional && stored.is_some_and(|value| !value.is_empty()),
                when: conditions(provider, name),
                only_when: rule.visible_when.as_ref().map(|when| {
                    format!("Only when “{}” is “{}”.", title(provider, &when.field), when.equals)
                }),
                warnings: rule
                    .warnings
                    .iter()
                    .map(|(option, text)| (format!("{PREFIX}{name}={option}"), text.clone()))
                    .collect(),
            }
        })
        .collect()
}

fn title(provider: &Provider, name: &str) -> String {
    let rule = provider.integration_config.get(name);
    rule.map(|rule| rule.title.clone()).filter(|title| !title.is_empty()).unwrap_or_else(|| name.to_owned())
}

/// The whole chain of conditions: a field is shown only where its controlling field is.
fn conditions(provider: &Provider, name: &str) -> String {
    let mut all = Vec::new();
    let mut at = name.to_owned();
    while let Some(when) = provider.integration_config.get(&at).and_then(|rule| rule.visible_when.as_ref()) {
        if all.len() >= provider.integration_config.len() {
            break;
        }
        all.push(format!("{PREFIX}{}={}", when.field, when.equals));
        at.clone_from(&when.field);
    }
    all.join("&")
}

/// What was typed; `None` for providers without such fields. An empty secret field means "keep", unless it is ticked
/// to be removed.
pub(super) fn submitted(provider: &Provider, fields: &Fields) -> Option<Vec<(String, String)>> {
    if provider.integration_config.is_empty() {
        return None;
    }
    let removed: Vec<&str> = fields.prefixed(REMOVE).map(|(name, _)| name).collect();
    let typed = fields.prefixed(PREFIX).filter(|(name, value)| {
        let secret = provider.integration_config.get(name).is_some_and(|rule| rule.secret);
        !(value.is_empty() && secret) || removed.contains(name)
    });
    Some(typed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}
