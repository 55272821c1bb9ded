//! `/dashboard/{environment}/settings/keys/{id}`: what a key may do.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use dovetail_model::ApiKey;
use http::StatusCode;

use super::limits_form::LimitsForm;
use super::new::shell;
use super::revoke::load;
use super::rights_form::{Group, RightsForm};
use crate::actions::api_keys::change;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::key_revoke::hint;
use crate::dashboard::page::{page_with, see_other};
use crate::dashboard::shell::Shell;
use crate::dashboard::visit::Visit;

#[derive(Template)]
#[template(path = "dashboard/settings/key_edit.html")]
struct EditKeyPage {
    shell: Shell,
    hint: String,
    full: bool,
    groups: Vec<Group>,
    limits: LimitsForm,
    errors: FieldErrors,
    error: Option<String>,
}

/// The form.
pub(crate) async fn show(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
) -> Result<Response, PageError> {
    let key = load(&visit, &params).await?;
    let limits = key.limits.as_deref().cloned().unwrap_or_default();
    let rights = RightsForm::of(&visit, &key.scopes, &limits).await?;
    form(&visit, StatusCode::OK, &key, rights, FieldErrors::default(), None)
}

/// Saves it.
pub(crate) async fn save(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    fields: Fields,
) -> Result<Response, PageError> {
    let key = load(&visit, &params).await?;
    let typed = RightsForm::sent(&visit, &fields).await?;
    let mut errors = FieldErrors::default();
    let error = match typed.read(visit.now(), &mut errors) {
        Err(error) => Some(error),
        Ok(_) if !errors.is_empty() => None,
        Ok(rights) => {
            let changed = change(visit.app(), &visit.actor(), visit.env(), key.id, &rights).await;
            changed.map_err(PageError::Api)?;
            return Ok(see_other(&visit.path("/settings/keys?done=saved")));
        }
    };
    form(&visit, StatusCode::BAD_REQUEST, &key, typed, errors, error)
}

fn form(
    visit: &Visit,
    status: StatusCode,
    key: &ApiKey,
    rights: RightsForm,
    errors: FieldErrors,
    error: Option<String>,
) -> Result<Response, PageError> {
    let page = EditKeyPage {
        shell: shell(visit, &key.name),
        hint: hint(key),
        full: rights.full,
        groups: rights.groups,
        limits: rights.limits,
        errors,
        error,
    };
    page_with(status, &page)
}
