//! `GET /dashboard`: on to an environment.

use axum::response::Response;
use dovetail_store::environments;

use super::error::PageError;
use super::page::see_other;
use super::shell::{base_of, done_text};
use super::visit::SignedIn;

/// The first environment (`dev` on a fresh server).
pub(crate) async fn home(by: SignedIn) -> Result<Response, PageError> {
    let mut db = by.app.store.read().await?;
    let first = environments::list(&mut db).await?.into_iter().next();
    let code = by.query("done");
    let done = done_text(&code).map(|_| format!("?done={code}")).unwrap_or_default();
    Ok(match first {
        Some(environment) => see_other(&format!("{}{done}", base_of(&environment.name))),
        None => see_other("/dashboard/environments/new"),
    })
}
