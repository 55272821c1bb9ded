//! `GET /providers.json`: the whole catalogue as one object. No authentication; limited by address.

use axum::Router;
use axum::routing::get;
use serde_json::{Map, Value};
use utoipa::OpenApi;

use super::providers::definition;
use crate::auth::Auth;
use crate::call::Head;
use crate::state::AppState;
use crate::wire::{Answer, ApiResult, ok};

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new().route("/providers.json", get(providers_json))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(providers_json))]
pub struct Docs;

/// Reads the whole catalogue.
#[utoipa::path(
    get,
    path = "/providers.json",
    tag = "providers",
    responses((status = 200, description = "Definitions by provider name"), (status = 429))
)]
async fn providers_json(head: Head) -> ApiResult<Answer<Map<String, Value>>> {
    Auth::public().check(&head)?;
    let catalog = head.app.catalog.current();
    let all = catalog
        .providers()
        .map(|provider| (provider.id().to_owned(), Value::Object(definition(provider, &head.app.config))))
        .collect();
    Ok(ok(all))
}
