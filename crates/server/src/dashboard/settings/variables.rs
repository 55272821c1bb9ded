//! `/dashboard/{environment}/settings/variables`: environment variables.

use askama::Template;
use axum::response::Response;
use dovetail_model::Secret;
use dovetail_store::environment_variables;
use http::StatusCode;

use super::Tab;
use crate::dashboard::audit;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::format::MASKED;
use crate::dashboard::limits::{MAX_VARIABLES, VARIABLE_BYTES};
use crate::dashboard::page::{page_with, see_other};
use crate::dashboard::parts::Item;
use crate::dashboard::rules;
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::Visit;

#[derive(Template)]
#[template(path = "dashboard/settings/variables.html")]
struct VariablesPage {
    shell: Shell,
    tab: Tab,
    rows: Vec<Item>,
    name: String,
    errors: FieldErrors,
    error: Option<String>,
}

/// The list, values masked.
pub(crate) async fn show(visit: Visit) -> Result<Response, PageError> {
    render(&visit, StatusCode::OK, None, "", FieldErrors::default(), None).await
}

/// Adds a variable, or replaces the value of one.
pub(crate) async fn save(visit: Visit, fields: Fields) -> Result<Response, PageError> {
    let name = fields.get("name");
    let value = fields.secret("value").cloned().unwrap_or_default();
    let mut errors = FieldErrors::default();
    rules::name(name, "name", &mut errors);
    if value.is_empty() {
        errors.add("value", "The value is missing.");
    } else if value.expose().len() > VARIABLE_BYTES {
        errors.add("value", format!("The value is longer than {VARIABLE_BYTES} bytes."));
    }
    if !errors.is_empty() {
        return render(&visit, StatusCode::BAD_REQUEST, None, name, errors, None).await;
    }
    let mut tx = visit.app().store.begin().await?;
    let mut all: Vec<(String, Secret)> = environment_variables::list(&mut tx, visit.env())
        .await?
        .into_iter()
        .map(|variable| (variable.name, variable.value))
        .filter(|(known, _)| known != name)
        .collect();
    if all.len() >= MAX_VARIABLES {
        let error = Some(format!("An environment has at most {MAX_VARIABLES} variables. Delete one first."));
        drop(tx);
        return render(&visit, StatusCode::BAD_REQUEST, None, name, errors, error).await;
    }
    all.push((name.to_owned(), value));
    environment_variables::replace(&mut tx, visit.env(), &all).await?;
    audit::note_environment(&mut tx, &visit, "variables_changed", Vec::new()).await?;
    tx.commit().await?;
    Ok(see_other(&visit.path("/settings/variables?done=variable")))
}

/// Shows one value, and writes who saw it into the audit trail.
pub(crate) async fn reveal(visit: Visit, fields: Fields) -> Result<Response, PageError> {
    let name = fields.get("name");
    let thing = (visit.env().to_string(), name.to_owned());
    audit::note_reveal(&visit, "environment", "variable_revealed", thing).await?;
    render(&visit, StatusCode::OK, Some(name), "", FieldErrors::default(), None).await
}

/// Deletes one.
pub(crate) async fn delete(visit: Visit, fields: Fields) -> Result<Response, PageError> {
    let mut tx = visit.app().store.begin().await?;
    let kept: Vec<(String, Secret)> = environment_variables::list(&mut tx, visit.env())
        .await?
        .into_iter()
        .map(|variable| (variable.name, variable.value))
        .filter(|(known, _)| known != fields.get("name"))
        .collect();
    environment_variables::replace(&mut tx, visit.env(), &kept).await?;
    audit::note_environment(&mut tx, &visit, "variables_changed", Vec::new()).await?;
    tx.commit().await?;
    Ok(see_other(&visit.path("/settings/variables?done=variable-deleted")))
}

async fn render(
    visit: &Visit,
    status: StatusCode,
    revealed: Option<&str>,
    name: &str,
    errors: FieldErrors,
    error: Option<String>,
) -> Result<Response, PageError> {
    let mut db = visit.app().store.read().await?;
    let variables = environment_variables::list(&mut db, visit.env()).await?;
    let rows = variables
        .into_iter()
        .map(|variable| {
            let masked = revealed != Some(variable.name.as_str());
            let value = if masked { MASKED.to_owned() } else { variable.value.expose().to_owned() };
            Item { name: variable.name, value, masked }
        })
        .collect();
    let page = VariablesPage {
        shell: visit.shell(Section::Settings, "Settings"),
        tab: Tab::Variables,
        rows,
        name: name.to_owned(),
        errors,
        error,
    };
    page_with(status, &page)
}
