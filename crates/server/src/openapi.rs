//! `/openapi.json`: the description of every route, merged from the areas' own.

use axum::Router;
use axum::routing::get;
use http::{HeaderValue, header};
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApiBuilder};

use crate::api;
use crate::state::AppState;
use crate::wire::Answer;

/// The route of the description.
pub fn routes() -> Router<AppState> {
    Router::new().route("/openapi.json", get(describe))
}

async fn describe() -> impl axum::response::IntoResponse {
    let answer = Answer(http::StatusCode::OK, document());
    ([(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))], answer)
}

/// The whole description.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut components = Components::new();
    components.add_security_scheme("apiKey", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    components.add_security_scheme("connectSession", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let mut document = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Dovetail")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "Link users' accounts at other services and call those services through them.",
                ))
                .build(),
        )
        .components(Some(components))
        .build();
    for part in api::docs() {
        document.merge(part);
    }
    document
}

/// The description of one area, made by `#[derive(OpenApi)]`.
pub(crate) fn of<T: OpenApi>() -> utoipa::openapi::OpenApi {
    T::openapi()
}
