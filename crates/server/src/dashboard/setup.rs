//! `/dashboard/setup?token=…`: the owner account, made with the token that the first start prints.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::response::Response;
use dovetail_model::{Actor, AuditOutcome, Role, Secret};
use dovetail_store::{meta, users};
use http::StatusCode;
use http::header::SET_COOKIE;
use serde::Deserialize;

use super::audit::{Origin, note_account};
use super::door::Door;
use super::error::PageError;
use super::errors::FieldErrors;
use super::form::DoorFields;
use super::page::see_other;
use super::password::{self, PasswordError};
use super::throttle::Throttle;
use super::{rules, session};
use crate::state::AppState;

#[derive(Template)]
#[template(path = "dashboard/setup.html")]
struct SetupPage<'a> {
    csrf: &'a str,
    token: &'a str,
    email: &'a str,
    errors: FieldErrors,
}

#[derive(Template)]
#[template(path = "dashboard/message.html")]
struct Closed {
    status: u16,
    title: &'static str,
    text: &'static str,
    href: &'static str,
    link: &'static str,
}

/// `?token=`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    token: String,
}

/// The form, while the token is good.
pub(crate) async fn show(
    State(app): State<AppState>,
    door: Door,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    let Query(Asked { token }) = asked.unwrap_or_default();
    let mut db = app.store.read().await?;
    if !meta::is_setup_token(&mut db, &Secret::new(token.clone())).await? {
        return closed(door);
    }
    drop(db);
    form(door, StatusCode::OK, &token, "", FieldErrors::default())
}

/// Makes the account, uses up the token, and signs in.
pub(crate) async fn create(
    State(app): State<AppState>,
    Extension(throttle): Extension<Throttle>,
    door: Door,
    origin: Origin,
    DoorFields(fields): DoorFields,
) -> Result<Response, PageError> {
    let token = Secret::new(fields.get("token"));
    let place = origin.address.map_or_else(String::new, |address| address.to_string());
    if throttle.attempt("set-up token", &place, app.now()).is_err() {
        return closed(door);
    }
    let mut db = app.store.read().await?;
    let good = meta::is_setup_token(&mut db, &token).await?;
    drop(db);
    if !good {
        return closed(door);
    }
    let email = fields.get("email").to_lowercase();
    let password = fields.secret("password").cloned().unwrap_or_default();
    let mut errors = FieldErrors::default();
    rules::email(&email, "email", &mut errors);
    match password::validate(&password) {
        Ok(()) => {}
        Err(PasswordError::TooShort) => errors.add("password", "Use at least 12 characters."),
        Err(_) => errors.add("password", "This password is longer than 1024 bytes."),
    }
    if fields.secret("again") != Some(&password) {
        errors.add("again", "The two passwords differ.");
    }
    if password.expose().eq_ignore_ascii_case(&email) {
        errors.add("password", "The password is the e-mail address. Choose another.");
    }
    if !errors.is_empty() {
        return form(door, StatusCode::BAD_REQUEST, token.expose(), &email, errors);
    }
    let hash = password::hash(password, &*app.random).await.map_err(PageError::internal)?;
    let mut tx = app.store.begin().await?;
    // Taking the token and making the account are one transaction: of two who hold it, one wins.
    let user = if meta::take_setup_token(&mut tx, &token).await? {
        users::create(&mut tx, &email, &email, &hash, Role::Administrator).await?
    } else {
        None
    };
    let Some(user) = user else { return closed(door) };
    tx.commit().await?;
    throttle.succeeded("set-up token");
    let cookie = session::begin(&app, user.id, &origin.agent).await?;
    let actor = Actor::User { id: user.id.0, display: user.email.clone() };
    note_account(&app, actor, &origin, "signup", &email, AuditOutcome::Success).await?;
    let mut response = see_other("/dashboard");
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

fn form(
    door: Door,
    status: StatusCode,
    token: &str,
    email: &str,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let csrf = door.csrf.clone();
    door.answer(status, &SetupPage { csrf: &csrf, token, email, errors })
}

/// One answer for a wrong, a used and an old token.
fn closed(door: Door) -> Result<Response, PageError> {
    let page = Closed {
        status: 403,
        title: "This set-up link does not work",
        text: "It was used already, or it is not complete. With an account, sign in. Without one, start the server again: it prints a new link as long as there is no owner.",
        href: "/dashboard/sign-in",
        link: "Sign in",
    };
    door.answer(StatusCode::FORBIDDEN, &page)
}
