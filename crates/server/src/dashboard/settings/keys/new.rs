//! `/dashboard/{environment}/settings/keys/new`: create a key; it is shown once.

use askama::Template;
use axum::response::Response;
use dovetail_model::{KeyLimits, Scopes};
use http::StatusCode;

use super::limits_form::LimitsForm;
use super::rights_form::{Group, RightsForm};
use crate::actions::api_keys::create as create_key;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::page::{page, page_with};
use crate::dashboard::refusal::Refusal;
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::Visit;
use crate::dashboard::{rules, snippets};

#[derive(Template)]
#[template(path = "dashboard/settings/key_new.html")]
struct NewKeyPage {
    shell: Shell,
    display_name: String,
    full: bool,
    groups: Vec<Group>,
    limits: LimitsForm,
    errors: FieldErrors,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "dashboard/settings/key_created.html")]
struct KeyCreatedPage<'a> {
    shell: Shell,
    secret: &'a str,
    export: String,
}

/// The form.
pub(crate) async fn show(visit: Visit) -> Result<Response, PageError> {
    let rights = RightsForm::of(&visit, &Scopes::full_environment(), &KeyLimits::default()).await?;
    form(&visit, StatusCode::OK, "", rights, FieldErrors::default(), None)
}

/// Creates the key and shows it, this once.
pub(crate) async fn create(visit: Visit, fields: Fields) -> Result<Response, PageError> {
    let name = fields.get("display_name");
    let typed = RightsForm::sent(&visit, &fields).await?;
    let mut errors = FieldErrors::default();
    rules::name(name, "display_name", &mut errors);
    let error = match typed.read(visit.now(), &mut errors) {
        Err(error) => Some(error),
        Ok(_) if !errors.is_empty() => None,
        Ok(rights) => match create_key(visit.app(), &visit.actor(), visit.env(), name, rights).await {
            Ok(created) => {
                let secret = created.secret.expose();
                return page(&KeyCreatedPage {
                    shell: shell(&visit, "Key created"),
                    secret,
                    export: snippets::export(secret),
                });
            }
            Err(refused) => Some(Refusal::of(refused)?.text),
        },
    };
    form(&visit, StatusCode::BAD_REQUEST, name, typed, errors, error)
}

pub(super) fn shell(visit: &Visit, title: &str) -> Shell {
    visit.shell(Section::Settings, title).crumb("Settings", "/settings").crumb("API keys", "/settings/keys")
}

fn form(
    visit: &Visit,
    status: StatusCode,
    name: &str,
    rights: RightsForm,
    errors: FieldErrors,
    error: Option<String>,
) -> Result<Response, PageError> {
    let page = NewKeyPage {
        shell: shell(visit, "Create API key"),
        display_name: name.to_owned(),
        full: rights.full,
        groups: rights.groups,
        limits: rights.limits,
        errors,
        error,
    };
    page_with(status, &page)
}
