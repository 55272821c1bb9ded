//! `GET /providers.json`: the whole catalogue as one object. No authentication; limited by address.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use dovetail_catalog::Catalog;
use serde_json::Value;
use utoipa::OpenApi;

use super::providers::write_definition;
use crate::auth::Auth;
use crate::call::Head;
use crate::config::ServerConfig;
use crate::state::AppState;
use crate::wire::{ApiResult, json_text};

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
async fn providers_json(head: Head) -> ApiResult<impl IntoResponse> {
    Auth::public().check(&head)?;
    let catalog = head.app.catalog.current();
    let answers = head.app.catalog_answers.of(&catalog);
    Ok(json_text(answers.providers_json(&head.app.config)))
}

/// Definitions by provider name.
pub(crate) fn write(catalog: &Catalog, config: &ServerConfig) -> String {
    let mut out = String::from("{");
    for (id, json) in catalog.resolved() {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&Value::from(id).to_string());
        out.push(':');
        write_definition(&mut out, &json, config);
    }
    out.push('}');
    out
}
