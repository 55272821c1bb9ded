//! Values an integrator stores on an integration: the provider's own settings, or free ones.

use std::collections::BTreeMap;

use dovetail_catalog::{FieldIssue, PatchKind, Provider, validate_integration_config};
use dovetail_model::Secret;
use serde_json::{Map, Value};

use crate::wire::{ApiError, ApiResult};

type Values = Vec<(String, String)>;

/// The values of a new integration.
pub(super) fn accept(
    provider: &Provider,
    config: Option<Values>,
    custom: Option<Values>,
) -> ApiResult<BTreeMap<String, Secret>> {
    if declares_settings(provider) {
        refuse_custom(provider, custom.as_ref())?;
        let submitted = to_json(config.unwrap_or_default());
        let accepted = validate_integration_config(provider, PatchKind::Create, &Map::new(), &submitted);
        return accepted.map(from_json).map_err(refuse);
    }
    refuse_config(provider, config.as_ref())?;
    Ok(custom.unwrap_or_default().into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
}

/// Merges changed values into the stored ones.
pub(super) fn merge(
    provider: &Provider,
    stored: &mut BTreeMap<String, Secret>,
    config: Option<Values>,
    custom: Option<Values>,
) -> ApiResult<()> {
    if declares_settings(provider) {
        refuse_custom(provider, custom.as_ref())?;
    } else {
        refuse_config(provider, config.as_ref())?;
    }
    if let Some(config) = config {
        let before = to_json(stored.iter().map(|(name, value)| (name.clone(), value.expose().to_owned())));
        let accepted = validate_integration_config(provider, PatchKind::Patch, &before, &to_json(config));
        *stored = accepted.map(from_json).map_err(refuse)?;
    }
    for (name, value) in custom.unwrap_or_default() {
        stored.insert(name, Secret::new(value));
    }
    Ok(())
}

fn declares_settings(provider: &Provider) -> bool {
    !provider.integration_config.is_empty()
}

fn refuse_custom(provider: &Provider, custom: Option<&Values>) -> ApiResult<()> {
    match custom {
        None => Ok(()),
        Some(_) => Err(ApiError::invalid_body(format!(
            "{} has settings of its own: send integration_config instead of custom.",
            provider.display_name
        ))),
    }
}

fn refuse_config(provider: &Provider, config: Option<&Values>) -> ApiResult<()> {
    match config {
        None => Ok(()),
        Some(_) => Err(ApiError::invalid_body(format!(
            "{} has no settings for integration_config.",
            provider.display_name
        ))),
    }
}

fn refuse(issues: Vec<FieldIssue>) -> ApiError {
    let sentences: Vec<String> = issues.iter().map(|issue| format!("{}.", issue.message)).collect();
    ApiError::invalid_body(sentences.join(" "))
}

fn to_json(values: impl IntoIterator<Item = (String, String)>) -> Map<String, Value> {
    values.into_iter().map(|(name, value)| (name, Value::from(value))).collect()
}

fn from_json(values: Map<String, Value>) -> BTreeMap<String, Secret> {
    values
        .into_iter()
        .filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, Secret::new(text))),
            _ => None,
        })
        .collect()
}
