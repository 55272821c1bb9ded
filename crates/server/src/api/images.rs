//! `GET /images/template-logos/{file}`: the picture of a provider.
//!
//! Logos are those of the catalogue folder (`<id>/logo.svg`). A provider without one gets a monogram: two letters on a colour that follows from its name, so that
//! it is the same on every page and in every version.

mod monogram;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::{HeaderValue, header};
use utoipa::OpenApi;

pub use monogram::monogram;

use crate::call::Head;
use crate::state::AppState;
use crate::validate::Schema as _;
use crate::validate::rules;
use crate::wire::{ApiError, ApiResult};

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new().route("/images/template-logos/{file}", get(template_logo))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(template_logo))]
pub struct Docs;

/// Pictures change with the catalogue only; a day keeps browsers from asking and still lets a new one arrive.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=86400");
/// A picture opened as a document may style itself and nothing else.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");

/// The logo of a provider as SVG. No authentication.
#[utoipa::path(
    get,
    path = "/images/template-logos/{file}",
    tag = "providers",
    params(("file" = String, Path, description = "The provider's name and `.svg`")),
    responses((status = 200, description = "The logo", content_type = "image/svg+xml"), (status = 404))
)]
async fn template_logo(head: Head) -> ApiResult<impl IntoResponse> {
    let name = head.param("file").strip_suffix(".svg").filter(|name| is_provider_name(name));
    let name = name.ok_or_else(|| ApiError::not_found("This logo does not exist."))?;
    let catalog = head.app.catalog.current();
    let provider = catalog.get(name).ok_or_else(|| ApiError::not_found("This provider does not exist."))?;
    let logo = catalog.logo(name).map(str::to_owned);
    let svg = logo.unwrap_or_else(|| monogram(name, &provider.display_name));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, CACHE),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    Ok((headers, svg))
}

fn is_provider_name(name: &str) -> bool {
    rules::provider_name().check(Some(&name.into())).is_ok()
}
