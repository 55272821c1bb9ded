//! `/dashboard/{environment}/settings/keys/{id}/revoke`.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use dovetail_model::ApiKey;
use dovetail_store::api_keys;
use http::StatusCode;

use crate::actions::api_keys::delete as delete_key;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::key_revoke;
use crate::dashboard::page::see_other;
use crate::dashboard::rules;
use crate::dashboard::shell::Section;
use crate::dashboard::visit::Visit;

/// Asks for the name.
pub(crate) async fn show(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
) -> Result<Response, PageError> {
    let key = load(&visit, &params).await?;
    render(&visit, key, StatusCode::OK, FieldErrors::default())
}

/// Revokes the key, once its name has been typed.
pub(crate) async fn revoke(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    fields: Fields,
) -> Result<Response, PageError> {
    let key = load(&visit, &params).await?;
    if let Some(errors) = rules::confirmation(fields.get("confirm"), &key.name) {
        return render(&visit, key, StatusCode::BAD_REQUEST, errors);
    }
    delete_key(visit.app(), &visit.actor(), visit.env(), key.id).await.map_err(PageError::Api)?;
    Ok(see_other(&visit.path("/settings/keys?done=key-revoked")))
}

pub(super) async fn load(visit: &Visit, params: &HashMap<String, String>) -> Result<ApiKey, PageError> {
    let id: Option<i64> = params.get("id").and_then(|id| id.parse().ok());
    let mut db = visit.app().store.read().await?;
    let keys = api_keys::list(&mut db, Some(visit.env())).await?;
    let found = keys.into_iter().find(|key| Some(key.id.0) == id);
    found.ok_or_else(|| PageError::not_found("This key", visit.path("/settings/keys")))
}

fn render(
    visit: &Visit,
    key: ApiKey,
    status: StatusCode,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let shell = visit
        .shell(Section::Settings, "Revoke API key")
        .crumb("Settings", "/settings")
        .crumb("API keys", "/settings/keys");
    key_revoke::confirm(visit, shell, "/settings/keys", key, status, errors)
}
