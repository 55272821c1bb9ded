//! `AWS_SIGV4`: a role of the end user's account that we assume (auth-modes.md section 18).

mod identity;
mod settings;
mod sts;

use dovetail_model::{AwsSigv4Credentials, Credentials};
use serde_json::{Map, Value};

use super::text;
use crate::obtain::{ObtainError, Obtained, Party};
use settings::Settings;

pub use settings::SettingsError;

/// Key of the connection's configuration that guards against a confused deputy.
pub const EXTERNAL_ID: &str = "external_id";

/// What is assumed, and as whom.
pub(super) struct Role<'a> {
    pub(super) arn: &'a str,
    pub(super) external_id: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

/// Assumes the role and checks that the service knows us by it.
pub(super) async fn obtain(party: &Party<'_>, fields: &Map<String, Value>) -> Result<Obtained, ObtainError> {
    let settings = Settings::of(party.integration).map_err(unbuildable)?;
    let config = party.connection_config;
    let region =
        [text(fields, "region"), text(config, "region"), settings.default_region.unwrap_or_default()]
            .into_iter()
            .find(|region| !region.is_empty())
            .ok_or_else(|| unbuildable(SettingsError::Region))?;
    if !is_region(region) {
        return Err(ObtainError::Unbuildable("The region is not valid.".to_owned()));
    }
    let external_id = match text(config, EXTERNAL_ID) {
        "" => party.random.uuid_v4().to_string(),
        known => known.to_owned(),
    };
    let role =
        Role { arn: text(fields, "role_arn"), external_id: &external_id, region, service: settings.service };
    let credentials = sts::assume(party, &settings, &role).await?;
    identity::check(party, &role, &credentials).await?;
    let config =
        [(EXTERNAL_ID, &*external_id), ("role_arn", role.arn), ("region", region), ("service", role.service)];
    Ok(Obtained {
        credentials: Credentials::AwsSigv4(credentials),
        config: config.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect(),
    })
}

/// Assumes the same role again.
pub(crate) async fn renew(party: &Party<'_>, stored: &AwsSigv4Credentials) -> Result<Obtained, ObtainError> {
    let settings = Settings::of(party.integration).map_err(unbuildable)?;
    let external_id = match stored.external_id.as_deref() {
        None | Some("") => text(party.connection_config, EXTERNAL_ID),
        Some(known) => known,
    };
    let role = Role { arn: &stored.role_arn, external_id, region: &stored.region, service: settings.service };
    let credentials = sts::assume(party, &settings, &role).await?;
    Ok(Obtained { credentials: Credentials::AwsSigv4(credentials), config: Map::new() })
}

fn unbuildable(error: SettingsError) -> ObtainError {
    ObtainError::Unbuildable(error.to_string())
}

/// Whether a text can be a region: it becomes part of a host.
pub fn is_region(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
