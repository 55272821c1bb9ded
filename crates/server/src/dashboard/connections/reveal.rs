//! `POST …/reveal`: shows the credentials, and writes who saw them into the audit trail.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;

use super::detail::{Extra, load, render};
use crate::dashboard::audit;
use crate::dashboard::error::PageError;
use crate::dashboard::form::Fields;
use crate::dashboard::visit::Visit;

/// Reveals once: the next load of the page is masked again.
pub(crate) async fn reveal(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    _: Fields,
) -> Result<Response, PageError> {
    let connection = load(&visit, &params).await?;
    let info = &connection.info;
    let thing = (info.id.to_string(), info.connection_id.clone());
    audit::note_reveal(&visit, "connection", "credentials_revealed", thing).await?;
    render(&visit, &connection, StatusCode::OK, Extra { revealed: true, ..Extra::default() }).await
}
