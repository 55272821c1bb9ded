//! `POST …/tags`.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use dovetail_model::{TagError, Tags};
use dovetail_store::connections;
use http::StatusCode;

use super::detail::{Extra, href_of, load, render, tag};
use crate::dashboard::audit;
use crate::dashboard::error::PageError;
use crate::dashboard::form::Fields;
use crate::dashboard::page::see_other;
use crate::dashboard::visit::Visit;

/// Replaces the tags by those typed; rows without a name are left out.
pub(crate) async fn save(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    fields: Fields,
) -> Result<Response, PageError> {
    let connection = load(&visit, &params).await?;
    let typed: Vec<(String, String)> = fields
        .all("key")
        .zip(fields.all("value"))
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let tags = match Tags::parse(typed.clone()) {
        Ok(tags) => tags,
        Err(error) => {
            let rows = typed.iter().map(|(name, value)| tag(name, value)).collect();
            let extra = Extra { tags: Some((rows, sentence(&error))), ..Extra::default() };
            return render(&visit, &connection, StatusCode::BAD_REQUEST, extra).await;
        }
    };
    let mut tx = visit.app().store.begin().await?;
    connections::set_tags(&mut tx, visit.env(), connection.info.id, &tags).await?;
    let thing = (connection.info.id.to_string(), connection.info.connection_id.clone());
    audit::note(&mut tx, &visit, "connection", "updated", thing, vec!["tags"]).await?;
    tx.commit().await?;
    Ok(see_other(&format!("{}?done=tags", href_of(&visit, &connection))))
}

fn sentence(error: &TagError) -> String {
    match error {
        TagError::InvalidKey { key } => {
            format!(
                "“{key}” cannot be a name. Begin with a letter; use letters, digits and _ - . / up to 64."
            )
        }
        TagError::EmptyValue { key } => format!("The tag “{key}” has no value."),
        TagError::LongValue { key } => format!("The value of “{key}” is longer than 255 characters."),
        TagError::Duplicate { key } => format!("The tag “{key}” is there twice."),
        TagError::InvalidEmail => "The tag “end_user_email” holds no e-mail address.".to_owned(),
        TagError::TooMany => "A connection has at most ten tags.".to_owned(),
    }
}
