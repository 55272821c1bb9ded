//! Where a value came from, and so under which code its issues are answered (spec: http-api.md 1.9).

use http::HeaderMap;
use serde_json::{Map, Value};

use super::object::{Fields, Object, object};
use super::schema::Schema;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// Checks a request body; `None` is no body.
pub fn body<S: Schema>(schema: &S, value: Option<&Value>) -> ApiResult<S::Out> {
    schema.check(value).map_err(|issues| ApiError::validation(ErrorCode::InvalidBody, issues))
}

/// Checks a parsed query string.
pub fn query<S: Schema>(schema: &S, value: &Value) -> ApiResult<S::Out> {
    schema.check(Some(value)).map_err(|issues| ApiError::validation(ErrorCode::InvalidQueryParams, issues))
}

/// Checks path parameters.
pub fn params<S: Schema>(schema: &S, value: &Value) -> ApiResult<S::Out> {
    schema.check(Some(value)).map_err(|issues| ApiError::validation(ErrorCode::InvalidUriParams, issues))
}

/// Checks request headers, names in lower case; a header that is not UTF-8 counts as absent. Others are ignored.
pub fn headers<F: Fields>(schema: Object<F>, headers: &HeaderMap) -> ApiResult<F::Out> {
    let named: Map<String, Value> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), Value::from(value.to_str().ok()?))))
        .collect();
    schema
        .loose()
        .check(Some(&Value::Object(named)))
        .map_err(|issues| ApiError::validation(ErrorCode::InvalidHeaders, issues))
}

/// Refuses any query parameter.
pub fn no_query(value: &Value) -> ApiResult<()> {
    query(&object(()), value)
}

/// Refuses a body with content; absent and `{}` are fine.
pub fn no_body(value: Option<&Value>) -> ApiResult<()> {
    match value {
        None => Ok(()),
        value => body(&object(()), value),
    }
}
