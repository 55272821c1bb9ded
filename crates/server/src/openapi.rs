//! `/openapi.json`: the description of every route, merged from the areas' own.

use axum::Router;
use axum::routing::get;
use http::{HeaderValue, header};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, Deprecated, InfoBuilder, OpenApi, OpenApiBuilder};

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
pub fn document() -> OpenApi {
    let mut components = Components::new();
    let bearer = || SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.add_security_scheme(API_KEY, bearer());
    components.add_security_scheme(CONNECT_SESSION, bearer());
    let in_query = ApiKey::Query(ApiKeyValue::new("connect_session_token"));
    components.add_security_scheme(CONNECT_SESSION_QUERY, SecurityScheme::ApiKey(in_query));
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
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            finish(operation, method, path);
        }
    }
    document
}

const API_KEY: &str = "apiKey";
const CONNECT_SESSION: &str = "connectSession";
const CONNECT_SESSION_QUERY: &str = "connectSessionQuery";

/// Gives an operation what its annotation left out: an id that no other has, and the credentials of its area.
fn finish(operation: &mut Operation, method: &str, path: &str) {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let id = words.fold(method.to_owned(), |id, word| id + "_" + word);
    operation.operation_id = Some(id);
    if operation.security.is_none()
        && let Some(scheme) = scheme_of(path)
    {
        operation.security = Some(vec![SecurityRequirement::new::<_, _, String>(scheme, [])]);
    }
}

/// What the routes of an area accept; `None` for those that anybody may call.
fn scheme_of(path: &str) -> Option<&'static str> {
    let first = path.split('/').nth(1).unwrap_or_default();
    match (first, path) {
        // Telemetry has its token in the body.
        ("health" | "webhook" | "ready" | "env.js" | "providers.json" | "images", _)
        | (
            _,
            "/connect/telemetry"
            | "/oauth/callback"
            | "/oauth/client-metadata/{environmentUuid}/{providerConfigKey}",
        ) => None,
        (_, "/connect/session" | "/connect/session/attempts/{attemptId}") => Some(CONNECT_SESSION),
        ("api-auth" | "auth" | "oauth" | "oauth2", _) => Some(CONNECT_SESSION_QUERY),
        _ => Some(API_KEY),
    }
}

/// The operations of a path with their methods.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Describes an older spelling of routes: the same operations under `alias`, marked as deprecated.
pub(crate) fn alias(document: &mut OpenApi, described: &OpenApi, path: &str, alias: &str) {
    let Some(mut item) = described.paths.paths.get(path).cloned() else { return };
    for (_, operation) in operations(&mut item) {
        operation.deprecated = Some(Deprecated::True);
    }
    document.paths.paths.insert(alias.to_owned(), item);
}

/// The description of one area, made by `#[derive(OpenApi)]`.
pub(crate) fn of<T: utoipa::OpenApi>() -> OpenApi {
    T::openapi()
}
