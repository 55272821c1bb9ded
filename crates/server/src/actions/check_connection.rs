//! Trying the stored credentials of a connection at its service, and keeping what the service said.

use dovetail_activity::{Beginning, error_details};
use dovetail_catalog::Provider;
use dovetail_connect::verify::{self, Report, TestFailure, Verdict};
use dovetail_model::{
    Actor, CredentialState, EnvironmentId, Level, OperationId, OperationKind, OperationState, Timestamp,
};
use dovetail_store::connections::{self, SealedConnection};
use dovetail_store::{StoreError, Tx, environments, integrations, operations};
use dovetail_webhooks::{AuthEvent, AuthFailure, AuthOperation, Subject, enqueue_auth};

use super::log_link::note_exchanges;
use crate::state::AppState;

/// What a check found, or why none could be made.
#[derive(Debug)]
pub(crate) enum Checked {
    /// The service was asked, or has nothing to ask.
    Tested {
        /// Display name of the service.
        provider: String,
        /// What it said.
        outcome: Result<Verdict, TestFailure>,
    },
    /// The catalogue has no definition of the service any more.
    NoDefinition,
    /// The integration was deleted in the meantime.
    NoIntegration,
}

/// Checks a connection's credentials and writes down what is known of them now.
pub(crate) async fn check_connection(
    app: &AppState,
    environment: EnvironmentId,
    by: Actor,
    connection: &SealedConnection,
) -> Result<Checked, StoreError> {
    let Some(provider) = app.catalog.current().shared(&connection.info.provider) else {
        return Ok(Checked::NoDefinition);
    };
    let mut db = app.store.read().await?;
    let integration = integrations::get(&mut db, environment, connection.info.integration).await?;
    drop(db);
    let Some(integration) = integration else { return Ok(Checked::NoIntegration) };
    let opened = connection.open()?;
    let subject = verify::Subject {
        provider: &provider,
        integration: &integration,
        connection_id: &connection.info.connection_id,
        connection_config: &opened.config,
        credentials: &opened.credentials,
    };
    let report = verify::verify(&app.egress, app.now(), &*app.random, subject).await;
    write_down(app, by, &provider, connection, &report).await?;
    Ok(Checked::Tested { provider: provider.display_name.clone(), outcome: report.outcome })
}

/// Keeps what the service said: the state of the connection, its problem, and an operation that tells more. The
/// product hears of credentials that are refused from now on, and of those that work again.
async fn write_down(
    app: &AppState,
    by: Actor,
    provider: &Provider,
    connection: &SealedConnection,
    report: &Report,
) -> Result<(), StoreError> {
    let info = &connection.info;
    let environment = info.environment;
    let now = app.now();
    let beginning = Beginning {
        integration: Some((info.integration, info.provider_config_key.clone())),
        provider: Some(info.provider.clone()),
        connection: Some((Some(info.id), info.connection_id.clone())),
        actor: Some(by),
        ..Beginning::new(OperationKind::AuthConnectionTest, environment)
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
        // Credentials that were replaced during the check keep their own state.
        let current =
            connections::set_state(&mut tx, environment, info.id, connection.version, state).await?;
        if current && matches!(state, CredentialState::Refused { .. }) {
            connections::set_auth_error(&mut tx, environment, info.id, Some(&operation.id)).await?;
        }
        let is_turn = is_refused(state) != is_refused(info.state);
        if current && is_turn {
            announce(&mut tx, provider, connection, &operation.id, report.outcome.as_ref().err()).await?;
        }
    }
    tx.commit().await?;
    note_exchanges(app, &operation.id, &report.exchanges);
    Ok(())
}

const fn is_refused(state: CredentialState) -> bool {
    matches!(state, CredentialState::Refused { .. })
}

/// Queues the `auth` webhook of a turn (spec: webhooks.md A2.1, auth-modes.md 21.5).
async fn announce(
    tx: &mut Tx,
    provider: &Provider,
    connection: &SealedConnection,
    operation: &OperationId,
    failure: Option<&TestFailure>,
) -> Result<(), StoreError> {
    let info = &connection.info;
    let Some(environment) = environments::get(tx, info.environment).await? else { return Ok(()) };
    let event = AuthEvent {
        operation: AuthOperation::Refresh,
        connection_id: &info.connection_id,
        provider_config_key: &info.provider_config_key,
        provider: &info.provider,
        auth_mode: provider.auth_mode(),
        environment: &environment.name,
        failure: failure.map(|failure| AuthFailure {
            kind: "connection_test_failed".to_owned(),
            description: failure.to_string(),
        }),
        tags: Some(&info.tags),
        end_user: info.end_user.as_ref(),
    };
    let subject = Subject {
        connection: Some(info.id),
        webhook_url: info.webhook_url.as_deref(),
        operation: Some(operation),
    };
    enqueue_auth(tx, &environment, &event, subject).await.map(|_| ())
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
