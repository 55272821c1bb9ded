//! `POST …/check`: tries the stored credentials at the service, now.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use dovetail_connect::verify::{Subject, TestFailure, Verdict, verify};
use dovetail_model::{CredentialState, Timestamp};
use dovetail_store::connections::{self, SealedConnection};
use dovetail_store::integrations;
use http::StatusCode;

use super::detail::{Check, Extra, load, render};
use crate::dashboard::error::PageError;
use crate::dashboard::form::Fields;
use crate::dashboard::visit::Visit;

/// Checks, notes what the service said, and shows it.
pub(crate) async fn check(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    _: Fields,
) -> Result<Response, PageError> {
    let connection = load(&visit, &params).await?;
    let outcome = try_out(&visit, &connection).await?;
    let now = visit.now();
    if let Some(state) = state_after(&outcome, now) {
        let mut tx = visit.app().store.begin().await?;
        connections::set_state(&mut tx, visit.env(), connection.info.id, connection.version, state).await?;
        tx.commit().await?;
    }
    let connection = load(&visit, &params).await?;
    let extra = Extra { check: Some(told(&outcome)), ..Extra::default() };
    render(&visit, &connection, StatusCode::OK, extra).await
}

/// Why a check could not be made, or what it found.
enum Outcome {
    Tested(Result<Verdict, TestFailure>, String),
    NoDefinition,
}

async fn try_out(visit: &Visit, connection: &SealedConnection) -> Result<Outcome, PageError> {
    let app = visit.app();
    let Some(provider) = app.catalog.current().shared(&connection.info.provider) else {
        return Ok(Outcome::NoDefinition);
    };
    let mut db = app.store.read().await?;
    let integration = integrations::get(&mut db, visit.env(), connection.info.integration).await?;
    drop(db);
    let integration =
        integration.ok_or_else(|| PageError::not_found("This integration", visit.path("/integrations")))?;
    let opened = connection.open()?;
    let subject = Subject {
        provider: &provider,
        integration: &integration,
        connection_id: &connection.info.connection_id,
        connection_config: &opened.config,
        credentials: &opened.credentials,
    };
    let report = verify(&app.egress, app.now(), &*app.random, subject).await;
    Ok(Outcome::Tested(report.outcome, provider.display_name.clone()))
}

/// What is known after the check; `None` when the service said nothing about the credentials.
fn state_after(outcome: &Outcome, now: Timestamp) -> Option<CredentialState> {
    match outcome {
        Outcome::Tested(Ok(Verdict::Accepted { .. }), _) => Some(CredentialState::Verified { at: now }),
        Outcome::Tested(Err(failure), _) if !failure.reason.is_temporary() => {
            Some(CredentialState::Refused { at: now, status: failure.reason.status() })
        }
        Outcome::Tested(..) | Outcome::NoDefinition => None,
    }
}

fn told(outcome: &Outcome) -> Check {
    let check = |tone, icon, title: String, text: &str| Check { tone, icon, title, text: text.to_owned() };
    match outcome {
        Outcome::Tested(Ok(Verdict::Accepted { status }), provider) => {
            check("good", "check", format!("{provider} answered {status}"), "The credentials work.")
        }
        Outcome::Tested(Ok(Verdict::Untested), provider) => check(
            "",
            "info",
            format!("{provider} has no check"),
            "Its definition names no request that tells whether credentials work. Make a call to find out.",
        ),
        Outcome::Tested(Err(failure), _) => {
            let next = if failure.reason.is_temporary() {
                "Nothing was changed. Check again in a minute."
            } else {
                "Send the end user a reconnect link, so that new credentials can be pasted."
            };
            check("bad", "alert", failure.to_string(), next)
        }
        Outcome::NoDefinition => check(
            "warn",
            "warn",
            "The service has no definition any more".to_owned(),
            "Put its definition back into the overlay folder of this server.",
        ),
    }
}
