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
}

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
                title: if rule.title.is_empty() { name.to_owned() } else { rule.title.clone() },
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
            }
        })
        .collect()
}

/// What was typed; `None` for providers without such fields. An empty secret field means "keep".
pub(super) fn submitted(provider: &Provider, fields: &Fields) -> Option<Vec<(String, String)>> {
    if provider.integration_config.is_empty() {
        return None;
    }
    let typed = fields.prefixed(PREFIX).filter(|(name, value)| {
        let secret = provider.integration_config.get(name).is_some_and(|rule| rule.secret);
        !(value.is_empty() && secret)
    });
    Some(typed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}
