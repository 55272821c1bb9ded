//! `/dashboard/environments/new`: create an environment.

use askama::Template;
use axum::response::Response;
use dovetail_model::names::is_environment_name;
use dovetail_store::environments::NewEnvironment;
use http::StatusCode;

use super::error::PageError;
use super::errors::FieldErrors;
use super::form::Fields;
use super::page::{page_with, see_other};
use super::refusal::Refusal;
use super::shell::base_of;
use super::visit::SignedIn;
use crate::actions::environments::{PROD, create as create_environment};

/// Names that are pages of the dashboard.
const RESERVED: [&str; 5] = ["environments", "setup", "sign-in", "sign-out", "theme"];

#[derive(Template)]
#[template(path = "dashboard/environment_new.html")]
struct NewEnvironmentPage {
    csrf: String,
    theme: &'static str,
    name: String,
    is_production: bool,
    errors: FieldErrors,
}

/// The form.
pub(crate) async fn show(by: SignedIn) -> Result<Response, PageError> {
    render(by, StatusCode::OK, String::new(), false, FieldErrors::default())
}

/// Creates it and goes there.
pub(crate) async fn create(by: SignedIn, fields: Fields) -> Result<Response, PageError> {
    if !by.person.is_administrator() {
        return Err(PageError::Forbidden);
    }
    let name = fields.get("name").to_owned();
    let is_production = fields.flag("is_production") || name == PROD;
    if let Some(message) = wrong_name(&name) {
        let errors = FieldErrors::one("name", message);
        return render(by, StatusCode::BAD_REQUEST, name, is_production, errors);
    }
    let new = NewEnvironment { name: name.clone(), is_production, ..NewEnvironment::default() };
    match create_environment(&by.app, &by.actor(), new).await {
        Ok(_) => Ok(see_other(&format!("{}?done=environment", base_of(&name)))),
        Err(error) => {
            let errors = FieldErrors::one("name", Refusal::of(error)?.text);
            render(by, StatusCode::BAD_REQUEST, name, is_production, errors)
        }
    }
}

fn wrong_name(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("The name is missing.")
    } else if !is_environment_name(name) {
        Some("Use small letters, digits, dashes and underscores only, up to 255 of them.")
    } else if RESERVED.contains(&name) {
        Some("This name is a page of the dashboard. Choose another.")
    } else {
        None
    }
}

fn render(
    by: SignedIn,
    status: StatusCode,
    name: String,
    is_production: bool,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    page_with(status, &NewEnvironmentPage { csrf: by.csrf, theme: by.theme, name, is_production, errors })
}
