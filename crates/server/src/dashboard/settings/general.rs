//! `/dashboard/{environment}/settings`: callback URL, facts, deletion.

use askama::Template;
use axum::response::Response;
use dovetail_store::connections::{self, Filter};
use dovetail_store::{environments, integrations};
use http::StatusCode;

use super::Tab;
use crate::actions::environments::{PROD, delete as delete_environment};
use crate::dashboard::audit;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::format::{When, count};
use crate::dashboard::page::{page_with, see_other};
use crate::dashboard::rules;
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::Visit;

#[derive(Template)]
#[template(path = "dashboard/settings/general.html")]
struct GeneralPage {
    shell: Shell,
    tab: Tab,
    default_callback: String,
    effective_callback: String,
    callback_url: String,
    public_url: String,
    connect_url: String,
    sealed: Option<When>,
    may_unseal: bool,
    deletable: bool,
    losses: String,
    errors: FieldErrors,
}

/// The page.
pub(crate) async fn show(visit: Visit) -> Result<Response, PageError> {
    let callback_url = visit.environment.callback_url.clone().unwrap_or_default();
    render(&visit, StatusCode::OK, callback_url, FieldErrors::default()).await
}

/// Saves the callback URL; the empty text brings back the server's own.
pub(crate) async fn save(visit: Visit, fields: Fields) -> Result<Response, PageError> {
    let url = fields.get("callback_url").to_owned();
    let mut errors = FieldErrors::default();
    rules::optional_url(&url, "callback_url", &mut errors);
    if !errors.is_empty() {
        return render(&visit, StatusCode::BAD_REQUEST, url, errors).await;
    }
    let mut tx = visit.app().store.begin().await?;
    let stored = fields.text("callback_url");
    environments::set_callback_url(&mut tx, visit.env(), stored.as_deref()).await?;
    audit::note_environment(&mut tx, &visit, "updated", vec!["callback_url"]).await?;
    tx.commit().await?;
    Ok(see_other(&visit.path("/settings?done=saved")))
}

/// Deletes the environment, once its name has been typed.
pub(crate) async fn delete(visit: Visit, fields: Fields) -> Result<Response, PageError> {
    if let Some(errors) = rules::confirmation(fields.get("confirm"), &visit.environment.name) {
        return render(&visit, StatusCode::BAD_REQUEST, String::new(), errors).await;
    }
    if visit.environment.name == PROD {
        return Err(PageError::Forbidden);
    }
    delete_environment(visit.app(), &visit.actor(), visit.env()).await.map_err(PageError::Api)?;
    Ok(see_other("/dashboard?done=environment-deleted"))
}

/// The page again, with what is wrong.
pub(super) async fn refused(
    visit: &Visit,
    status: StatusCode,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let callback_url = visit.environment.callback_url.clone().unwrap_or_default();
    render(visit, status, callback_url, errors).await
}

async fn render(
    visit: &Visit,
    status: StatusCode,
    callback_url: String,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let mut db = visit.app().store.read().await?;
    let integrations = integrations::list(&mut db, visit.env()).await?.len();
    let connections = connections::count(&mut db, visit.env(), &Filter::default()).await?;
    let default_callback = visit.app().config.absolute("/oauth/callback");
    let page = GeneralPage {
        shell: visit.shell(Section::Settings, "Settings"),
        tab: Tab::General,
        effective_callback: visit
            .environment
            .callback_url
            .clone()
            .unwrap_or_else(|| default_callback.clone()),
        default_callback,
        callback_url,
        public_url: visit.public_url().to_owned(),
        connect_url: visit.app().config.absolute("/connect/"),
        sealed: visit.environment.sealed_at.map(|at| visit.when(at)),
        may_unseal: visit.by.person.is_administrator(),
        deletable: visit.environment.name != PROD,
        losses: format!(
            "its keys, {} and {}",
            count(integrations as u64, "integration"),
            count(connections.unsigned_abs(), "connection")
        ),
        errors,
    };
    page_with(status, &page)
}
