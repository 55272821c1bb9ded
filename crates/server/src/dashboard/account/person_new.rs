//! `/dashboard/{environment}/account/people/new`: an account for somebody else, with a first password shown once.

use askama::Template;
use axum::response::Response;
use dovetail_model::{Role, Secret};
use dovetail_store::users;
use http::StatusCode;

use super::people::{ROLES, administrators_only};
use crate::dashboard::audit::note_member;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::limits::FIRST_PASSWORD_CHARS;
use crate::dashboard::page::{page, page_with};
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::{AnyVisit, Visit};
use crate::dashboard::{password, rules};

struct Choice {
    value: &'static str,
    label: &'static str,
    text: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "dashboard/account/person_new.html")]
struct NewPersonPage {
    shell: Shell,
    email: String,
    roles: Vec<Choice>,
    errors: FieldErrors,
}

#[derive(Template)]
#[template(path = "dashboard/account/person_added.html")]
struct AddedPage<'a> {
    shell: Shell,
    email: String,
    password: &'a str,
    address: String,
}

/// The form.
pub(crate) async fn show(AnyVisit(visit): AnyVisit) -> Result<Response, PageError> {
    administrators_only(&visit)?;
    form(&visit, StatusCode::OK, String::new(), Role::DevelopmentFullAccess, FieldErrors::default())
}

/// Makes the account and shows its first password, this once.
pub(crate) async fn add(AnyVisit(visit): AnyVisit, fields: Fields) -> Result<Response, PageError> {
    administrators_only(&visit)?;
    let email = fields.get("email").to_lowercase();
    let role = Role::parse(fields.get("role")).ok_or(PageError::Malformed)?;
    let mut errors = FieldErrors::default();
    rules::email(&email, "email", &mut errors);
    if errors.is_empty() {
        let app = visit.app();
        let first = Secret::new(app.random.alphanumeric(FIRST_PASSWORD_CHARS));
        let hash = password::hash(first.clone(), &*app.random).await.map_err(PageError::internal)?;
        let mut tx = app.store.begin().await?;
        if let Some(user) = users::create(&mut tx, &email, &email, &hash, role).await? {
            note_member(&mut tx, &visit, "added", &user).await?;
            tx.commit().await?;
            return page(&AddedPage {
                shell: shell(&visit, "Person added"),
                email,
                password: first.expose(),
                address: app.config.absolute("/dashboard"),
            });
        }
        errors.add("email", "Somebody with this e-mail address has an account already.");
    }
    form(&visit, StatusCode::BAD_REQUEST, email, role, errors)
}

fn form(
    visit: &Visit,
    status: StatusCode,
    email: String,
    role: Role,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let roles = ROLES
        .iter()
        .map(|(value, label, text)| Choice { value: value.as_str(), label, text, chosen: *value == role })
        .collect();
    page_with(status, &NewPersonPage { shell: shell(visit, "Add person"), email, roles, errors })
}

fn shell(visit: &Visit, title: &str) -> Shell {
    visit.shell(Section::Account, title).crumb("Account", "/account").crumb("People", "/account/people")
}
