//! What the activity log, the metrics and the audit trail learn of an attempt to link an account.

use dovetail_activity::{Beginning, HttpNote, error_details};
use dovetail_catalog::Provider;
use dovetail_connect::link::Linked;
use dovetail_connect::obtain::ObtainError;
use dovetail_connect::verify::{Exchange, Report, TestFailure, Verdict};
use dovetail_model::{
    Actor, AuthMode, Environment, Integration, Level, MessageContext, OperationId, OperationKind,
    OperationState,
};
use dovetail_store::connections::UpsertKind;
use dovetail_store::operations::Operation;
use serde_json::{Map, json};

use super::connection_deed::on_connection;
use crate::state::AppState;
use crate::wire::{ApiError, ErrorCode};

/// An attempt to link an account, and its operation.
#[derive(Debug)]
pub(crate) struct Attempted {
    pub(crate) operation: Operation,
    /// Whether the operation belongs to a session and outlives this attempt.
    pub(super) outlives: bool,
    pub(super) provider: String,
}

impl Attempted {
    /// An attempt within the operation of a session, or with one of its own.
    pub(crate) fn new(
        app: &AppState,
        environment: &Environment,
        integration: &Integration,
        connection_id: &str,
        actor: &Actor,
        session_operation: Option<&OperationId>,
    ) -> Self {
        let beginning = Beginning {
            integration: Some((integration.id, integration.unique_key.clone())),
            provider: Some(integration.provider.clone()),
            connection: Some((None, connection_id.to_owned())),
            actor: Some(actor.clone()),
            ..Beginning::new(OperationKind::AuthCreateConnection, environment.id)
        };
        let mut operation = beginning.operation(app.now(), &*app.random);
        if let Some(id) = session_operation {
            operation.id = id.clone();
        }
        Self { operation, outlives: session_operation.is_some(), provider: integration.provider.clone() }
    }

    /// The credentials did not pass: what the caller is told. Nothing was kept, and the product gets no webhook.
    pub(crate) fn refused(&self, app: &AppState, report: &[Exchange], failure: &TestFailure) -> ApiError {
        let id = &self.operation.id;
        app.activity.open(&self.operation);
        note_exchanges(app, id, report);
        let details = error_details(failure.reason.word(), &failure.to_string());
        let sentence = format!("The credentials were not kept. {failure}");
        app.activity.note(id, Level::Error, MessageContext::Auth, &sentence, details);
        if !self.outlives {
            app.activity.close(id, OperationState::Failed);
        }
        app.metrics.credential_tests.increment([&self.provider, failure.reason.word()]);
        app.metrics.connect_attempts.increment([&self.provider, "refused"]);
        let code = if failure.reason.is_temporary() {
            ErrorCode::ConnectionTestUnavailable
        } else {
            ErrorCode::ConnectionTestFailed
        };
        ApiError::new(code).message(failure.to_string()).payload(json!({
            "provider": self.provider,
            "status": failure.reason.status(),
            "reason": failure.reason.word(),
            "detail": failure.detail,
        }))
    }

    /// The provider gave no credentials for what the end user submitted: what the caller is told, with the code that
    /// clients of the mode know.
    pub(crate) fn not_obtained(&self, app: &AppState, provider: &Provider, error: &ObtainError) -> ApiError {
        let failure = TestFailure::of_obtain(&provider.display_name, error);
        let refused = self.refused(app, &[], &failure);
        let refused = match error {
            ObtainError::Unbuildable(reason) => refused.message(reason.clone()),
            ObtainError::Unreadable(_) => refused.message(format!(
                "{} accepted the request, but its answer holds no credentials.",
                provider.display_name
            )),
            _ => refused,
        };
        match obtain_code(provider.auth_mode(), error) {
            Some(code) => refused.with_code(code),
            None => refused,
        }
    }

    /// The account is linked, and its operation closed with it.
    pub(crate) fn stored(&self, app: &AppState, by: &Actor, report: &Report, linked: &Linked) {
        note_exchanges(app, &linked.operation, &report.exchanges);
        let (sentence, action) = match linked.kind {
            UpsertKind::Created => ("The connection is stored", "created"),
            UpsertKind::Overridden => ("The credentials of the connection are replaced", "updated"),
        };
        let tested = match &report.outcome {
            Ok(Verdict::Accepted { .. }) => "accepted",
            Ok(Verdict::Untested) | Err(_) => "untested",
        };
        let details = Map::from_iter([("meta".to_owned(), json!({ "test": tested }))]);
        app.activity.note(&linked.operation, Level::Info, MessageContext::Auth, sentence, details);
        app.metrics.credential_tests.increment([&self.provider, tested]);
        app.metrics.connect_attempts.increment([&self.provider, "success"]);
        app.activity.audit(on_connection(by, &linked.connection.info, action, Vec::new()).event());
    }
}

/// The code of a mode that exchanges what it is given (auth-modes.md section 25). `None`: the code of a failed test.
fn obtain_code(mode: AuthMode, error: &ObtainError) -> Option<ErrorCode> {
    let is_ours = matches!(error, ObtainError::Unbuildable(_) | ObtainError::NotRenewable);
    Some(match mode {
        AuthMode::AwsSigv4 if is_ours => ErrorCode::InvalidAwsSigv4Config,
        AuthMode::AwsSigv4 => ErrorCode::AwsSigv4StsRequestFailed,
        _ if error.is_temporary() => return None,
        AuthMode::Oauth2Cc => ErrorCode::ClientCredentialsFetchError,
        AuthMode::TwoStep if matches!(error, ObtainError::Refused { .. }) => {
            ErrorCode::TwoStepCredentialsFetchError
        }
        AuthMode::TwoStep => ErrorCode::InvalidTwoStepCredentials,
        AuthMode::Jwt => ErrorCode::FailedToSign,
        AuthMode::Signature => ErrorCode::SignatureTokenGenerationError,
        AuthMode::Bill if !is_ours => ErrorCode::InvalidBillCredentials,
        _ => return None,
    })
}

/// Notes the requests of a test of credentials under an operation.
pub(super) fn note_exchanges(app: &AppState, operation: &OperationId, exchanges: &[Exchange]) {
    for exchange in exchanges {
        let problem = exchange.failure.as_ref().map(ToString::to_string);
        let note = HttpNote {
            method: &exchange.method,
            url: &exchange.url,
            status: exchange.status,
            problem: problem.as_deref(),
            took: exchange.duration,
            ..HttpNote::default()
        };
        app.activity.http(operation, MessageContext::Auth, note);
    }
}
