//! `GET /providers/{provider}`: one provider of the catalogue.

use axum::response::IntoResponse;

use super::write_shape;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, field, object, rules};
use crate::wire::{ApiError, ApiResult, json_text};

/// Reads one provider.
#[utoipa::path(
    get,
    path = "/providers/{provider}",
    tag = "providers",
    params(("provider" = String, Path, description = "The provider's name")),
    security(("apiKey" = []), ("connectSession" = [])),
    responses((status = 200, description = "`{\"data\": Provider}`"), (status = 400), (status = 401), (status = 403), (status = 404), (status = 429))
)]
pub(super) async fn get(call: Call) -> ApiResult<impl IntoResponse> {
    Auth::session_or_key().limited().check(&call).await?;
    validate::no_query(&call.query)?;
    let (name,) = validate::params(&object((field("provider", rules::provider_name()),)), &call.params)?;
    let catalog = call.app.catalog.current();
    let provider = catalog
        .get(&name)
        .ok_or_else(|| ApiError::not_found(format!("The provider {name} is not in the catalogue.")))?;
    let mut body = String::from("{\"data\":");
    write_shape(&mut body, &name, provider.json(), &catalog.available_scopes(&name), &call.app.config);
    body.push('}');
    Ok(json_text(body))
}
