//! `GET /providers`: the catalogue, searched by name.

use serde_json::{Value, json};

use super::{search, shape};
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, Schema as _, field, object, rules};
use crate::wire::{Answer, ApiResult, ok};

/// Lists the providers of the catalogue.
#[utoipa::path(
    get,
    path = "/providers",
    tag = "providers",
    params(("search" = Option<String>, Query, description = "Part of a provider's name")),
    security(("apiKey" = []), ("connectSession" = [])),
    responses((status = 200, description = "`{\"data\": [Provider]}`"), (status = 401), (status = 403), (status = 429))
)]
pub(super) async fn list(call: Call) -> ApiResult<Answer<Value>> {
    Auth::session_or_key().check(&call).await?;
    let query = object((field("search", rules::integration_key().optional()),));
    let (term,) = validate::query(&query, &call.query)?;
    let catalog = call.app.catalog.current();
    let found: Vec<Value> = catalog
        .providers()
        .filter(|provider| term.as_deref().is_none_or(|term| search::matches(provider.id(), term)))
        .map(|provider| shape(provider, &call.app.config))
        .collect();
    Ok(ok(json!({ "data": found })))
}
