//! `POST /dashboard/{environment}/integrations/{key}/delete`.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;

use super::detail::{Refused, load, render};
use crate::actions::integrations::delete as delete_integration;
use crate::dashboard::error::PageError;
use crate::dashboard::form::Fields;
use crate::dashboard::page::see_other;
use crate::dashboard::rules;
use crate::dashboard::visit::Visit;

/// Deletes it, with its connections, once its key has been typed.
pub(crate) async fn delete(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    fields: Fields,
) -> Result<Response, PageError> {
    let integration = load(&visit, &params).await?;
    if let Some(errors) = rules::confirmation(fields.get("confirm"), &integration.unique_key) {
        let refused = Refused { errors, ..Refused::default() };
        return render(&visit, &integration, StatusCode::BAD_REQUEST, refused).await;
    }
    delete_integration(visit.app(), &visit.actor(), visit.env(), &integration.unique_key)
        .await
        .map_err(PageError::Api)?;
    Ok(see_other(&visit.path("/integrations?done=integration-deleted")))
}
