//! `/providers`: the catalogue (spec: http-api.md 2.4).

mod get;
mod list;
mod search;

use axum::Router;
use axum::routing;
use dovetail_catalog::Provider;
use serde_json::{Map, Value};
use utoipa::OpenApi;

use crate::config::ServerConfig;
use crate::state::AppState;

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/providers", routing::get(list::list))
        .route("/providers/{provider}", routing::get(get::get))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(list::list, get::get))]
pub struct Docs;

/// A provider as the wire shows it: its definition, its name and where its logo is.
pub(crate) fn shape(provider: &Provider, config: &ServerConfig) -> Value {
    let mut shape = Map::new();
    shape.insert("name".to_owned(), Value::from(provider.id()));
    shape.extend(definition(provider, config));
    shape.insert("logo_url".to_owned(), Value::from(logo_url(provider.id(), config)));
    Value::Object(shape)
}

/// A definition with links into our guides made absolute.
pub(crate) fn definition(provider: &Provider, config: &ServerConfig) -> Map<String, Value> {
    let mut definition = provider.raw().as_object().cloned().unwrap_or_default();
    for link in ["docs", "docs_connect", "setup_guide_url"] {
        if let Some(Value::String(url)) = definition.get_mut(link)
            && url.starts_with('/')
        {
            *url = config.absolute(url);
        }
    }
    definition
}

/// Where a provider's logo is.
pub(crate) fn logo_url(provider: &str, config: &ServerConfig) -> String {
    config.absolute(&format!("/images/template-logos/{provider}.svg"))
}
