//! Deeds on connections, as the audit trail tells them.

use dovetail_model::{Actor, ConnectionInfo, EnvironmentId};

use super::audit::Deed;

/// Something was done to a connection.
pub(crate) fn on_connection<'a>(
    by: &'a Actor,
    info: &ConnectionInfo,
    action: &'static str,
    fields: Vec<&'static str>,
) -> Deed<'a> {
    Deed {
        by,
        environment: Some(info.environment),
        resource: "connection",
        action,
        id: info.id.to_string(),
        display: display(&info.provider_config_key, &info.connection_id),
        fields,
    }
}

/// The metadata of a connection was changed. Its public id stands for it.
pub(crate) fn on_metadata<'a>(
    by: &'a Actor,
    environment: EnvironmentId,
    provider_config_key: &str,
    connection_id: &str,
) -> Deed<'a> {
    Deed {
        by,
        environment: Some(environment),
        resource: "connection",
        action: "metadata_updated",
        id: connection_id.to_owned(),
        display: display(provider_config_key, connection_id),
        fields: vec!["metadata"],
    }
}

fn display(provider_config_key: &str, connection_id: &str) -> String {
    format!("{connection_id} ({provider_config_key})")
}
