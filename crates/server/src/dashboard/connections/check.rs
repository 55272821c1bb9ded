//! `POST …/check`: tries the stored credentials at the service, now.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use dovetail_activity::{Beginning, HttpNote, error_details};
use dovetail_connect::verify::{Report, Subject, TestFailure, Verdict, verify};
use dovetail_model::{CredentialState, Level, MessageContext, OperationKind, OperationState, Timestamp};
use dovetail_store::connections::{self, SealedConnection};
use dovetail_store::{integrations, operations};
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
    if let Outcome::Tested(report, _) = &outcome {
        write_down(&visit, &connection, report).await?;
    }
    let connection = load(&visit, &params).await?;
    let extra = Extra { check: Some(told(&outcome)), ..Extra::default() };
    render(&visit, &connection, StatusCode::OK, extra).await
}

/// Why a check could not be made, or what it found.
enum Outcome {
    Tested(Report, String),
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
    Ok(Outcome::Tested(report, provider.display_name.clone()))
}

/// Keeps what the service said: the state of the connection, its problem, and an operation that tells more.
async fn write_down(visit: &Visit, connection: &SealedConnection, report: &Report) -> Result<(), PageError> {
    let (app, info) = (visit.app(), &connection.info);
    let now = app.now();
    let beginning = Beginning {
        integration: Some((info.integration, info.provider_config_key.clone())),
        provider: Some(info.provider.clone()),
        connection: Some((Some(info.id), info.connection_id.clone())),
        actor: Some(visit.actor()),
        ..Beginning::new(OperationKind::AuthConnectionTest, visit.env())
    };
    let mut operation = beginning.operation(now, &*app.random);
    operation.state = OperationState::Success;
    operation.ended_at = Some(now);
    if let Err(failure) = &report.outcome {
        operation.state = OperationState::Failed;
        operation.level = Level::Error;
        operation.details.extend(error_details(failure.reason.word(), &failure.to_string()));
    }
    let mut tx = app.store.begin().await?;
    operations::create(&mut tx, &operation).await?;
    if let Some(state) = state_after(&report.outcome, now) {
        let current =
            connections::set_state(&mut tx, visit.env(), info.id, connection.version, state).await?;
        if current && matches!(state, CredentialState::Refused { .. }) {
            connections::set_auth_error(&mut tx, visit.env(), info.id, Some(&operation.id)).await?;
        }
    }
    tx.commit().await?;
    for exchange in &report.exchanges {
        let problem = exchange.failure.as_ref().map(ToString::to_string);
        let note = HttpNote {
            method: &exchange.method,
            url: &exchange.url,
            status: exchange.status,
            problem: problem.as_deref(),
            took: exchange.duration,
        };
        app.activity.http(&operation.id, MessageContext::Auth, note);
    }
    Ok(())
}

/// What is known after the check; `None` when the service said nothing about the credentials.
fn state_after(outcome: &Result<Verdict, TestFailure>, now: Timestamp) -> Option<CredentialState> {
    match outcome {
        Ok(Verdict::Accepted { .. }) => Some(CredentialState::Verified { at: now }),
        Err(failure) if !failure.reason.is_temporary() => {
            Some(CredentialState::Refused { at: now, status: failure.reason.status() })
        }
        Ok(Verdict::Untested) | Err(_) => None,
    }
}

fn told(outcome: &Outcome) -> Check {
    let check = |tone, icon, title: String, text: &str| Check { tone, icon, title, text: text.to_owned() };
    let Outcome::Tested(report, provider) = outcome else {
        return check(
            "warn",
            "warn",
            "The service has no definition any more".to_owned(),
            "Put its definition back into the overlay folder of this server.",
        );
    };
    match &report.outcome {
        Ok(Verdict::Accepted { status }) => {
            check("good", "check", format!("{provider} answered {status}"), "The credentials work.")
        }
        Ok(Verdict::Untested) => check(
            "",
            "info",
            format!("{provider} has no check"),
            "Its definition names no request that tells whether credentials work. Make a call to find out.",
        ),
        Err(failure) if failure.reason.is_temporary() => {
            check("warn", "warn", failure.to_string(), "Nothing was changed. Check again in a minute.")
        }
        Err(failure) => check(
            "bad",
            "alert",
            failure.to_string(),
            "Send the end user a reconnect link, so that new credentials can be pasted.",
        ),
    }
}
