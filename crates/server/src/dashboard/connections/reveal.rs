//! `POST …/reveal`: shows the credentials, and writes who saw them into the audit trail.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use super::detail::{Extra, load, render};
use crate::dashboard::audit::{self, Deed};
use crate::dashboard::error::PageError;
use crate::dashboard::form::Fields;
use crate::dashboard::visit::Visit;

/// Reveals once: the next load of the page is masked again.
pub(crate) async fn reveal(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    headers: HeaderMap,
    _: Fields,
) -> Result<Response, PageError> {
    let connection = load(&visit, &params).await?;
    let target = ("connection", connection.info.id.to_string(), connection.info.connection_id.clone());
    let deed = Deed::revealed("connection", "credentials_revealed", target);
    audit::record(&visit, &headers, deed).await?;
    render(&visit, &connection, StatusCode::OK, Extra { revealed: true, ..Extra::default() }).await
}
