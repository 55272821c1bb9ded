//! `POST …/delete`.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;

use super::detail::{Extra, load, render};
use crate::actions::delete_connection::delete_connection;
use crate::auth::Reach;
use crate::dashboard::error::PageError;
use crate::dashboard::form::Fields;
use crate::dashboard::page::see_other;
use crate::dashboard::rules;
use crate::dashboard::visit::Visit;

/// Deletes the connection, once its id has been typed.
pub(crate) async fn delete(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    fields: Fields,
) -> Result<Response, PageError> {
    let connection = load(&visit, &params).await?;
    let info = &connection.info;
    if let Some(errors) = rules::confirmation(fields.get("confirm"), &info.connection_id) {
        return render(&visit, &connection, StatusCode::BAD_REQUEST, Extra { errors, ..Extra::default() })
            .await;
    }
    delete_connection(
        visit.app(),
        &visit.environment,
        &visit.actor(),
        &Reach::default(),
        &info.provider_config_key,
        &info.connection_id,
    )
    .await
    .map_err(PageError::Api)?;
    Ok(see_other(&visit.path("/connections?done=connection-deleted")))
}
