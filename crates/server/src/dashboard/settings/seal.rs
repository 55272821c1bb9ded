//! `/dashboard/{environment}/settings/seal`: from now on nobody is shown the environment's secrets; or they are again.

use axum::Extension;
use axum::response::Response;
use dovetail_model::AuditOutcome;
use dovetail_store::{environments, users};
use http::StatusCode;

use super::general;
use crate::dashboard::audit;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::page::see_other;
use crate::dashboard::password::{self, PasswordError};
use crate::dashboard::throttle::Throttle;
use crate::dashboard::visit::Visit;

/// Seals it. Whoever may change the environment may: it takes nothing away that cannot be given back.
pub(crate) async fn seal(visit: Visit, _: Fields) -> Result<Response, PageError> {
    set(&visit, true).await
}

/// Opens it again: administrators only, who give their password once more.
pub(crate) async fn unseal(
    visit: Visit,
    Extension(throttle): Extension<Throttle>,
    fields: Fields,
) -> Result<Response, PageError> {
    let (app, person) = (visit.app(), &visit.by.person);
    if !person.is_administrator() {
        return Err(PageError::Forbidden);
    }
    let refused =
        |status, text: &'static str| general::refused(&visit, status, FieldErrors::one("password", text));
    let origin = &visit.by.origin;
    let place = origin.address.map_or_else(String::new, |address| address.to_string());
    if throttle.attempt(&person.email, &place, app.now()).is_err() {
        let text = "Too many attempts. Try again in a few minutes.";
        return refused(StatusCode::TOO_MANY_REQUESTS, text).await;
    }
    let stored = users::get(&mut app.store.read().await?, person.id).await?.map(|user| user.password_hash);
    let given = fields.secret("password").cloned().unwrap_or_default();
    match password::verify(given, stored).await {
        Ok(true) => throttle.succeeded(&person.email),
        Ok(false) => {
            let (actor, failed) = (visit.actor(), AuditOutcome::Failure);
            audit::note_account(app, actor, origin, "environment_unsealed", &person.email, failed).await?;
            return refused(
                StatusCode::BAD_REQUEST,
                "This is not your password. The environment stays sealed.",
            )
            .await;
        }
        Err(PasswordError::Busy) => {
            let text = "The server is checking other passwords. Try again in a moment.";
            return refused(StatusCode::TOO_MANY_REQUESTS, text).await;
        }
        Err(error) => return Err(PageError::internal(error)),
    }
    set(&visit, false).await
}

async fn set(visit: &Visit, sealed: bool) -> Result<Response, PageError> {
    let mut tx = visit.app().store.begin().await?;
    if environments::set_sealed(&mut tx, visit.env(), sealed).await? {
        let action = if sealed { "sealed" } else { "unsealed" };
        audit::note_environment(&mut tx, visit, action, Vec::new()).await?;
    }
    tx.commit().await?;
    let done = if sealed { "sealed" } else { "unsealed" };
    Ok(see_other(&visit.path(&format!("/settings?done={done}"))))
}
