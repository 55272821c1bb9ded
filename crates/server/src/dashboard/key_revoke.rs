//! The page that asks for a key's name before it is revoked, for keys of an environment and of the account.

use askama::Template;
use axum::response::Response;
use dovetail_model::ApiKey;
use http::StatusCode;

use super::error::PageError;
use super::errors::FieldErrors;
use super::format::When;
use super::page::page_with;
use super::shell::Shell;
use super::visit::Visit;

#[derive(Template)]
#[template(path = "dashboard/key_revoke.html")]
struct RevokePage {
    shell: Shell,
    back: String,
    name: String,
    hint: String,
    last_used: Option<When>,
    errors: FieldErrors,
}

/// The page; `back` is the list that the key is on.
pub(super) fn confirm(
    visit: &Visit,
    shell: Shell,
    back: &str,
    key: ApiKey,
    status: StatusCode,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let page = RevokePage {
        shell,
        back: visit.path(back),
        hint: hint(&key),
        last_used: key.last_used_at.map(|at| visit.when(at)),
        name: key.name,
        errors,
    };
    page_with(status, &page)
}

/// The end of a key, by which it is told from others.
pub(super) fn hint(key: &ApiKey) -> String {
    format!("…{}", key.hint)
}
