//! `/connections/{connectionId}`: one file a method.

pub(super) mod delete;
pub(super) mod get;
pub(super) mod patch;

use crate::call::Head;
use crate::validate::rules::{connection_id, integration_key};
use crate::validate::{self, field, object};
use crate::wire::ApiResult;

/// The connection's id from the path.
fn path_id(call: &Head) -> ApiResult<String> {
    let (id,) = validate::params(&object((field("connectionId", connection_id()),)), &call.params)?;
    Ok(id)
}

/// The integration's key, the only query parameter.
fn query_key(call: &Head) -> ApiResult<String> {
    let (key,) = validate::query(&object((field("provider_config_key", integration_key()),)), &call.query)?;
    Ok(key)
}
