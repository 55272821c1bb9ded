//! The external ID of an AWS role that is about to be linked: shown before the role is submitted, because the role's
//! trust policy has to name it, and never taken from a browser (AWS's confused deputy; auth-modes.md section 18).

use aws_lc_rs::digest::{SHA256, digest};
use dovetail_model::{ConnectSession, Environment};
use serde_json::Value;
use uuid::Builder;

/// Where it stands in a connection's configuration.
pub(crate) const EXTERNAL_ID: &str = "external_id";

/// The one of this session and integration: the same as often as it is asked for, and no other session's.
/// A backend may set one of its own with the session.
pub(crate) fn of_session(environment: &Environment, session: &ConnectSession, key: &str) -> String {
    let defaults = session.defaults.as_ref().and_then(|defaults| defaults.get(key));
    let config = defaults.and_then(|defaults| defaults.connection_config.as_ref());
    let own = config.and_then(|config| config.get(EXTERNAL_ID)).and_then(Value::as_str);
    own.filter(|own| !own.is_empty()).map_or_else(|| derived(environment, session, key), str::to_owned)
}

/// Shaped as a UUID version 4, which is what roles made for the reference name.
fn derived(environment: &Environment, session: &ConnectSession, key: &str) -> String {
    let text = format!("{} {} {} {key}", environment.uuid, session.id, session.created_at.0);
    let hash = digest(&SHA256, text.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}
