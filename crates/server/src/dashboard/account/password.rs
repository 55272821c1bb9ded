//! `/dashboard/{environment}/account`: one's own password.

use askama::Template;
use axum::extract::Extension;
use axum::response::Response;
use dovetail_model::{AuditOutcome, Secret};
use dovetail_store::users;
use http::StatusCode;
use http::header::SET_COOKIE;

use super::Tab;
use crate::dashboard::audit::note_account;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::page::{page_with, see_other};
use crate::dashboard::password::{self, PasswordError};
use crate::dashboard::session;
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::throttle::Throttle;
use crate::dashboard::visit::{AnyVisit, Visit};

#[derive(Template)]
#[template(path = "dashboard/account/password.html")]
struct PasswordPage {
    shell: Shell,
    tabs: Vec<Tab>,
    tab: Tab,
    role: &'static str,
    errors: FieldErrors,
    error: Option<&'static str>,
}

/// The form.
pub(crate) async fn show(AnyVisit(visit): AnyVisit) -> Result<Response, PageError> {
    render(&visit, StatusCode::OK, FieldErrors::default(), None)
}

/// Changes the password. Every other browser of the person is signed out.
pub(crate) async fn change(
    AnyVisit(visit): AnyVisit,
    Extension(throttle): Extension<Throttle>,
    fields: Fields,
) -> Result<Response, PageError> {
    let (app, person) = (visit.app(), &visit.by.person);
    let origin = &visit.by.origin;
    let place = origin.address.map_or_else(String::new, |address| address.to_string());
    if throttle.attempt(&person.email, &place, app.now()).is_err() {
        let wait = "Too many attempts. Try again in a few minutes.";
        return render(&visit, StatusCode::TOO_MANY_REQUESTS, FieldErrors::default(), Some(wait));
    }
    let given = |name: &str| fields.secret(name).cloned().unwrap_or_default();
    let mut db = app.store.read().await?;
    let stored = users::get(&mut db, person.id).await?.map(|user| user.password_hash);
    drop(db);
    let right = match password::verify(given("current"), stored).await {
        Ok(right) => right,
        Err(PasswordError::Busy) => {
            let wait = "The server is checking other passwords. Try again in a moment.";
            return render(&visit, StatusCode::TOO_MANY_REQUESTS, FieldErrors::default(), Some(wait));
        }
        Err(error) => return Err(PageError::internal(error)),
    };
    let mut errors = FieldErrors::default();
    if right {
        throttle.succeeded(&person.email);
    } else {
        errors.add("current", "This is not your password.");
        let outcome = AuditOutcome::Failure;
        note_account(app, visit.actor(), origin, "password_changed", &person.email, outcome).await?;
    }
    let new = given("password");
    new_password(&new, &given("again"), &person.email, &mut errors);
    if !errors.is_empty() {
        return render(&visit, StatusCode::BAD_REQUEST, errors, None);
    }
    let hash = password::hash(new, &*app.random).await.map_err(PageError::internal)?;
    let mut tx = app.store.begin().await?;
    users::set_password(&mut tx, person.id, &hash).await?;
    tx.commit().await?;
    note_account(app, visit.actor(), origin, "password_changed", &person.email, AuditOutcome::Success)
        .await?;
    let cookie = session::begin(app, person.id, &origin.agent).await?;
    let mut response = see_other(&visit.path("/account?done=password"));
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

/// The rules of a new password, typed twice.
fn new_password(new: &Secret, again: &Secret, email: &str, errors: &mut FieldErrors) {
    match password::validate(new) {
        Ok(()) if new.expose().eq_ignore_ascii_case(email) => {
            errors.add("password", "The password is the e-mail address. Choose another.");
        }
        Ok(()) => {}
        Err(PasswordError::TooShort) => errors.add("password", "Use at least 12 characters."),
        Err(_) => errors.add("password", "This password is longer than 1024 bytes."),
    }
    if new != again {
        errors.add("again", "The two passwords differ.");
    }
}

fn render(
    visit: &Visit,
    status: StatusCode,
    errors: FieldErrors,
    error: Option<&'static str>,
) -> Result<Response, PageError> {
    let page = PasswordPage {
        shell: visit.shell(Section::Account, "Account"),
        tabs: Tab::of(&visit.by.person),
        tab: Tab::Profile,
        role: super::people::role_label(visit.by.person.role),
        errors,
        error,
    };
    page_with(status, &page)
}
