//! `POST …/webhook`: the connection's own webhook URL.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use dovetail_model::UrlOverride;
use dovetail_store::connections;
use http::StatusCode;

use super::detail::{Extra, href_of, load, render};
use crate::dashboard::audit;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::page::see_other;
use crate::dashboard::settings::webhooks::target;
use crate::dashboard::visit::Visit;

/// Sets it; the empty text clears it.
pub(crate) async fn save(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    fields: Fields,
) -> Result<Response, PageError> {
    let connection = load(&visit, &params).await?;
    let url = fields.get("webhook_url_override").to_owned();
    let mut errors = FieldErrors::default();
    target(visit.app(), &url, "webhook_url_override", &mut errors);
    if !errors.is_empty() {
        let extra = Extra { errors, webhook_url: Some(url), ..Extra::default() };
        return render(&visit, &connection, StatusCode::BAD_REQUEST, extra).await;
    }
    let mut tx = visit.app().store.begin().await?;
    let change = UrlOverride::from_field(Some(url));
    connections::set_webhook_url(&mut tx, visit.env(), connection.info.id, change).await?;
    let thing = (connection.info.id.to_string(), connection.info.connection_id.clone());
    audit::note(&mut tx, &visit, "connection", "updated", thing, vec!["webhook_url_override"]).await?;
    tx.commit().await?;
    Ok(see_other(&format!("{}?done=webhook-url", href_of(&visit, &connection))))
}
