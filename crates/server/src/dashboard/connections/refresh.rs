//! `POST …/refresh`: new credentials now, whatever the plan says.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use dovetail_connect::refresh::machine::Wish;
use http::StatusCode;

use super::detail::{Check, Extra, href_of, load, render};
use crate::dashboard::audit;
use crate::dashboard::error::PageError;
use crate::dashboard::form::Fields;
use crate::dashboard::page::see_other;
use crate::dashboard::visit::Visit;

/// Asks the service for new credentials and tells how that went.
pub(crate) async fn refresh(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    _: Fields,
) -> Result<Response, PageError> {
    let connection = Arc::new(load(&visit, &params).await?);
    let info = &connection.info;
    let thing = (info.id.to_string(), info.connection_id.clone());
    audit::note_reveal(&visit, "connection", "refreshed", thing).await?;
    let Err(error) = visit.app().refresher.refresh(&connection, Wish::Forced).await else {
        return Ok(see_other(&format!("{}?done=refreshed", href_of(&visit, &connection))));
    };
    let check = Check {
        tone: "bad",
        icon: "alert",
        title: "The credentials were not refreshed".to_owned(),
        text: sentence(&error.to_string()),
    };
    // What the refresh wrote down is part of the page.
    let connection = load(&visit, &params).await?;
    let extra = Extra { check: Some(check), ..Extra::default() };
    render(&visit, &connection, StatusCode::OK, extra).await
}

/// An error's text as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_a_sentence() {
        assert_eq!(sentence("the connection is gone"), "The connection is gone.");
        assert_eq!(sentence("Coda answered 401."), "Coda answered 401.");
        assert_eq!(sentence(""), ".");
    }
}
