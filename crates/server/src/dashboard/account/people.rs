//! `/dashboard/{environment}/account/people`: who may sign in, and as what.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use dovetail_model::{Role, UserId};
use dovetail_store::users::{self, User};
use http::StatusCode;

use super::Tab;
use crate::dashboard::audit::note_member;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::format::When;
use crate::dashboard::page::{page, page_with, see_other};
use crate::dashboard::rules;
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::{AnyVisit, Visit};

struct Row {
    id: i64,
    email: String,
    role: Role,
    label: &'static str,
    own: bool,
    created: When,
}

#[derive(Template)]
#[template(path = "dashboard/account/people.html")]
struct PeoplePage {
    shell: Shell,
    tabs: Vec<Tab>,
    tab: Tab,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "dashboard/account/person_remove.html")]
struct RemovePage {
    shell: Shell,
    email: String,
    errors: FieldErrors,
}

/// Roles in the order in which they are offered, with what they may do.
pub(super) const ROLES: [(Role, &str, &str); 3] = [
    (Role::Administrator, "Full access", "Everything, also people and account keys."),
    (
        Role::ProductionSupport,
        "Support",
        "Everything outside production; in production reading, without secrets.",
    ),
    (Role::DevelopmentFullAccess, "Contributor", "Everything outside production; production is not shown."),
];

/// A role as people read it.
pub(super) fn role_label(role: Role) -> &'static str {
    ROLES.iter().find(|(known, ..)| *known == role).map_or(role.as_str(), |(_, label, _)| label)
}

/// Everybody.
pub(crate) async fn list(AnyVisit(visit): AnyVisit) -> Result<Response, PageError> {
    administrators_only(&visit)?;
    let mut db = visit.app().store.read().await?;
    let rows = users::list(&mut db).await?.into_iter().map(|user| Row {
        id: user.id.0,
        label: role_label(user.role),
        role: user.role,
        own: user.id == visit.by.person.id,
        created: visit.when(user.created_at),
        email: user.email,
    });
    page(&PeoplePage {
        shell: visit.shell(Section::Account, "Account"),
        tabs: Tab::of(&visit.by.person),
        tab: Tab::People,
        rows: rows.collect(),
    })
}

/// Gives somebody another role.
pub(crate) async fn change(
    AnyVisit(visit): AnyVisit,
    Path(params): Path<HashMap<String, String>>,
    fields: Fields,
) -> Result<Response, PageError> {
    let user = other(&visit, &params).await?;
    let role = Role::parse(fields.get("role")).ok_or(PageError::Malformed)?;
    if role != user.role {
        let mut tx = visit.app().store.begin().await?;
        users::set_role(&mut tx, user.id, role).await?;
        note_member(&mut tx, &visit, "role_changed", &user).await?;
        tx.commit().await?;
    }
    Ok(see_other(&visit.path("/account/people?done=saved")))
}

/// Asks for the address of whom to remove.
pub(crate) async fn ask(
    AnyVisit(visit): AnyVisit,
    Path(params): Path<HashMap<String, String>>,
) -> Result<Response, PageError> {
    let user = other(&visit, &params).await?;
    confirm(&visit, user, StatusCode::OK, FieldErrors::default())
}

/// Removes somebody, and signs the person out everywhere.
pub(crate) async fn remove(
    AnyVisit(visit): AnyVisit,
    Path(params): Path<HashMap<String, String>>,
    fields: Fields,
) -> Result<Response, PageError> {
    let user = other(&visit, &params).await?;
    if let Some(errors) = rules::confirmation(fields.get("confirm"), &user.email) {
        return confirm(&visit, user, StatusCode::BAD_REQUEST, errors);
    }
    let mut tx = visit.app().store.begin().await?;
    users::delete(&mut tx, user.id).await?;
    note_member(&mut tx, &visit, "removed", &user).await?;
    tx.commit().await?;
    Ok(see_other(&visit.path("/account/people?done=person-removed")))
}

/// Somebody of the path who is not oneself: whoever acts stays, so an administrator is always left.
async fn other(visit: &Visit, params: &HashMap<String, String>) -> Result<User, PageError> {
    administrators_only(visit)?;
    let id: Option<i64> = params.get("id").and_then(|id| id.parse().ok());
    let mut db = visit.app().store.read().await?;
    let found = match id {
        Some(id) => users::get(&mut db, UserId(id)).await?,
        None => None,
    };
    let user = found.ok_or_else(|| PageError::not_found("This person", visit.path("/account/people")))?;
    if user.id == visit.by.person.id { Err(PageError::Forbidden) } else { Ok(user) }
}

pub(super) fn administrators_only(visit: &Visit) -> Result<(), PageError> {
    if visit.by.person.is_administrator() { Ok(()) } else { Err(PageError::Forbidden) }
}

fn confirm(
    visit: &Visit,
    user: User,
    status: StatusCode,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let shell = visit
        .shell(Section::Account, "Remove person")
        .crumb("Account", "/account")
        .crumb("People", "/account/people");
    page_with(status, &RemovePage { shell, email: user.email, errors })
}
