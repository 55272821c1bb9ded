//! `POST …/metadata`.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use dovetail_store::connections::{self, MetadataChange};
use http::StatusCode;
use serde_json::{Map, Value};

use super::detail::{Extra, href_of, load, render};
use crate::dashboard::audit;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::page::see_other;
use crate::dashboard::visit::Visit;

/// Replaces the metadata by the object typed.
pub(crate) async fn save(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    fields: Fields,
) -> Result<Response, PageError> {
    let connection = load(&visit, &params).await?;
    let text = fields.get("metadata");
    let metadata = match parse(text) {
        Ok(metadata) => metadata,
        Err(message) => {
            let errors = FieldErrors::one("metadata", message);
            let extra = Extra { errors, metadata: Some(text.to_owned()), ..Extra::default() };
            return render(&visit, &connection, StatusCode::BAD_REQUEST, extra).await;
        }
    };
    let info = &connection.info;
    let ids = std::slice::from_ref(&info.connection_id);
    let (key, change) = (&info.provider_config_key, MetadataChange::Replace);
    let mut tx = visit.app().store.begin().await?;
    connections::set_metadata(&mut tx, visit.env(), key, ids, &metadata, change).await?;
    let thing = (connection.info.id.to_string(), connection.info.connection_id.clone());
    audit::note(&mut tx, &visit, "connection", "metadata_updated", thing, vec!["metadata"]).await?;
    tx.commit().await?;
    Ok(see_other(&format!("{}?done=metadata", href_of(&visit, &connection))))
}

fn parse(text: &str) -> Result<Map<String, Value>, String> {
    if text.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(metadata)) => Ok(metadata),
        Ok(_) => Err("This is JSON, but no object. Begin with { and end with }.".to_owned()),
        Err(error) => Err(format!("This is not JSON: line {}, column {}.", error.line(), error.column())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_objects_are_metadata() {
        assert_eq!(parse("").unwrap().len(), 0);
        assert_eq!(parse(r#"{"plan":"pro"}"#).unwrap()["plan"], "pro");
        assert!(parse("[1]").unwrap_err().contains("no object"));
        assert_eq!(parse("{\n\"a\":}").unwrap_err(), "This is not JSON: line 2, column 5.");
    }
}
