//! `GET /providers`: the catalogue, searched by name.

use axum::response::IntoResponse;

use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, Schema as _, field, object, rules};
use crate::wire::{ApiResult, json_text};

/// Lists the providers of the catalogue.
#[utoipa::path(
    get,
    path = "/providers",
    tag = "providers",
    params(("search" = Option<String>, Query, description = "Part of a provider's name")),
    security(("apiKey" = []), ("connectSession" = [])),
    responses((status = 200, description = "`{\"data\": [Provider]}`"), (status = 401), (status = 403), (status = 429))
)]
pub(super) async fn list(call: Call) -> ApiResult<impl IntoResponse> {
    Auth::session_or_key().limited().check(&call).await?;
    let query = object((field("search", rules::integration_key().optional()),));
    let (term,) = validate::query(&query, &call.query)?;
    let catalog = call.app.catalog.current();
    let answers = call.app.catalog_answers.of(&catalog);
    Ok(json_text(answers.providers(&call.app.config, term.as_deref())))
}
