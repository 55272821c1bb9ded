//! A request that a routine of ours makes in a connection's name: built like every other call, but to a place that we
//! wrote and not the caller.

use super::{
    endpoint::definition_url,
    error::OutgoingError,
    facts::Call,
    request::{Request, finish},
};
use crate::template::Template;

/// Builds a call to `endpoint` below `base`, or below the definition's base URL. Both are trusted like a definition:
/// every name of the context counts, values are kept in their place (4.6). `call.endpoint` must be the endpoint's
/// source.
pub fn to_place(
    call: &Call<'_>,
    endpoint: &Template,
    base: Option<&Template>,
) -> Result<Request, OutgoingError> {
    let url = definition_url(call, endpoint, base)?;
    finish(call, url)
}
