//! `/dashboard/{environment}/account/keys/new`: create an account key; it is shown once.

use askama::Template;
use axum::response::Response;
use dovetail_model::{Scope, Scopes};
use http::StatusCode;

use super::keys::SCOPES;
use super::people::administrators_only;
use crate::actions::api_keys::{Rights, create_for_account};
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::page::{page, page_with};
use crate::dashboard::refusal::Refusal;
use crate::dashboard::rules;
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::{AnyVisit, Visit};

struct Choice {
    value: &'static str,
    label: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "dashboard/account/key_new.html")]
struct NewKeyPage {
    shell: Shell,
    name: String,
    scopes: Vec<Choice>,
    errors: FieldErrors,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "dashboard/account/key_created.html")]
struct CreatedPage<'a> {
    shell: Shell,
    secret: &'a str,
}

/// The form.
pub(crate) async fn show(AnyVisit(visit): AnyVisit) -> Result<Response, PageError> {
    administrators_only(&visit)?;
    form(&visit, StatusCode::OK, "", &[Scope::ACCOUNT], FieldErrors::default(), None)
}

/// Creates the key and shows it, this once.
pub(crate) async fn create(AnyVisit(visit): AnyVisit, fields: Fields) -> Result<Response, PageError> {
    administrators_only(&visit)?;
    let name = fields.get("name");
    let chosen: Vec<Scope> = fields
        .all("scope")
        .filter_map(|value| SCOPES.iter().map(|(scope, _)| *scope).find(|scope| scope.as_str() == value))
        .collect();
    let mut errors = FieldErrors::default();
    rules::name(name, "name", &mut errors);
    let mut error = chosen.is_empty().then(|| "Choose at least one thing the key may do.".to_owned());
    if errors.is_empty() && error.is_none() {
        let scopes = Scopes::new(chosen.iter().copied());
        match create_for_account(visit.app(), &visit.actor(), name, Rights::of(scopes)).await {
            Ok(made) => {
                let shell = shell(&visit, "Key created");
                return page(&CreatedPage { shell, secret: made.secret.expose() });
            }
            Err(refused) => error = Some(Refusal::of(refused)?.text),
        }
    }
    form(&visit, StatusCode::BAD_REQUEST, name, &chosen, errors, error)
}

fn form(
    visit: &Visit,
    status: StatusCode,
    name: &str,
    chosen: &[Scope],
    errors: FieldErrors,
    error: Option<String>,
) -> Result<Response, PageError> {
    let scopes = SCOPES
        .iter()
        .map(|(scope, label)| Choice { value: scope.as_str(), label, chosen: chosen.contains(scope) })
        .collect();
    let shell = shell(visit, "Create account key");
    page_with(status, &NewKeyPage { shell, name: name.to_owned(), scopes, errors, error })
}

fn shell(visit: &Visit, title: &str) -> Shell {
    visit.shell(Section::Account, title).crumb("Account", "/account").crumb("Account keys", "/account/keys")
}
